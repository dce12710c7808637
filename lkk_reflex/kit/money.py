"""Money in whole kopecks: reading what people and registers write, arithmetic, showing."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

#: Digits of the rouble part are separated by a narrow no-break space, the sign is a real minus.
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

_SPACES = re.compile(r"[\s\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{THIN SPACE}]+")
_AMOUNT = re.compile(r"([+-]?)(\d{1,13})(?:[.,](\d{1,2}))?")
_ROUBLE_SIGNS = re.compile(r"(?:₽|руб(?:\.|лей|ля|ль)?|р\.?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of roubles as a whole number of kopecks; may be negative (an overpayment, a refund)."""

    kopecks: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an amount as people and registers write it: `1542.30`, `1 542,30`, `1542 ₽`.

        Raises:
            ValueError: for anything else: three or more decimals, an exponent, `nan`, letters, nothing.
        """
        bare = _ROUBLE_SIGNS.sub("", _SPACES.sub("", text).replace(MINUS, "-"))
        match = _AMOUNT.fullmatch(bare)
        if match is None or not bare.isascii():
            raise ValueError("not an amount of money")
        sign, roubles, kopecks = match.groups()
        value = int(roubles) * 100 + int((kopecks or "").ljust(2, "0"))
        return cls(-value if sign == "-" else value)

    @classmethod
    def from_decimal(cls, roubles: Decimal) -> Self:
        """Round roubles half up (away from zero) to whole kopecks, as bills are rounded."""
        return cls(int((roubles * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    @classmethod
    def zero(cls) -> Self:
        """Return nothing to pay."""
        return cls(0)

    def to_api(self) -> str:
        """Write with a dot and two digits (`1542.30`), as YooKassa's API and registers want it."""
        sign = "-" if self.kopecks < 0 else ""
        return f"{sign}{abs(self.kopecks) // 100}.{abs(self.kopecks) % 100:02d}"

    def figures(self) -> str:
        """Write for a table: `1 542,30`, with a thin no-break space and a real minus sign."""
        roubles, kopecks = divmod(abs(self.kopecks), 100)
        sign = MINUS if self.kopecks < 0 else ""
        return f"{sign}{f'{roubles:,}'.replace(',', THIN_SPACE)},{kopecks:02d}"

    def __str__(self) -> str:
        return f"{self.figures()}\N{NO-BREAK SPACE}₽"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.kopecks + other.kopecks)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.kopecks - other.kopecks)

    def __neg__(self) -> "Money":
        return Money(-self.kopecks)

    def __bool__(self) -> bool:
        return self.kopecks != 0
