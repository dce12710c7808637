"""Bars of a figure by month beside the same month a year before: drawn as SVG, with the table behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import reflex as rx

from lkk_reflex.ui.buttons import Text
from lkk_reflex.ui.feedback import disclosure, empty_state
from lkk_reflex.ui.tables import Column, table

#: So many months fit side by side with readable figures at 320 px; the table holds all.
MONTHS_DRAWN = 6
#: Shares of the room that a month has: two bars with a gap between, or one alone.
_BAR, _GAP, _LONE_BAR = 0.36, 0.04, 0.6
#: A month without consumption still shows that it was counted.
_LOWEST = 1.5


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a chart; `None` where nothing is known. The figures are ready to be shown."""

    #: `окт`, for the axis.
    short: str
    #: `октябрь 2026`, for the table.
    name: str
    value: Decimal | None
    figure: str
    before: Decimal | None = None
    before_figure: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One month as it is drawn: places and heights are shares of the drawing, `12.50%`."""

    short: str = ""
    name: str = ""
    figure: str = ""
    before_figure: str = ""
    width: str = ""
    x: str = ""
    y: str = ""
    height: str = "0"
    before_x: str = ""
    before_y: str = ""
    before_height: str = "0"


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart ready to be drawn; empty while there is nothing to draw. Made by `chart_of`."""

    #: What the drawing says, in a sentence: who does not see it hears this.
    summary: str = ""
    #: Something is known of the year before.
    has_before: bool = False
    bars: list[Bar] = field(default_factory=list)
    #: All months, the newest first.
    rows: list[Bar] = field(default_factory=list)


def chart_of(months: Sequence[Month], summary: str) -> BarChart:
    """Lay out months in the order of time; the newest `MONTHS_DRAWN` are drawn, all are in the table.

    `chart_of([Month("окт", "октябрь 2026", Decimal(7), "7", Decimal(9), "9")], "7 м³ в октябре…")`
    """
    known = [month for month in months if month.value is not None or month.before is not None]
    if not known:
        return BarChart()
    drawn = months[-MONTHS_DRAWN:]
    has_before = any(month.before is not None for month in drawn)
    highest = max((value for month in drawn for value in (month.value, month.before) if value), default=Decimal(1))
    room = 100 / len(drawn)
    bars = [_bar(month, (index + 0.5) * room, room, highest, in_pairs=has_before) for index, month in enumerate(drawn)]
    rows = [Bar(name=month.name, figure=month.figure, before_figure=month.before_figure) for month in reversed(known)]
    return BarChart(summary, has_before, bars, rows)


def bar_chart(caption: Text, chart: BarChart, *, empty: Text, unit: Text = "") -> rx.Component:
    """Draw a chart with its legend and, behind a line that opens it, the table of all its months.

    `bar_chart("Расход холодной воды", MeterState.chart, unit="м³", empty="Расход появится после второго показания")`
    """
    drawing = rx.el.div(
        rx.el.div(
            _row(chart, lambda bar: bar.figure, class_name="chart-row bar-figure"),
            rx.el.svg(rx.foreach(chart.bars, _drawn_bar), width="100%", height="8.5rem"),
            _row(chart, lambda bar: bar.short),
            rx.cond(chart.has_before, _row(chart, lambda bar: bar.before_figure)),
            class_name="chart",
            role="img",
            aria_label=chart.summary,
        ),
        rx.cond(chart.has_before, _legend()),
        disclosure("Показать таблицей", table(caption, _columns(unit), chart.rows, narrow=True)),
    )
    return rx.cond(chart.summary != "", drawing, empty_state("gauge", empty))


def _bar(month: Month, middle: float, room: float, highest: Decimal, *, in_pairs: bool) -> Bar:
    gap, width = room * _GAP / 2, room * (_BAR if in_pairs else _LONE_BAR)
    height, before = _height(month.value, highest), _height(month.before, highest)
    return Bar(
        short=month.short,
        name=month.name,
        figure=month.figure,
        before_figure=month.before_figure,
        width=_share(width),
        x=_share(middle + gap if in_pairs else middle - width / 2),
        y=_share(100 - height),
        height=_share(height),
        before_x=_share(middle - gap - width),
        before_y=_share(100 - before),
        before_height=_share(before),
    )


def _height(value: Decimal | None, highest: Decimal) -> float:
    return 0.0 if value is None else max(_LOWEST, float(value * 100 / highest))


def _share(number: float) -> str:
    return f"{number:.2f}%"


def _drawn_bar(bar: Bar) -> rx.Component:
    return rx.fragment(
        rx.el.rect(
            x=bar.before_x, y=bar.before_y, width=bar.width, height=bar.before_height, rx="4", class_name="bar-before"
        ),
        rx.el.rect(x=bar.x, y=bar.y, width=bar.width, height=bar.height, rx="4", class_name="bar-now"),
    )


def _row(chart: BarChart, text: Callable[[Bar], str], *, class_name: str = "chart-row") -> rx.Component:
    """Write a line under or over the bars; as text of the page, so that it grows and is judged as such."""
    return rx.el.div(rx.foreach(chart.bars, lambda bar: rx.el.span(text(bar))), class_name=class_name)


def _legend() -> rx.Component:
    marks = (("bar-now", "этот год, число сверху"), ("bar-before", "год назад, число снизу"))
    return rx.el.div(
        *(rx.el.span(rx.el.span(class_name=mark), words, class_name="row") for mark, words in marks),
        class_name="row muted small",
    )


def _columns(unit: Text) -> list[Column]:
    now, before = "Расход", "Год назад"
    return [
        Column("Месяц", lambda row: row.name),
        Column(now, lambda row: _figure(row.figure, unit), figures=True),
        Column(before, lambda row: _figure(row.before_figure, unit), figures=True),
    ]


def _figure(figure: str, unit: Text) -> rx.Component:
    return rx.cond(figure != "", rx.fragment(figure, "\N{NO-BREAK SPACE}", unit), rx.fragment("—"))
