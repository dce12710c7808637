"""What is said of readings that were sent: the value, the number, and how far they have come on their way."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from lkk_reflex.accounts.rules import day_and_month
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import shown
from lkk_reflex.meters.errors import CorrectionRequested, SentBySomebodyElse, WindowClosed
from lkk_reflex.meters.models import ReadingState
from lkk_reflex.meters.rules import Window
from lkk_reflex.meters.standing import Standing, StandingKind
from lkk_reflex.meters.views import Desk, DeskMeter, SentReading

_NO_BREAK = "\N{NO-BREAK SPACE}"
_ASK = "напишите в «Обратную связь»"
_STANDINGS = {
    StandingKind.NOTHING: "",
    StandingKind.DUE: "Передайте показания до {day}",
    StandingKind.PARTLY: "Переданы не все показания за {month}: передайте остальные до {day}",
    StandingKind.GIVEN: "Показания за {month} переданы",
    StandingKind.MISSED: "Показания за {month} не переданы: приём закончился {day}",
}


def month_name(period: BillingPeriod, today: date) -> str:
    """Return `ноябрь`, and the year too when it is another one."""
    return period.label if period.year != today.year else period.label.split()[0]


def moment(at: datetime, time_zone: str) -> str:
    """Return `20.11.2026 в 14:05` in the provider's time zone."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local:%d.%m.%Y} в{_NO_BREAK}{local:%H:%M}"


def standing_words(standing: Standing, today: date) -> str:
    """Say whether the readings of an account are in, or until when they are waited for; empty when nothing is known."""
    month = month_name(standing.period, today) if standing.period else ""
    day = day_and_month(standing.closes_on, today) if standing.closes_on else ""
    return _STANDINGS[standing.kind].format(month=month, day=day)


def sent_title(sent: SentReading | None, today: date) -> str:
    """Return `За ноябрь передано 130`, without the value where it is not the viewer's to see."""
    if sent is None:
        return ""
    month = month_name(sent.period, today)
    values = " / ".join(shown(value) for _, value in sorted(sent.values.items()))
    return f"За {month} передано {values}" if values else f"Показание за {month} передано"


def present_note(meter: DeskMeter, desk: Desk) -> str:
    """Say of the reading of the window's period what has become of it, and what can be done about it today."""
    sent = meter.present
    if sent is None:
        return ""
    if isinstance(meter.refusal, SentBySomebodyElse):
        return "Его передали не из этого кабинета. Исправить показание можно после подтверждения, что счёт ваш."
    told = _way(sent, desk)
    if not sent.can_be_corrected:
        return f"{told} {_how_to_correct(sent)}"
    if meter.refusal is None:
        return f"{told} Можно исправить до {day_and_month(meter.window.closes_on, desk.today)}."
    if isinstance(meter.refusal, WindowClosed):
        return f"{told} Исправить можно будет {_days(meter.window, desk.today)}."
    return told


def last_note(sent: SentReading | None, desk: Desk) -> str:
    """Say what has become of the reading of a period whose window is over."""
    if sent is None:
        return ""
    if not sent.values:
        return "Его передали не из этого кабинета."
    return f"{_way(sent, desk)} {_how_to_correct(sent)}"


def is_said_of_present(meter: DeskMeter) -> bool:
    """Tell whether the refusal is about the reading that was sent, whose note says it already."""
    return meter.present is not None and isinstance(meter.refusal, CorrectionRequested | SentBySomebodyElse)


def _days(window: Window, today: date) -> str:
    """Return `с 1 по 25 декабря`, `с 23 ноября по 3 декабря`."""
    is_one_month = BillingPeriod.of(window.opens_on) == BillingPeriod.of(window.closes_on)
    opens = str(window.opens_on.day) if is_one_month else day_and_month(window.opens_on, today)
    return f"с {opens} по {day_and_month(window.closes_on, today)}"


def _way(sent: SentReading, desk: Desk) -> str:
    ways = {
        ReadingState.EXPORTED: "выгружено поставщику",
        ReadingState.COUNTED: f"учтено в начислении за {month_name(sent.counted_period or sent.period, desk.today)}",
    }
    number = f"{numbered(sent.number)}, " if sent.number else ""
    return f"{number}{moment(sent.submitted_at, desk.time_zone)} — {ways.get(sent.state, 'принято')}."


def _how_to_correct(sent: SentReading) -> str:
    if sent.state is ReadingState.COUNTED:
        return f"Если в нём ошибка, {_ASK}."
    return f"Исправить может только поставщик: {_ASK}."
