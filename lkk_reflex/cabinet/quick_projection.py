"""What a guest is shown: the provider, the end of the number, the sum; of meters what is needed to read them.

Whoever knows a number that is printed on letter-boxes may be here, so nothing tells what was used before, who has
given a reading, or whether the account is in somebody's cabinet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lkk_reflex.accounts.statements import LinkedBill
from lkk_reflex.cabinet.pay_projection import PayDesk
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters import errors as refusals
from lkk_reflex.meters.readings_projection import (
    KEY_SEPARATOR,
    MeterForm,
    Questions,
    SavedReading,
    meter_forms,
)
from lkk_reflex.meters.rules import QuestionKind
from lkk_reflex.meters.sent_projection import moment, month_name
from lkk_reflex.meters.views import CheckedMeter, Desk, Outcome, Saved

#: Where a guest with a pass pays.
DESK_PATH = "/quick/account"

#: The sentences of meters that name earlier readings, without them.
_WITHOUT_FIGURES: dict[type[PortalError], str] = {
    refusals.LowerThanPrevious: "Меньше прошлого показания. Проверьте цифры. "
    "Если счётчик заменили, напишите поставщику.",
    refusals.ZeroRefused: "Показание такое же, как прошлое. Поставщик не принимает нулевой расход через портал.",
    refusals.ConsumptionTooLarge: "Расход больше возможного. Проверьте, нет ли лишней или пропущенной цифры.",
    refusals.SentBySomebodyElse: "Показание за этот месяц уже передано. "
    "Исправить его можно в личном кабинете с расширенным доступом.",
    refusals.CorrectionRequested: "Показание за этот месяц уже у поставщика. Исправить его может только он.",
}
_QUESTIONS = {
    QuestionKind.ROLLOVER: "Показание меньше прошлого. Счётчик перешёл через ноль?",
    QuestionKind.ANOMALY: "Показание намного больше прошлого. Всё верно?",
}
_SENT = "Показание за этот месяц передано"
_HOW_TO_CORRECT: dict[type[PortalError], str] = {
    refusals.SentBySomebodyElse: "Исправить его можно в личном кабинете с расширенным доступом.",
    refusals.CorrectionRequested: "Исправить его может только поставщик.",
}


@dataclass(frozen=True, slots=True)
class QuickDesk:
    """One account as a guest sees it."""

    provider: str = ""
    #: `№ •••3456`.
    number: str = ""
    #: `1 542,30 ₽`; empty when nothing is owed.
    debt: str = ""
    note: str = ""
    #: What stands in the field of the sum at first: `1542,30`.
    typed: str = ""
    limits: str = ""
    unavailable: str = ""
    contact_label: str = ""


@dataclass(frozen=True, slots=True)
class QuickErrors:
    """What is wrong, by the name of the field; `form` is about the whole."""

    #: All of it again as pairs of a field and a sentence, when several fields are wrong.
    summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    provider: str = ""
    number: str = ""
    amount: str = ""
    receipt_contact: str = ""


@dataclass(frozen=True, slots=True)
class QuickAnswer:
    """What the portal says to readings as they were sent last."""

    #: Refusals as pairs of a field and a sentence.
    summary: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    questions: Questions = field(default_factory=Questions)
    saved: list[SavedReading] = field(default_factory=list)
    #: What gets the focus, for `ui.focusing`.
    focus: str = ""


def quick_desk(bill: LinkedBill, desk: PayDesk) -> QuickDesk:
    """Show the account of a pass."""
    return QuickDesk(
        provider=bill.provider_name,
        number=numbered(bill.number_shown),
        debt=desk.debt,
        note=f"к оплате {desk.debt_note}" if desk.debt else desk.debt_missing,
        typed=_plain(desk.debt),
        limits=desk.limits,
        unavailable=desk.unavailable,
        contact_label=desk.contact_label,
    )


def guest_meters(desk: Desk) -> list[MeterForm]:
    """Show the meters of an account, without what was read before."""
    return [
        replace(
            meter,
            scales=[replace(scale, was="") for scale in meter.scales],
            sent=_SENT if meter.sent else "",
            sent_note=_HOW_TO_CORRECT.get(type(found.refusal), "") if found.refusal else "",
            last="",
            last_note="",
            number="",
            may_correct=False,
            is_open=meter.is_open,
            refusal=sentence_of(found.refusal) if found.refusal and meter.refusal else "",
        )
        for meter, found in zip(meter_forms(desk), desk.meters, strict=True)
    ]


def sentence_of(refusal: PortalError) -> str:
    """Return the sentence of a refusal, without figures that a guest has not typed."""
    return _WITHOUT_FIGURES.get(type(refusal), refusal.message)


def guest_answer(outcomes: Sequence[Outcome], desk: Desk) -> QuickAnswer:
    """Say what became of the readings of a form."""
    checked = [outcome.checked for outcome in outcomes if not outcome.saved]
    summary = [(found.field, sentence_of(found.error)) for meter in checked for found in meter.refusals]
    questions = _questions(checked)
    # Questions are announced; the button below them is the yes, and keeps the focus.
    focus = summary[0][0] if summary else "" if questions.asked else "saved"
    return QuickAnswer(
        summary=summary,
        questions=questions,
        focus=focus,
        saved=[_saved(outcome.checked, outcome.saved, desk) for outcome in outcomes if outcome.saved],
    )


def _questions(checked: Sequence[CheckedMeter]) -> Questions:
    asked = [(meter, question) for meter in checked if not meter.refusals for question in meter.questions]
    return Questions(
        KEY_SEPARATOR.join(question.key for _, question in asked),
        [f"{meter.title}. {_QUESTIONS.get(question.kind, question.text)}" for meter, question in asked],
    )


def _saved(checked: CheckedMeter, saved: Saved, desk: Desk) -> SavedReading:
    at, month = moment(saved.submitted_at, desk.time_zone), month_name(saved.period, desk.today)
    text = f"Показания приняты {at}, {numbered(saved.number)}. Учтём при расчёте за {month}."
    return SavedReading(title=checked.title, text=text)


def _plain(debt: str) -> str:
    """Return a sum as people type it."""
    return "".join(sign for sign in debt if sign.isdigit() or sign == ",")
