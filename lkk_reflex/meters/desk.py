"""The form of an account: its meters, what was read last, when readings are taken."""

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import cost
from lkk_reflex.meters.access import MeterAccount, meters_account
from lkk_reflex.meters.checking import Bench
from lkk_reflex.meters.dial import RESOURCE_NAMES, field_name
from lkk_reflex.meters.facts import MeterFacts, is_own, meters_now
from lkk_reflex.meters.repository import KnownReading
from lkk_reflex.meters.views import Checked, Desk, DeskMeter, DeskScale, Form, SentReading


def desk(session: Session, viewer: Viewer, *, link_id: str) -> Desk:
    """Return everything that the form of an account needs; an account without meters has an empty one.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    return desk_of(session, meters_account(session, viewer, link_id))


def desk_of(session: Session, account: MeterAccount) -> Desk:
    """Return the form of an account to which the caller has shown a way."""
    return Desk(
        link_id=account.link_id,
        provider_name=account.provider_name,
        time_zone=account.time_zone,
        today=clock.today(account.time_zone),
        is_extended=account.is_extended,
        meters=tuple(_desk_meter(facts, account) for facts in meters_now(session, account)),
    )


def check(session: Session, viewer: Viewer, *, form: Form) -> Checked:
    """Say what the values of a form mean, without saving anything; no values make an empty answer.

    Raises:
        SignInRequired, Forbidden: as `desk`.
    """
    return check_for(session, meters_account(session, viewer, form.link_id), form=form)


def check_for(session: Session, account: MeterAccount, *, form: Form) -> Checked:
    """Say what the values of a form mean for an account to which the caller has shown a way."""
    bench = Bench(session, account)
    judged = bench.judge(form)
    lines = tuple(bench.costs(judged))
    return Checked(tuple(one.checked for one in judged), lines, cost.total(lines) if lines else None)


def _desk_meter(facts: MeterFacts, account: MeterAccount) -> DeskMeter:
    meter, previous = facts.meter, facts.previous
    may_correct = facts.refusal_to_correct(account) is None
    present = _sent(facts.present, account, can_be_corrected=may_correct)
    values = present.values if present and may_correct else {}
    return DeskMeter(
        public_id=meter.public_id,
        resource=meter.resource,
        title=RESOURCE_NAMES[meter.resource],
        serial=account.serial(meter.serial),
        place=meter.place,
        dial=facts.dial,
        scales=tuple(
            DeskScale(
                scale=scale,
                label=label,
                field=field_name(meter.public_id, scale),
                previous=previous.values.get(scale) if previous else None,
                present=values.get(scale),
            )
            for scale, label in facts.labels.items()
        ),
        previous_on=previous.taken_on if previous else None,
        window=facts.window,
        verification=facts.verification,
        present=present,
        last=_sent(facts.last, account, can_be_corrected=False),
        average=facts.average if account.is_extended else None,
        refusal=facts.refusal(account),
    )


def _sent(known: KnownReading | None, account: MeterAccount, *, can_be_corrected: bool) -> SentReading | None:
    if known is None:
        return None
    row, is_mine = known.row, is_own(known, account)
    return SentReading(
        number=row.number or "",
        period=BillingPeriod.from_key(row.period),
        submitted_at=row.submitted_at,
        state=row.state,
        source=row.source,
        is_own=is_mine,
        can_be_corrected=can_be_corrected,
        values=known.values if account.is_extended or is_mine else {},
        counted_period=BillingPeriod.from_key(row.counted_period) if row.counted_period else None,
    )
