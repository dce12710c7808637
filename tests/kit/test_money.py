"""Money: what is read, what is refused, how it is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.money import Money

_ANY_KOPECKS = st.integers(min_value=-(10**14), max_value=10**14)


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("1542.30", 154230),
        ("1542,30", 154230),
        ("1 542,30", 154230),
        ("1\u00a0542,3", 154230),
        ("1\u202f542,30 ₽", 154230),
        ("1542", 154200),
        ("1542 руб.", 154200),
        ("-0,01", -1),
        ("\N{MINUS SIGN}5", -500),
        ("+7", 700),
        ("0", 0),
    ],
)
def test_usual_spellings_are_read(text: str, kopecks: int) -> None:
    assert Money.parse(text) == Money(kopecks)


@pytest.mark.parametrize(
    "text", ["", " ", "1,234", "1.2.3", "1e3", "nan", "inf", "0x10", "12,", ",5", "--1", "десять", "١٢", "1" * 14]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


@given(_ANY_KOPECKS)
def test_what_is_shown_can_be_read_again(kopecks: int) -> None:
    money = Money(kopecks)
    assert Money.parse(money.to_api()) == money
    assert Money.parse(money.figures()) == money
    assert Money.parse(str(money)) == money


@given(_ANY_KOPECKS, _ANY_KOPECKS)
def test_sums_are_exact(left: int, right: int) -> None:
    assert Money(left) + Money(right) - Money(right) == Money(left)
    assert -Money(left) == Money(-left)


@pytest.mark.parametrize(("roubles", "kopecks"), [("0.005", 1), ("0.004", 0), ("-0.005", -1), ("2.675", 268)])
def test_half_a_kopeck_is_rounded_away_from_zero(roubles: str, kopecks: int) -> None:
    assert Money.from_decimal(Decimal(roubles)) == Money(kopecks)


def test_a_sum_is_shown_with_thin_spaces_and_a_real_minus() -> None:
    assert str(Money(-154230)) == "\N{MINUS SIGN}1\u202f542,30\u00a0₽"
    assert Money(-5).to_api() == "-0.05"
