"""What the form of readings shows: ready-to-show words, nothing of the tables behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from lkk_reflex.accounts.rules import day_and_month, days_left, plural
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import Dial, shown
from lkk_reflex.meters.errors import VerificationExpired
from lkk_reflex.meters.glance import MeteredAccount
from lkk_reflex.meters.rules import QuestionKind, Verification, VerificationKind, Window
from lkk_reflex.meters.sent_projection import (
    is_said_of_present,
    last_note,
    moment,
    month_name,
    present_note,
    sent_title,
    standing_words,
)
from lkk_reflex.meters.standing import StandingKind
from lkk_reflex.meters.views import (
    Checked,
    CheckedMeter,
    Desk,
    DeskMeter,
    DeskScale,
    Outcome,
    Question,
    Saved,
)

VerificationTone = Literal["", "warn", "bad"]
#: Keys of questions travel in one hidden field.
KEY_SEPARATOR = " "
#: Answers that a company may doubt.
_SURPRISING = frozenset({QuestionKind.ANOMALY, QuestionKind.ROLLOVER})
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class ScaleField:
    """One field: a dial of a meter."""

    name: str = ""
    label: str = ""
    #: `Было 123 (20 октября)`.
    was: str = ""
    #: What was sent for the period already and may be corrected.
    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class MeterForm:
    """One meter in the form."""

    id: str = ""
    title: str = ""
    #: `№ 12-345678 · кухня`.
    where: str = ""
    scales: list[ScaleField] = field(default_factory=list)
    #: It counts by the time of the day.
    has_tariffs: bool = False
    #: How many digits are asked for.
    hint: str = ""
    #: What the typed values mean: `Расход 7 м³ ≈ 412,30 ₽`; that it is an estimate stands beside the total.
    use: str = ""
    window: str = ""
    is_late: bool = False
    #: The reading that has been sent for the period: `За ноябрь передано 130`, and its fate.
    sent: str = ""
    sent_note: str = ""
    #: The same of the period before, while nothing is waited for.
    last: str = ""
    last_note: str = ""
    number: str = ""
    may_correct: bool = False
    #: The fields are shown.
    is_open: bool = True
    #: Why nothing is taken now.
    refusal: str = ""
    verification: str = ""
    verification_tone: VerificationTone = ""


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked before readings are saved; `asked` goes along with the yes."""

    asked: str = ""
    texts: list[str] = field(default_factory=list)
    #: A photo of the dial would help to believe it.
    wants_photo: bool = False


