"""The readings inside the pay form: they are saved for themselves, whatever becomes of the payment."""

from dataclasses import dataclass, field, replace

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.money import Money
from lkk_reflex.meters import desk as desks
from lkk_reflex.meters import giving
from lkk_reflex.meters.readings_projection import (
    MeterForm,
    Questions,
    all_opened,
    errors_of,
    meter_forms,
    questions_of,
    saved_readings,
    summary_of,
    with_errors,
    with_uses,
)
from lkk_reflex.meters.views import Form
from lkk_reflex.ui.focusing import focus_again


@dataclass(frozen=True, slots=True)
class PayReadings:
    """The meters of the pay form and what was answered to their values."""

    #: The account has meters, so that there is something to choose.
    has_meters: bool = False
    meters: list[MeterForm] = field(default_factory=list)
    #: What stands wrong, as pairs of a field and a sentence.
    summary: list[tuple[str, str]] = field(default_factory=list)
    questions: Questions = field(default_factory=Questions)
    #: `Холодная вода: 130 — приняты, № 48-1120`.
    saved: list[str] = field(default_factory=list)
    #: What gets the focus, for `ui.focusing`.
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The readings of the form and what they will cost."""

    readings: PayReadings
    estimate: Money = field(default_factory=Money.zero)


@dataclass(frozen=True, slots=True)
class Given:
    """What became of the readings; the payment goes on only when all that was typed is saved."""

    readings: PayReadings
    estimate: Money
    is_complete: bool
    is_anything_saved: bool


def offered(session: Session, viewer: Viewer, *, link_id: str) -> Weighed:
    """Return the meters of an account; readings sent already stand in their fields and in the estimate.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    desk = desks.desk(session, viewer, link_id=link_id)
    forms = all_opened(meter_forms(desk))
    values = {scale.name: scale.value for form in forms if form.is_open for scale in form.scales if scale.value}
    shown = PayReadings(bool(forms), forms)
    if not values:
        return Weighed(shown)
    checked = desks.check(session, viewer, form=Form(link_id, "", values))
    return Weighed(replace(shown, meters=with_uses(forms, checked)), checked.total or Money.zero())


def weigh(session: Session, viewer: Viewer, *, form: Form, readings: PayReadings, left: str) -> Weighed:
    """Say what the typed values mean; `left` is the field that the person has left: only it is told what is wrong.

    Raises:
        SignInRequired, Forbidden: as `offered`.
    """
    checked = desks.check(session, viewer, form=form)
    known = {
        scale.name: scale.error for meter in readings.meters for scale in meter.scales if scale.name in form.values
    }
    errors = known | {left: errors_of(checked.meters).get(left, "")}
    meters = with_errors(with_uses(readings.meters, checked), errors)
    return Weighed(replace(readings, meters=meters), checked.total or Money.zero())


def give(session: Session, viewer: Viewer, *, form: Form, readings: PayReadings) -> Given:
    """Save the readings of the form.

    Raises:
        SignInRequired, Forbidden: as `offered`.
        ReadingMissing: no reading was typed.
        TooManyAttempts: for who sends form after form.
    """
    submission = giving.give(session, viewer, form=form)
    desk = desks.desk(session, viewer, link_id=form.link_id)
    refused = [outcome.checked for outcome in submission.outcomes if not outcome.saved]
    summary = summary_of(refused)
    meters, total = readings.meters, submission.total
    if not submission.is_complete:
        # A press may overtake the last word about a value that was typed just before it.
        checked = desks.check(session, viewer, form=form)
        meters, total = with_uses(meters, checked), checked.total
    told = replace(
        readings,
        meters=with_errors(meters, errors_of(refused)),
        summary=summary,
        questions=questions_of(refused),
        focus=focus_again(summary[0][0] if summary else "", readings.focus),
        saved=[reading.short for reading in saved_readings(submission.outcomes, desk)],
    )
    return Given(told, total or Money.zero(), submission.is_complete, is_anything_saved=submission.is_anything_saved)
