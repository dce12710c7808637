"""Billing periods: how registers write them, and counting in months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.billing_period import BillingPeriod

_ANY_PERIOD = st.builds(BillingPeriod, st.integers(2000, 2090), st.integers(1, 12))


@pytest.mark.parametrize("text", ["1026", "102026", "10.2026", "202610", "2026-10", " 10/2026 "])
def test_every_spelling_of_registers_is_read(text: str) -> None:
    assert BillingPeriod.parse(text) == BillingPeriod(2026, 10)


@pytest.mark.parametrize("text", ["", "1326", "0026", "26", "2026", "октябрь", "13.2026", "209913", "१०२६"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="billing period"):
        BillingPeriod.parse(text)


@given(_ANY_PERIOD)
def test_the_table_form_can_be_read_again(period: BillingPeriod) -> None:
    assert BillingPeriod.from_key(period.key) == period
    assert BillingPeriod.parse(f"{period.month:02d}{period.year % 100:02d}") == period
    assert BillingPeriod.of(period.first_day) == period


@given(_ANY_PERIOD, st.integers(-100, 100))
def test_going_there_and_back_ends_where_it_began(period: BillingPeriod, months: int) -> None:
    if 1990 <= period.year + months / 12 <= 2099:
        assert period.shifted(months).shifted(-months) == period


def test_months_follow_one_another_over_a_new_year() -> None:
    assert BillingPeriod(2026, 12).shifted(1) == BillingPeriod(2027, 1)
    assert BillingPeriod(2026, 1).shifted(-1).first_day == date(2025, 12, 1)
    assert BillingPeriod(2026, 10).label == "октябрь 2026"
