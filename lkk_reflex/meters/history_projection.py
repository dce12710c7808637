"""What the history of readings and the charts of consumption show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel.dates import format_date

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import shown
from lkk_reflex.meters.models import ReadingSource, ReadingState
from lkk_reflex.meters.sent_projection import moment
from lkk_reflex.meters.views import Consumption, PastReading
from lkk_reflex.ui.charts import BarChart, Month, chart_of

#: Under which the photos of dials are uploaded and shown.
PHOTOS_PATH = "/readings/photo"
Tone = Literal["info", "good", "warn"]

SOURCE_LABELS: dict[ReadingSource, str] = {
    ReadingSource.SUBSCRIBER: "передано через портал",
    ReadingSource.OPERATOR: "внёс сотрудник",
    ReadingSource.PROVIDER: "от поставщика",
    ReadingSource.ESTIMATED: "по среднему, не со счётчика",
}
#: How a reading that did not come through the portal began, before its own day.
_BY_PROVIDER: dict[ReadingSource, str] = {
    ReadingSource.PROVIDER: "Передано поставщиком, снято",
    ReadingSource.ESTIMATED: "Рассчитано поставщиком на",
}
STATE_LABELS: dict[ReadingState, tuple[str, Tone]] = {
    ReadingState.ACCEPTED: ("Принято", "info"),
    ReadingState.EXPORTED: ("Выгружено", "info"),
    ReadingState.COUNTED: ("Учтено", "good"),
    ReadingState.REPLACED: ("Исправлено", "warn"),
    ReadingState.WITHDRAWN: ("Отозвано", "warn"),
}


@dataclass(frozen=True, slots=True)
class PastLine:
    """One version of a reading."""

    period: str
    meter: str
    serial: str
    value: str
    consumption: str
    source: str
    state: str
    tone: Tone
    #: The steps of its way with their moments, in the order of time.
    way: list[str]
    #: Address of the photo of the dial; empty without one.
    photo: str = ""


@dataclass(frozen=True, slots=True)
class ConsumptionView:
    """The chart of one resource."""

    title: str
    unit: str
    #: `7 м³ в октябре — на 2 меньше, чем год назад`.
    note: str
    chart: BarChart


def past_line(reading: PastReading, time_zone: str) -> PastLine:
    """Make a line of the history; moments are told in the provider's time zone."""
    label, tone = STATE_LABELS[reading.state]
    used = [value.consumption for value in reading.values if value.consumption is not None]
    number = f" {numbered(reading.number)}" if reading.number else ""
    return PastLine(
        period=reading.period.label.capitalize(),
        meter=reading.title,
        serial=numbered(reading.serial),
        value=" / ".join(shown(value.value) for value in reading.values),
        consumption=f"{shown(sum(used, Decimal(0)))}\N{NO-BREAK SPACE}{reading.unit}" if used else "",
        source=SOURCE_LABELS[reading.source] + number,
        state=label,
        tone=tone,
        way=_way(reading, time_zone),
        photo=f"{PHOTOS_PATH}/{reading.photo_id}" if reading.photo_id else "",
    )


def consumption_view(found: Consumption) -> ConsumptionView:
    """Make the chart of one resource."""
    months = [
        Month(
            short=format_date(month.period.first_day, "LLL", locale="ru").rstrip(".")[:3],
            name=month.period.label,
            value=month.amount,
            figure=_figure(month.amount),
            before=month.year_before,
            before_figure=_figure(month.year_before),
        )
        for month in found.months
    ]
    note = _note(found)
    return ConsumptionView(
        title=f"{found.title}: расход, {found.unit}",
        unit=found.unit,
        note=note,
        chart=chart_of(months, f"{found.title}: расход по месяцам. {note}. Все числа — в таблице ниже."),
    )


def consumption_views(found: Sequence[Consumption]) -> list[ConsumptionView]:
    """Make the charts of all resources of which something is known."""
    views = [consumption_view(one) for one in found]
    return [view for view in views if view.chart.bars]


def _way(reading: PastReading, time_zone: str) -> list[str]:
    def step(words: str, at: datetime | None) -> list[str]:
        return [f"{words} {moment(at, time_zone)}"] if at else []

    counted = f"Учтено в начислении за {(reading.counted_period or reading.period).label}"
    if reading.source in _BY_PROVIDER:
        # The moments of what came from the provider are those of loading its file, which are nobody's business.
        steps = [
            f"{_BY_PROVIDER[reading.source]} {reading.taken_on:%d.%m.%Y}",
            *([counted] if reading.counted_at else []),
        ]
    else:
        steps = [*step("Принято", reading.submitted_at), *step("Выгружено поставщику", reading.exported_at)]
        steps += step(f"{counted}:", reading.counted_at)
    if reading.state is ReadingState.REPLACED:
        steps += step("Заменено исправленным", reading.ended_at)
    if reading.state is ReadingState.WITHDRAWN:
        steps += step("Отозвано", reading.ended_at)
    if reading.counts_for_next_period and not reading.counted_at:
        steps.append(f"Передано после срока: учтём при расчёте за {reading.period.label}")
    return steps


def _figure(value: Decimal | None) -> str:
    return "" if value is None else shown(value)


def _note(found: Consumption) -> str:
    last = next((month for month in reversed(found.months) if month.amount is not None), None)
    if last is None or last.amount is None:
        return "Расход за последний год неизвестен"
    told = f"{shown(last.amount)}\N{NO-BREAK SPACE}{found.unit} — {_month(last.period)}"
    if last.year_before is None:
        return told
    more = last.amount - last.year_before
    if not more:
        return f"{told}, столько же, сколько год назад"
    return f"{told}, на {shown(abs(more))} {'больше' if more > 0 else 'меньше'}, чем год назад"


def _month(period: BillingPeriod) -> str:
    day: date = period.first_day
    return format_date(day, "LLLL y", locale="ru")