@dataclass(frozen=True, slots=True)
class SavedReading:
    """What is said of a reading that has just been taken."""

    title: str = ""
    text: str = ""
    #: `ХВС: 130 — приняты, № 48-1120`, for a line among others.
    short: str = ""


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account that has meters, in the list to choose from."""

    href: str
    title: str
    subtitle: str
    meters: str
    #: Whether its readings are in, in words.
    standing: str
    #: Nothing is left to give.
    is_given: bool


def account_choice(account: MeteredAccount) -> AccountChoice:
    """Show an account in the list."""
    number = numbered(account.number_shown)
    provider = "" if account.title == account.provider_name else account.provider_name
    count = len(account.meters)
    return AccountChoice(
        href=f"/readings/{account.link_id}",
        title=account.title,
        subtitle=" · ".join(filter(None, (provider, number))),
        meters=f"{count} {plural(count, 'счётчик', 'счётчика', 'счётчиков')}: "
        + ", ".join(dict.fromkeys(meter.title.lower() for meter in account.meters)),
        standing=standing_words(account.standing, account.today),
        is_given=account.standing.kind is StandingKind.GIVEN,
    )


def meter_forms(desk: Desk) -> list[MeterForm]:
    """Make the form of an account; a meter whose reading is sent stays closed until it is corrected."""
    return [_meter_form(meter, desk) for meter in desk.meters]


def with_uses(forms: Sequence[MeterForm], checked: Checked) -> list[MeterForm]:
    """Say at each meter what the typed values mean; where nothing can be said, nothing is."""
    uses = {meter.public_id: _use(meter) for meter in checked.meters}
    return [replace(form, use=uses.get(form.id, "")) for form in forms]


def with_errors(forms: Sequence[MeterForm], errors: Mapping[str, str]) -> list[MeterForm]:
    """Put sentences at their fields and take all others away."""
    return [
        replace(form, scales=[replace(scale, error=errors.get(scale.name, "")) for scale in form.scales])
        for form in forms
    ]


def opened(forms: Sequence[MeterForm], meter_id: str) -> list[MeterForm]:
    """Show the fields of a meter whose reading may be corrected."""
    return [replace(form, is_open=True) if form.id == meter_id and form.may_correct else form for form in forms]


def closed(forms: Sequence[MeterForm], meter_id: str) -> list[MeterForm]:
    """Hide the fields of a meter whose reading is sent, without what was said of their values."""
    return [
        replace(
            form,
            is_open=False,
            use="",
            scales=[replace(scale, error="") for scale in form.scales],
        )
        if form.id == meter_id and form.may_correct
        else form
        for form in forms
    ]


def all_opened(forms: Sequence[MeterForm]) -> list[MeterForm]:
    """Show the fields of all meters whose reading may be given or corrected."""
    return [replace(form, is_open=form.is_open or form.may_correct) for form in forms]


def errors_of(checked: Iterable[CheckedMeter]) -> dict[str, str]:
    """Return the sentences of all refusals by their fields."""
    return {refusal.field: refusal.error.message for meter in checked for refusal in meter.refusals}


def summary_of(checked: Iterable[CheckedMeter]) -> list[tuple[str, str]]:
    """Return pairs of a field and a sentence that names its meter and scale, for the list above the form."""
    return [
        (refusal.field, f"{_named(meter, refusal.field)}: {refusal.error.message}")
        for meter in checked
        for refusal in meter.refusals
    ]


def _named(meter: CheckedMeter, name: str) -> str:
    scale = meter.scales.get(name, "")
    return f"{meter.title}, {scale}" if scale else meter.title


def questions_of(checked: Iterable[CheckedMeter]) -> Questions:
    """Return what is left to ask, each with the meter it is about; meters with refusals ask nothing yet."""
    asked: list[tuple[CheckedMeter, Question]] = [
        (meter, question) for meter in checked if not meter.refusals for question in meter.questions
    ]
    return Questions(
        KEY_SEPARATOR.join(question.key for _, question in asked),
        [f"{meter.title}. {question.text}" for meter, question in asked],
        any(question.kind in _SURPRISING for _, question in asked),
    )


def saved_readings(outcomes: Iterable[Outcome], desk: Desk) -> list[SavedReading]:
    """Say of each reading that was taken: number, time, period, until when it can be corrected."""
    return [_saved(outcome.checked, outcome.saved, desk) for outcome in outcomes if outcome.saved]


def total_of(checked: Checked) -> str:
    """Return what all typed readings together will cost; empty without tariffs."""
    return f"≈{_NO_BREAK}{checked.total}" if checked.total is not None and checked.meters else ""


def verification_words(verification: Verification) -> tuple[str, VerificationTone]:
    """Return the sentence about a verification that ends soon or has ended, and its tone; else nothing."""
    if verification.until is None:
        return "", ""
    until = f"{verification.until:%d.%m.%Y}"
    if verification.kind is VerificationKind.EXPIRED:
        words = "Пока счётчик не поверен, начисляют не по показаниям: 3 месяца — по среднему, потом по нормативу."
        return f"Срок поверки истёк {until}. {words}", "bad"
    if verification.kind is VerificationKind.SOON:
        left = days_left(verification.days_left)
        return f"Поверка действует до {until} — {left}. После срока начислят по среднему.", "warn"
    return "", ""


def _meter_form(meter: DeskMeter, desk: Desk) -> MeterForm:
    # A refusal for the verification's sake says all of it.
    is_said = isinstance(meter.refusal, VerificationExpired)
    verification, tone = verification_words(Verification(VerificationKind.UNKNOWN) if is_said else meter.verification)
    present, today = meter.present, desk.today
    return MeterForm(
        id=meter.public_id,
        title=meter.title,
        where=" · ".join(filter(None, (numbered(meter.serial), meter.place))),
        scales=[_field(scale, meter, today) for scale in meter.scales],
        has_tariffs=len(meter.scales) > 1,
        hint=_digits(meter.dial),
        window="" if meter.refusal else _window(meter.window, today),
        is_late=not meter.window.is_open,
        sent=sent_title(present, today),
        sent_note=present_note(meter, desk),
        last=sent_title(meter.last, today),
        last_note=last_note(meter.last, desk),
        number=present.number if present else "",
        may_correct=bool(present and present.can_be_corrected and not meter.refusal),
        is_open=present is None and meter.refusal is None,
        refusal=meter.refusal.message if meter.refusal and not is_said_of_present(meter) else "",
        verification=verification,
        verification_tone=tone,
    )


def _digits(dial: Dial) -> str:
    whole = f"до {dial.digits_int}\N{NO-BREAK SPACE}цифр"
    return (
        f"{whole.capitalize()} и ещё {dial.digits_frac} после запятой" if dial.digits_frac else f"Целое число, {whole}"
    )


def _field(scale: DeskScale, meter: DeskMeter, today: date) -> ScaleField:
    unit = meter.dial.unit
    label = f"{scale.label.capitalize()}, {unit}" if scale.label else f"Показание на сегодня, {unit}"
    value = "" if scale.present is None else f"{scale.present:f}".replace(".", ",")
    if scale.previous is None or meter.previous_on is None:
        return ScaleField(scale.field, label, "Прошлых показаний нет", value)
    was = f"Было {shown(scale.previous)} ({day_and_month(meter.previous_on, today)})"
    return ScaleField(scale.field, label, was, value)


def _window(window: Window, today: date) -> str:
    name = month_name(window.period, today)
    if window.is_open:
        return f"Приём за {name} — до {day_and_month(window.closes_on, today)}"
    before = window.period.shifted(-1)
    return (
        f"Приём за {month_name(before, today)} закрыт {_last_day(window)} числа. "
        f"Это показание учтём при расчёте за {name}."
    )


def _last_day(window: Window) -> int:
    """Return the day of the month on which the window before this one closed."""
    end_of_month_before = window.closes_on.replace(day=1) - timedelta(days=1)
    is_last = (window.closes_on + timedelta(days=1)).day == 1
    return end_of_month_before.day if is_last else min(window.closes_on.day, end_of_month_before.day)


def _use(meter: CheckedMeter) -> str:
    if meter.refusals:
        return ""
    if meter.consumption is None:
        return "Первое показание: расход посчитаем со следующего"
    used = f"Расход {meter.dial.shown(meter.consumption)}"
    return f"{used} {_about(meter.cost)}" if meter.cost is not None else used


def _about(cost: Money) -> str:
    return f"≈{_NO_BREAK}{cost}"


def _saved(checked: CheckedMeter, saved: Saved, desk: Desk) -> SavedReading:
    values = _values(saved.values)
    at = moment(saved.submitted_at, desk.time_zone)
    meter = next((meter for meter in desk.meters if meter.public_id == checked.public_id), None)
    is_correctable = bool(meter and meter.refusal is None and meter.present and meter.present.number == saved.number)
    until = f" Их можно исправить до {day_and_month(saved.correctable_until, desk.today)}." if is_correctable else ""
    return SavedReading(
        title=f"{checked.title}: {values}",
        text=(
            f"Показания {'исправлены' if saved.is_correction else 'приняты'} {at}, {numbered(saved.number)}. "
            f"Учтём при расчёте за {month_name(saved.period, desk.today)}.{until}"
            f"{' Фото приложено.' if saved.has_photo else ''}"
        ),
        short=f"{checked.title}: {values} — приняты, {numbered(saved.number)}",
    )


def _values(values: Mapping[int, Decimal]) -> str:
    return " / ".join(shown(value) for _, value in sorted(values.items()))
