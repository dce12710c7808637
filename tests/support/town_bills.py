"""What the demo town's registers say its people owe: read from the files, past the portal."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.sandbox import town
from lkk_reflex.sandbox.town_maker import MONTHS, registers_of
from tests.support.locks import locked


@dataclass(frozen=True)
class TownAccount:
    """One account of the town with its newest bill."""

    provider: str
    number: str
    owner: str
    address: str
    unified: str
    owes_kopecks: int

    @property
    def sum_on_screen(self) -> str:
        """Return the debt as screens write it."""
        return on_screen(self.owes_kopecks)


def on_screen(kopecks: int) -> str:
    """Return a sum as screens write it: `1 542,30 ₽` with narrow no-break spaces."""
    return f"{kopecks // 100:,}".replace(",", "\u202f") + f",{kopecks % 100:02d}\u202f₽"


def newest_period() -> BillingPeriod:
    """Return the month of the town's newest bills: the one before this."""
    return BillingPeriod.of(clock.today("Europe/Moscow")).shifted(-1)


def accounts_of(provider_code: str) -> tuple[TownAccount, ...]:
    """Return the accounts of one provider as the town of this month has them, in the order of its file."""
    return _accounts_of(provider_code, clock.today("Europe/Moscow").replace(day=1))


@cache
def _accounts_of(provider_code: str, month: date) -> tuple[TownAccount, ...]:
    name = next(provider.name for provider in town.PROVIDERS if provider.code == provider_code)
    with registers_of(month) as (directory, first):
        lines = (directory / f"{provider_code}.csv").read_text(encoding="utf-8-sig").splitlines()
    newest = first.shifted(MONTHS - 1)
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter=";")
    found: dict[str, TownAccount] = {}
    for row in rows:
        # The first line of a bill names the account; the sum to be paid stands there too.
        if BillingPeriod.parse(row["Период"]) == newest and row["К оплате"]:
            owes = int(Decimal(row["К оплате"].replace(",", ".")) * 100)
            found[row["ЛС"]] = TownAccount(name, row["ЛС"], row["ФИО"], row["Адрес"], row["ЕЛС"], owes)
    return tuple(found.values())


def take_indebted(directory: Path, provider_code: str = "gorvodokanal") -> TownAccount:
    """Return an account that owes something and that no other test of this run has had.

    `directory` is that of the portal.
    """
    note = _note(directory, provider_code)
    with locked(note.with_suffix(".lock")):
        taken = _taken(note)
        note.write_text(str(taken + 1))
    return _debtors(provider_code)[taken]


def debtors_left(directory: Path, provider_code: str) -> int:
    """Return how many accounts `take_indebted` has left."""
    return len(_debtors(provider_code)) - _taken(_note(directory, provider_code))


def _debtors(provider_code: str) -> list[TownAccount]:
    return [account for account in accounts_of(provider_code) if account.owes_kopecks > 0]


def _note(directory: Path, provider_code: str) -> Path:
    return directory / f"taken-{provider_code}"


def _taken(note: Path) -> int:
    # The first one is printed at the start for visitors to try.
    return int(note.read_text()) if note.exists() else 1
