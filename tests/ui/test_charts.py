"""The layout of bars, and what those who do not see them get."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.ui.charts import MONTHS_DRAWN, Bar, BarChart, Month, chart_of

FIGURES = st.one_of(st.none(), st.decimals(min_value=0, max_value=99_999, places=3))


def month(number: int, value: Decimal | None, before: Decimal | None = None) -> Month:
    return Month(f"м{number}", f"месяц {number}", value, str(value or ""), before, str(before or ""))


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_nothing_known_draws_nothing() -> None:
    assert chart_of([], "") == BarChart()
    assert chart_of([month(1, None)], "расход") == BarChart()


def test_newest_months_are_drawn_and_the_table_has_all_of_them_newest_first() -> None:
    chart = chart_of([month(number, Decimal(number)) for number in range(1, 13)], "расход")
    assert [bar.short for bar in chart.bars] == [f"м{number}" for number in range(13 - MONTHS_DRAWN, 13)]
    assert [row.name for row in chart.rows] == [f"месяц {number}" for number in range(12, 0, -1)]


def test_bar_is_as_high_as_its_share_of_the_highest() -> None:
    chart = chart_of([month(1, Decimal(5), Decimal(10)), month(2, Decimal("2.5"))], "расход")
    first, second = chart.bars
    assert (share(first.height), share(first.before_height), share(second.height)) == (50, 100, 25)
    assert share(first.before_y) == 0


def test_zero_is_seen_and_the_unknown_is_not() -> None:
    zero, unknown, _ = chart_of([month(1, Decimal(0)), month(2, None), month(3, Decimal(8))], "расход").bars
    assert share(zero.height) > 0
    assert share(unknown.height) == 0


def test_months_without_any_consumption_are_drawn_too() -> None:
    assert share(chart_of([month(1, Decimal(0))], "расход").bars[0].height) > 0


@pytest.mark.parametrize("has_before", [True, False])
def test_year_before_is_drawn_only_when_something_of_it_is_known(*, has_before: bool) -> None:
    chart = chart_of([month(1, Decimal(3), Decimal(4) if has_before else None)], "расход")
    assert chart.has_before is has_before


@given(st.lists(st.tuples(FIGURES, FIGURES), min_size=1, max_size=24))
def test_no_bar_leaves_the_drawing_or_touches_another(figures: list[tuple[Decimal | None, Decimal | None]]) -> None:
    chart = chart_of([month(number, *pair) for number, pair in enumerate(figures)], "расход")
    edge = 0.0
    for bar in chart.bars:
        for left, width, top, height in _rectangles(bar, in_pairs=chart.has_before):
            assert edge - 0.02 <= left
            edge = left + width
            assert edge <= 100.02
            assert top >= -0.02
            assert abs(top + height - 100) <= 0.02


def _rectangles(bar: Bar, *, in_pairs: bool) -> list[tuple[float, float, float, float]]:
    before = (share(bar.before_x), share(bar.width), share(bar.before_y), share(bar.before_height))
    now = (share(bar.x), share(bar.width), share(bar.y), share(bar.height))
    return [before, now] if in_pairs else [now]
