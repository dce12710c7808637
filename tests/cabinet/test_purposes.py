"""What the pay page says a payment goes for: of the newest bill, at extended access only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from lkk_reflex.accounts.allotting import Owed, Purpose
from lkk_reflex.accounts.models import Charge, LinkLevel
from lkk_reflex.cabinet import paying
from lkk_reflex.cabinet.purposes import PURPOSE_LABELS, purposes
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments.models import LedgerEntry, LedgerKind
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.payments import make_payable, make_payment
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock


class Flat:
    """An account that Anna has proved and Boris has only connected; its newest bill has two services."""

    def __init__(self, clock: HeldClock) -> None:
        with unit_of_work() as session:
            self.account = made.make_account(session, made.make_provider(session))
            self.anna, self.boris = make_viewer(session), make_viewer(session)
            self.link_id = made.make_link(session, self.anna, self.account, level=LinkLevel.EXTENDED).public_id
            self.basic_link_id = made.make_link(session, self.boris, self.account).public_id
        self.clock = clock

    def bill(self, closing: int, *lines: tuple[str, int, int], period: int = 10, **fields: Any) -> None:
        """Store a bill; lines are services with their totals and the penalties within."""
        with unit_of_work() as session:
            bill = made.make_bill(session, self.account, closing, period=BillingPeriod(2026, period), **fields)
            for place, (service, total, penalty) in enumerate(lines, start=1):
                session.add(
                    Charge(
                        bill_id=bill.id or 0,
                        line=place,
                        service=service,
                        charged_kopecks=total - penalty,
                        penalty_kopecks=penalty,
                        total_kopecks=total,
                    )
                )

    def owed(self) -> Owed | None:
        with reading() as session:
            return paying.offer(session, self.anna, link_id=self.link_id).bill

    def split(self, total: str) -> list[tuple[str, str]]:
        return [(part.title, part.amount) for part in purposes(self.owed(), total)]


@pytest.fixture
def flat(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Flat]:
    """An account with its owner and a guest."""
    hash_quickly(monkeypatch)
    with held_clock() as clock, configured(monkeypatch, tmp_path):
        yield Flat(clock)


def test_debt_is_split_by_the_newest_bill(flat: Flat) -> None:
    flat.bill(99_999_00, ("Старое", 99_999_00, 0), period=9)
    flat.bill(
        1110_00, ("Холодная вода", 607_00, 7_00), ("Водоотведение", 303_00, 3_00), opening_kopecks=500_00,
        paid_kopecks=300_00,
    )  # fmt: skip
    assert flat.split("1 110,00 ₽") == [
        ("Долг за прежние месяцы", "200,00\u00a0₽"),
        ("Холодная вода", "600,00\u00a0₽"),
        ("Водоотведение", "300,00\u00a0₽"),
        ("Пени", "10,00\u00a0₽"),
    ]
    assert flat.split("1 200,00 ₽")[-1] == ("Вперёд, в счёт следующих квитанций", "90,00\u00a0₽")


def test_payments_since_the_bill_count(flat: Flat) -> None:
    flat.bill(900_00, ("Холодная вода", 600_00, 0), ("Водоотведение", 300_00, 0))
    with unit_of_work() as session:
        session.add(
            LedgerEntry(
                account_id=flat.account.id or 0,
                kopecks=300_00,
                kind=LedgerKind.PAYMENT,
                payment_id=make_payment(session, make_payable(session)).id,
                credited_at=flat.clock.now,
            )
        )
    assert flat.split("600,00 ₽") == [("Холодная вода", "400,00\u00a0₽"), ("Водоотведение", "200,00\u00a0₽")]


def test_bill_of_sums_alone_is_told_as_a_whole(flat: Flat) -> None:
    flat.bill(900_00, penalty_kopecks=100_00)
    assert flat.split("900,00 ₽") == [("Начислено за месяц", "800,00\u00a0₽"), ("Пени", "100,00\u00a0₽")]


def test_basic_access_tells_nothing_of_the_bill(flat: Flat) -> None:
    flat.bill(900_00, ("Холодная вода", 900_00, 0))
    with reading() as session:
        assert paying.offer(session, flat.boris, link_id=flat.basic_link_id).bill is None
    assert purposes(None, "900,00 ₽") == []


def test_without_a_bill_or_a_sum_nothing_is_told(flat: Flat) -> None:
    assert flat.split("100,00 ₽") == []
    flat.bill(900_00, ("Холодная вода", 900_00, 0))
    assert flat.split("") == []
    assert flat.split("—") == []


def test_every_purpose_has_a_label() -> None:
    assert set(PURPOSE_LABELS) == set(Purpose)
