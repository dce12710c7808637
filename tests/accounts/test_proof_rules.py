"""PINs as they are printed and typed, and the months of bills that may prove something."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts import proof_rules as rules
from lkk_reflex.kit.money import Money


def test_pin_is_eight_of_thirty_one_characters_that_nobody_mixes_up() -> None:
    assert len(set(rules.PIN_ALPHABET)) == 31
    assert not set("01ILO") & set(rules.PIN_ALPHABET)
    pins = {rules.new_pin() for _ in range(200)}
    assert len(pins) == 200
    assert all(len(pin) == 8 and set(pin) <= set(rules.PIN_ALPHABET) for pin in pins)


@pytest.mark.parametrize(
    "typed",
    [
        "7KMP-2XHA",
        "7kmp2xha",
        " 7kmp - 2xha ",
        "7KMP–2XHA",
        "7KMP\N{NO-BREAK SPACE}2XHA",
        "7КМР-2ХНА",
        "7кмр 2хна",
        "7\u200bKMP2XHA\ufeff",
    ],
)
def test_pin_is_taken_as_people_type_it(typed: str) -> None:
    assert rules.clean_pin(typed) == "7KMP2XHA"


@pytest.mark.parametrize("typed", ["", "7KMP", "7KMP2XHA9", "7KMP2XH0", "7KMP2XHI", "7KMP2XH!", "Щ" * 8, "٣" * 8])
def test_what_can_be_no_pin_is_none(typed: str) -> None:
    assert rules.clean_pin(typed) is None


@given(st.text(rules.PIN_ALPHABET, min_size=8, max_size=8))
def test_printed_pin_reads_back(pin: str) -> None:
    assert rules.clean_pin(rules.shown_pin(pin)) == pin


@given(st.text())
def test_any_text_is_read_without_a_fault(typed: str) -> None:
    pin = rules.clean_pin(typed)
    assert pin is None or set(pin) <= set(rules.PIN_ALPHABET)


def test_months_of_bills_are_the_six_before_this_one() -> None:
    months = rules.bill_months(date(2027, 2, 3))
    assert [month.key for month in months] == [202701, 202612, 202611, 202610, 202609, 202608]
    assert rules.typed_month("202612", date(2027, 2, 3)) == months[1]
    assert rules.typed_month("202512", date(2027, 2, 3)) is None
    assert rules.typed_month("", date(2027, 2, 3)) is None


@pytest.mark.parametrize("typed", ["1 542,30", "1542.30", "1542,3 ₽", "1542,30 руб."])
def test_sum_is_taken_in_any_spelling_of_money(typed: str) -> None:
    assert rules.typed_sum(typed) == Money(1542_30)


@pytest.mark.parametrize("typed", ["", "много", "1,234", "=1+1", "🙂"])
def test_what_is_no_sum_is_none(typed: str) -> None:
    assert rules.typed_sum(typed) is None
