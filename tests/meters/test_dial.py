"""What people type is read by the dial, and refused with the words for what is allowed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.errors import PortalError
from lkk_reflex.meters.dial import (
    RESOURCE_NAMES,
    Dial,
    field_name,
    from_milli,
    meter_and_scale,
    parsed,
    shown,
    to_milli,
    unit_of,
    with_unit,
)
from lkk_reflex.meters.errors import ReadingNegative, ReadingUnreadable, TooManyDecimals, TooManyDigits
from lkk_reflex.meters.models import Resource

WATER, HEAT = Dial(5), Dial(5, 3)
VALUES = st.integers(min_value=0, max_value=99_999_999)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("123", "123"), ("00123", "123"), (" 1 2 3 ", "123"), ("1\u202f234", "1234"), ("1\xa0234", "1234"),
        ("123,456", "123.456"), ("123.456", "123.456"), ("123,", "123"), ("0", "0"), ("000000000", "0"),
        ("123,4000", "123.4"), ("0012,50", "12.5"),
    ],
)  # fmt: skip
def test_spaces_zeros_comma_and_point_are_understood(typed: str, value: str) -> None:
    assert HEAT.parse(typed) == Decimal(value)


def test_comma_and_point_mean_the_same() -> None:
    assert HEAT.parse("7,25") == HEAT.parse("7.25")


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", ReadingUnreadable), ("  ", ReadingUnreadable), ("сто", ReadingUnreadable), ("12a", ReadingUnreadable),
        ("😀", ReadingUnreadable), ("1😀2", ReadingUnreadable), ("<b>12</b>", ReadingUnreadable),
        ("=1+1", ReadingUnreadable), ("=HYPERLINK(1)", ReadingUnreadable), ("1e5", ReadingUnreadable),
        ("1,2,3", ReadingUnreadable), ("1.234,5", ReadingUnreadable), (",5", ReadingUnreadable),
        ("nan", ReadingUnreadable), ("+5", ReadingUnreadable), ("٣", ReadingUnreadable), ("½", ReadingUnreadable),
        ("-5", ReadingNegative), ("−5", ReadingNegative), ("- 12,5", ReadingNegative),
        ("123456", TooManyDigits), ("9" * 200, TooManyDigits), ("123456,7", TooManyDigits),
        ("1,2345", TooManyDecimals),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_what_is_allowed(typed: str, refusal: type[PortalError]) -> None:
    found = parsed(HEAT, typed)
    assert type(found) is refusal
    assert isinstance(found, PortalError)
    assert "не больше 5\xa0цифр до запятой и не больше 3 после" in found.message


def test_digits_after_the_comma_are_refused_where_nobody_asks_for_them() -> None:
    found = parsed(WATER, "123,4")
    assert isinstance(found, TooManyDecimals)
    assert "целое число, не больше 5\xa0цифр" in found.message
    assert parsed(WATER, "123,0") == 123


@given(VALUES)
def test_what_is_shown_is_read_back(milli: int) -> None:
    value = from_milli(milli)
    assert to_milli(value) == milli
    assert HEAT.parse(shown(value)) == value


@given(st.text(max_size=40))
def test_no_text_does_anything_but_give_a_value_or_a_refusal(typed: str) -> None:
    found = parsed(HEAT, typed)
    assert isinstance(found, PortalError) or 0 <= found < HEAT.span


def test_more_than_thousandths_have_no_place_in_the_tables() -> None:
    with pytest.raises(ValueError, match="three digits"):
        to_milli(Decimal("0.0001"))


def test_values_are_shown_as_people_write_them() -> None:
    assert [shown(Decimal(text)) for text in ("7.000", "123.456", "9999", "12345.5", "-3")] == [
        "7", "123,456", "9999", "12\u202f345,5", "−3",
    ]  # fmt: skip
    assert with_unit(Decimal(7), Resource.COLD_WATER) == "7\xa0м³"


def test_every_resource_has_a_name_and_a_unit() -> None:
    assert set(RESOURCE_NAMES) == set(Resource)
    assert {unit_of(resource) for resource in Resource} == {"м³", "кВт·ч", "Гкал"}


def test_names_of_fields_lead_back_to_the_scale() -> None:
    assert meter_and_scale(field_name("0123456789abcdef", 2)) == ("0123456789abcdef", 2)
    for other in ("value-0123456789abcdef-4", "value-x-1", "intent", "value-0123456789abcdef-1 ", ""):
        assert meter_and_scale(other) is None


def test_digits_that_nobody_asks_for_are_cut_off() -> None:
    assert WATER.whole(Decimal("123.999")) == 123
    assert HEAT.whole(Decimal("123.999")) == Decimal("123.999")
