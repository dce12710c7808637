"""A calendar month for which a bill is made."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_NOMINATIVE = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
_MONTHS = 12


@dataclass(frozen=True, slots=True, order=True)
class BillingPeriod:
    """A year and a month (1 to 12)."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= _MONTHS or not 1990 <= self.year <= 2099:
            raise ValueError("no such billing period")

    @classmethod
    def from_key(cls, key: int) -> Self:
        """Read the table form: 202610 is October 2026."""
        return cls(key // 100, key % 100)

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the period to which a day belongs."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1026`, `102026`, `10.2026`, `202610`, `2026-10`.

        Six digits are MMYYYY when they can be, as in the registers of banks; otherwise YYYYMM.

        Raises:
            ValueError: for anything else.
        """
        digits = re.sub(r"[\s./-]", "", text)
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError("not a billing period")
        if len(digits) == 4:
            return cls(2000 + int(digits[2:]), int(digits[:2]))
        if len(digits) == 6:
            month_first = 1 <= int(digits[:2]) <= _MONTHS and 1990 <= int(digits[2:]) <= 2099
            return cls(int(digits[2:]), int(digits[:2])) if month_first else cls.from_key(int(digits))
        raise ValueError("not a billing period")

    @property
    def key(self) -> int:
        """Return the table form, which sorts by time: 202610."""
        return self.year * 100 + self.month

    @property
    def label(self) -> str:
        """Return the words for the screen: `октябрь 2026`."""
        return f"{_NOMINATIVE[self.month - 1]} {self.year}"

    @property
    def first_day(self) -> date:
        """Return the first day of the month."""
        return date(self.year, self.month, 1)

    def shifted(self, months: int) -> "BillingPeriod":
        """Return the period so many months later (earlier when negative)."""
        index = self.year * _MONTHS + self.month - 1 + months
        return BillingPeriod(index // _MONTHS, index % _MONTHS + 1)
