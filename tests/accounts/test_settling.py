"""How bills of the past stand today."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.settling import Settled, Standing, settled

PAID, PARTLY, UNPAID, OVERPAID, UNKNOWN = Settled


@pytest.mark.parametrize(
    ("bills", "credited", "expected"),
    [
        ([], 0, []),
        ([Standing(1000, 900), Standing(900, 0)], 0, [UNPAID, PAID]),
        ([Standing(1000, 900), Standing(900, 0)], 400, [PARTLY, PAID]),
        ([Standing(1000, 900), Standing(900, 0)], 1000, [PAID, PAID]),
        ([Standing(1900, 0), Standing(900, 0)], 0, [UNPAID, UNPAID]),
        # A late payment covers the oldest debt first.
        ([Standing(1900, 0), Standing(900, 0)], 1000, [PARTLY, PAID]),
        ([Standing(-50, 950), Standing(900, 0)], 0, [OVERPAID, PAID]),
        ([Standing(0, 900)], 0, [PAID]),
        # Sums alone tell nothing of the past, but who owes nothing has paid.
        ([Standing(1000, None), Standing(900, None)], 0, [UNPAID, UNKNOWN]),
        ([Standing(1000, None), Standing(900, None)], 1000, [PAID, PAID]),
    ],
)
def test_bill_is_paid_once_what_came_later_covers_it(
    bills: list[Standing], credited: int, expected: list[Settled]
) -> None:
    assert list(settled(bills, credited)) == expected


@given(st.lists(st.builds(Standing, st.integers(1, 10**6), st.integers(0, 10**6)), min_size=2), st.integers(0, 10**6))
def test_older_bill_of_the_same_sum_is_never_worse_off(bills: list[Standing], credited: int) -> None:
    same = [Standing(1000, bill.paid) for bill in bills]
    order = {UNPAID: 0, PARTLY: 1, PAID: 2}
    assert all(order[newer] <= order[older] for newer, older in pairwise(settled(same, credited)))
