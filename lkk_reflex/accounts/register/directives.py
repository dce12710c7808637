"""Lines of a register that begin with `#`: what the company says about the file as a whole."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from lkk_reflex.accounts.errors import RegisterUnreadable
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_TOTALS = ("FILESUM", "ИТОГО")
_MOMENTS = ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d", "%d.%m.%Y")
_FREE_PERIOD = re.compile(r"\bза\s+((?:0[1-9]|1[0-2])\.20\d\d)\b", re.IGNORECASE)


@dataclass(slots=True)
class Directives:
    """What has been told so far; nothing of it is needed, everything told is checked."""

    names: set[str] = field(default_factory=set)
    total: Money | None = None
    rows: int | None = None
    #: Local time of the provider, without a zone.
    data_as_of: datetime | None = None
    period: BillingPeriod | None = None

    def read(self, line: str, line_number: int) -> None:
        """Take in one line that begins with `#`; unknown ones are remarks.

        Raises:
            RegisterUnreadable: when a known directive has a value that cannot be read.
        """
        text = line.lstrip("#").strip().strip(";").strip()
        try:
            self._take(text)
        except ValueError as error:
            raise RegisterUnreadable(reason=f"строка {line_number}: не читается «#{text[:60]}».") from error

    def _take(self, text: str) -> None:
        name, value = _split(text)
        self.names.add(name)
        if name in _TOTALS:
            self.total = Money.parse(value)
        elif name == "СТРОК":
            self.rows = int(value)
        elif name == "ДАННЫЕ НА":
            self.data_as_of = local_moment(value)
        elif match := _FREE_PERIOD.search(text):
            self.period = BillingPeriod.parse(match[1])


def _split(text: str) -> tuple[str, str]:
    """Part the name from the value; a spreadsheet puts a separator between them."""
    upper = " ".join(text.upper().replace(";", " ").split())
    for name in (*_TOTALS, "СТРОК", "ДАННЫЕ НА"):
        if upper.startswith(f"{name} "):
            return name, upper.removeprefix(name).strip()
    return upper.partition(" ")[0], ""


def local_moment(text: str) -> datetime:
    """Read `2026-11-01 18:00` or `01.11.2026 18:00`, with or without the time; the zone is the provider's.

    Raises:
        ValueError: for anything else.
    """
    for pattern in _MOMENTS:
        try:
            return datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone is the provider's, added later.
        except ValueError:
            continue
    raise ValueError("not a moment")
