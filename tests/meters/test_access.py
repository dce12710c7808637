"""How much of a meter is seen by who has not proved that it is theirs."""

import pytest

from lkk_reflex.meters.access import masked_serial


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        ("12-345678", "••78"),
        ("1234567", "••67"),
        ("123456", "••6"),
        ("12345", "••"),
        ("0012345", "••"),
        ("№ 7", "••"),
        ("", "••"),
    ],
)
def test_so_much_of_a_serial_number_stays_hidden_that_it_is_not_guessed(serial: str, shown: str) -> None:
    assert masked_serial(serial) == shown
