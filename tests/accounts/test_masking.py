"""Numbers shown where somebody else may look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.masking import account_title, mask_number


@pytest.mark.parametrize(
    ("number", "masked"), [("1000123456", "•••3456"), ("12345", "•••45"), ("12", "•••2"), ("1", "•••"), ("", "•••")]
)
def test_the_end_of_a_number_is_enough_for_its_owner(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.text(st.characters(categories=["Nd", "Lu"]), min_size=2, max_size=30))
def test_at_least_half_of_a_number_stays_hidden(number: str) -> None:
    assert len(mask_number(number).removeprefix("•••")) <= len(number) / 2


def test_own_name_is_what_a_message_says_if_there_is_one() -> None:
    assert account_title("Дача", "1000123456") == "«Дача»"
    assert account_title("", "1000123456") == "лицевой счёт •••3456"
