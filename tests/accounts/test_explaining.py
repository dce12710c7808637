"""«Почему столько?»: every kopeck of the difference has a cause."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.explaining import Accrual, Cause, Explanation, Line, explain
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

SEPTEMBER, OCTOBER = BillingPeriod(2026, 9), BillingPeriod(2026, 10)


def line(
    service: str = "Холодная вода",
    volume: str | None = "5",
    tariff: str | None = "40.00",
    charged: int | None = None,
    *,
    recalculated: int = 0,
    conceded: int = 0,
    penalty: int = 0,
    total: int | None = None,
) -> Line:
    """Make a line whose charge is volume times tariff and whose total is the sum of its columns, unless told."""
    if charged is None:
        charged = Money.from_decimal(Decimal(volume or 0) * Decimal(tariff or 0)).kopecks
    columns = charged + recalculated - conceded + penalty
    return Line(
        service=service,
        unit="м³",
        volume=None if volume is None else Decimal(volume),
        tariff=None if tariff is None else Decimal(tariff),
        charged=Money(charged),
        recalculated=Money(recalculated),
        conceded=Money(conceded),
        penalty=Money(penalty),
        total=Money(columns if total is None else total),
    )


def bill(*lines: Line, period: BillingPeriod = OCTOBER, total: int | None = None) -> Accrual:
    """Make a bill whose sum is that of its lines, unless told."""
    kopecks = sum(each.total.kopecks for each in lines) if total is None else total
    return Accrual(period, lines, Money(kopecks))


def compared(after: Line, before: Line) -> dict[Cause, int]:
    """Return the causes of a difference in kopecks."""
    return causes(explain(bill(after), bill(before, period=SEPTEMBER)))


def causes(explanation: Explanation) -> dict[Cause, int]:
    """Return all causes in kopecks."""
    return {part.cause: part.amount.kopecks for part in explanation.by_cause()}


def test_less_consumption_at_a_higher_tariff_is_two_causes() -> None:
    found = compared(line(volume="3", tariff="42.00"), line(volume="5", tariff="40.00"))
    assert found == {Cause.VOLUME: -8000, Cause.TARIFF: 600}


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        (line(), line(), {}),
        (line(volume="7"), line(volume="5"), {Cause.VOLUME: 8000}),
        (line(tariff="42.00"), line(tariff="40.00"), {Cause.TARIFF: 1000}),
        # Rounding alone is no new tariff.
        (line(volume="0.333", tariff="31.17"), line(volume="0.125", tariff="31.17"), {Cause.VOLUME: 648}),
        (line(recalculated=-500), line(recalculated=300), {Cause.RECALCULATION: -800}),
        (line(conceded=1000), line(), {Cause.CONCESSION: -1000}),
        (line(penalty=158), line(penalty=8), {Cause.PENALTY: 150}),
        # A coefficient of 1.5, which no column tells.
        (line(charged=30000), line(), {Cause.OTHER: 10000}),
        (line(volume="7", charged=42000), line(), {Cause.OTHER: 14000, Cause.VOLUME: 8000}),
        # Nothing but sums.
        (line(volume=None, tariff=None, charged=900), line(volume=None, tariff=None, charged=700), {Cause.OTHER: 200}),
        (line(volume=None, tariff="30"), line(volume=None, tariff="20"), {}),
        (line(volume=None, tariff="30", charged=300), line(volume=None, tariff="20", charged=200), {Cause.TARIFF: 100}),
        # A price that must be found out.
        (line(volume="6", tariff=None, charged=240), line(volume="5", tariff=None, charged=200), {Cause.VOLUME: 40}),
        (line(volume="5", tariff=None, charged=210), line(volume="5", tariff=None, charged=200), {Cause.TARIFF: 10}),
        # Nothing was consumed before: the printed tariff says what a unit costs.
        (line(volume="2"), line(volume="0"), {Cause.VOLUME: 8000}),
        (line(total=25000), line(), {Cause.OTHER: 5000}),
    ],
)  # fmt: skip
def test_each_cause_gets_what_it_makes(after: Line, before: Line, expected: dict[Cause, int]) -> None:
    assert compared(after, before) == expected


def test_service_that_came_and_service_that_went_are_named() -> None:
    found = explain(bill(line("Домофон", "1", "55.00")), bill(line("Лифт", "1", "30.00"), period=SEPTEMBER))
    assert causes(found) == {Cause.APPEARED: 5500, Cause.GONE: -3000}
    assert [(change.service, change.difference.kopecks) for change in found.changes] == [
        ("Домофон", 5500),
        ("Лифт", -3000),
    ]


def test_two_lines_of_one_service_are_taken_together() -> None:
    after = bill(line(volume="2", tariff="40.00"), line(volume="3", tariff="44.00"))
    found = explain(after, bill(line(), period=SEPTEMBER))
    assert causes(found) == {Cause.TARIFF: 1200}


def test_sum_beyond_the_lines_belongs_to_the_bill_as_a_whole() -> None:
    found = explain(bill(line(), total=23000), bill(line(), period=SEPTEMBER))
    assert [(change.service, change.parts[0].amount.kopecks) for change in found.changes] == [("", 3000)]


def test_months_without_a_bill_are_counted() -> None:
    found = explain(bill(line()), bill(line(), period=BillingPeriod(2025, 12)))
    assert found.months_between == 9


kopecks = st.integers(-(10**9), 10**9)
decimals = st.one_of(st.none(), st.decimals(-1000, 10**6, places=4, allow_nan=False))
lines = st.builds(
    Line,
    service=st.sampled_from(["Вода", "Газ", "Лифт"]),
    unit=st.sampled_from(["м³", ""]),
    volume=decimals,
    tariff=decimals,
    charged=kopecks.map(Money),
    recalculated=kopecks.map(Money),
    conceded=kopecks.map(Money),
    penalty=kopecks.map(Money),
    total=kopecks.map(Money),
)
bills = st.builds(Accrual, st.just(OCTOBER), st.lists(lines, max_size=6).map(tuple), kopecks.map(Money))


@given(bills, bills)
def test_parts_add_up_to_the_difference_to_the_kopeck(after: Accrual, before: Accrual) -> None:
    found = explain(after, before)
    assert found.difference == after.total - before.total
    assert sum(part.amount.kopecks for change in found.changes for part in change.parts) == found.difference.kopecks
    assert sum(part.amount.kopecks for part in found.by_cause()) == found.difference.kopecks
    assert all(change.difference.kopecks == sum(p.amount.kopecks for p in change.parts) for change in found.changes)
