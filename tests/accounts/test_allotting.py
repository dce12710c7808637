"""What a payment goes for: the order, the proportions, and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.allotting import Owed, Purpose, Share, allotted
from lkk_reflex.kit.money import Money

EARLIER, SERVICE, PENALTY, AHEAD = Purpose
WATER, SEWAGE = ("Холодная вода", Money(60_000)), ("Водоотведение", Money(30_000))
#: 200 ₽ of earlier periods, 900 ₽ of services, 10 ₽ of penalties.
OWED = Owed(Money(111_000), (WATER, SEWAGE), Money(1_000), Money(20_000))


def split(kopecks: int, owed: Owed = OWED) -> list[tuple[Purpose, str, int]]:
    return [(share.purpose, share.service, share.amount.kopecks) for share in allotted(Money(kopecks), owed)]


def test_the_whole_debt_is_told_in_its_order() -> None:
    assert split(111_000) == [
        (EARLIER, "", 20_000),
        (SERVICE, "Холодная вода", 60_000),
        (SERVICE, "Водоотведение", 30_000),
        (PENALTY, "", 1_000),
    ]


@pytest.mark.parametrize(
    ("kopecks", "parts"),
    [
        (100, [(EARLIER, "", 100)]),
        (20_000, [(EARLIER, "", 20_000)]),
        (20_100, [(EARLIER, "", 20_000), (SERVICE, "Холодная вода", 67), (SERVICE, "Водоотведение", 33)]),
        (20_001, [(EARLIER, "", 20_000), (SERVICE, "Холодная вода", 1)]),
    ],
)
def test_a_part_of_the_debt_covers_what_comes_first(kopecks: int, parts: list[tuple[Purpose, str, int]]) -> None:
    assert split(kopecks) == parts


def test_what_is_more_than_owed_goes_ahead() -> None:
    assert split(112_500)[-2:] == [(PENALTY, "", 1_000), (AHEAD, "", 1_500)]


def test_payments_since_the_bill_have_gone_the_same_way() -> None:
    since = Owed(OWED.closing, OWED.services, OWED.penalty, OWED.earlier, paid_since=Money(65_000))
    assert split(46_000, since) == [
        (SERVICE, "Холодная вода", 30_000),
        (SERVICE, "Водоотведение", 15_000),
        (PENALTY, "", 1_000),
    ]
    paid = Owed(OWED.closing, OWED.services, OWED.penalty, OWED.earlier, paid_since=Money(120_000))
    assert split(500, paid) == [(AHEAD, "", 500)]


def test_overpayment_of_earlier_periods_makes_the_services_cheaper() -> None:
    owed = Owed(Money(45_000), (WATER, SEWAGE), earlier=Money(-45_000))
    assert split(45_000, owed) == [(SERVICE, "Холодная вода", 30_000), (SERVICE, "Водоотведение", 15_000)]


def test_recalculation_that_gives_back_is_no_purpose() -> None:
    owed = Owed(Money(50_000), (WATER, ("Отопление", Money(-10_000))))
    assert split(50_000, owed) == [(SERVICE, "Холодная вода", 50_000)]


def test_earlier_debt_is_what_the_lines_do_not_explain_when_the_register_tells_none() -> None:
    assert split(100_000, Owed(Money(100_000), (WATER, SEWAGE))) == [
        (EARLIER, "", 10_000), (SERVICE, "Холодная вода", 60_000), (SERVICE, "Водоотведение", 30_000),
    ]  # fmt: skip


def test_bill_of_sums_alone_is_one_purpose() -> None:
    assert split(5_000, Owed(Money(7_000), ())) == [(SERVICE, "", 5_000)]


@pytest.mark.parametrize("closing", [0, -5_000])
def test_without_a_debt_everything_goes_ahead(closing: int) -> None:
    assert split(700, Owed(Money(closing), (WATER,), Money(100))) == [(AHEAD, "", 700)]


@pytest.mark.parametrize("kopecks", [0, -1])
def test_nothing_is_for_nothing(kopecks: int) -> None:
    assert split(kopecks) == []


kopecks = st.integers(-(10**9), 10**9)
owed_sums = st.builds(
    Owed,
    kopecks.map(Money),
    st.lists(st.tuples(st.sampled_from(["Вода", "Газ", "Свет"]), kopecks.map(Money)), max_size=6).map(tuple),
    kopecks.map(Money),
    st.none() | kopecks.map(Money),
    kopecks.map(Money),
)


@given(st.integers(1, 10**9), owed_sums)
def test_parts_are_positive_and_add_up_to_the_kopeck(amount: int, owed: Owed) -> None:
    shares = allotted(Money(amount), owed)
    assert sum(share.amount.kopecks for share in shares) == amount
    assert all(share.amount.kopecks > 0 for share in shares)


@given(st.integers(1, 10**9), owed_sums)
def test_penalty_waits_for_everything_before_it_and_nothing_goes_ahead_of_the_debt(amount: int, owed: Owed) -> None:
    def of(shares: list[Share], *purposes: Purpose) -> int:
        return sum(share.amount.kopecks for share in shares if share.purpose in purposes)

    shares, whole = allotted(Money(amount), owed), allotted(Money(10**12), owed)
    if of(shares, SERVICE):
        assert of(shares, EARLIER) == of(whole, EARLIER)
    if of(shares, PENALTY):
        assert of(shares, EARLIER, SERVICE) == of(whole, EARLIER, SERVICE)
    if of(shares, AHEAD):
        assert of(shares, EARLIER, SERVICE, PENALTY) == of(whole, EARLIER, SERVICE, PENALTY)
