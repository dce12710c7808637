"""Taking readings, correcting and withdrawing them."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import count

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.meters import cost, messages, photos, repository, rules
from lkk_reflex.meters.access import MeterAccount, meters_account
from lkk_reflex.meters.checking import Bench, Judged
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.errors import FormAlreadySent, MetersBusy, ReadingEnded, ReadingMissing
from lkk_reflex.meters.facts import LIVING, MeterFacts, meters_now
from lkk_reflex.meters.models import Reading, ReadingSource, ReadingState
from lkk_reflex.meters.repository import KnownReading
from lkk_reflex.meters.views import Form, Outcome, Refusal, Saved, Submission

_INTENT_LIMIT = 64
_NUMBER_TRIES = 4


def submit(session: Session, viewer: Viewer, *, form: Form) -> Submission:
    """Save the readings of all meters of a form that have values and leave nothing to ask; each has its own outcome.

    The same form sent twice, or at the same time, saves once. A reading of the period that is not exported yet is
    corrected: a new version takes its place.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
        ReadingMissing: the form has no values at all.
        MetersBusy: a file of the provider is changing these meters; the same form may be sent again.
        PhotoGone: see `photos.attach`; then nothing is saved.
    """
    account = meters_account(session, viewer, form.link_id)
    found = submit_for(session, account, form=form)
    outcomes = photos.attach(session, viewer, account=account, photos=form.photos, outcomes=found.outcomes)
    found = replace(found, outcomes=outcomes)
    messages.tell_sender(session, viewer, link_id=form.link_id, outcomes=found.outcomes)
    return found


def submit_for(session: Session, account: MeterAccount, *, form: Form) -> Submission:
    """Save the readings of a form for an account to which the caller has shown a way; as `submit`, without photos.

    Raises:
        ReadingMissing: the form has no values at all.
        MetersBusy: as `submit`.
    """
    _lock(session, account)
    bench = Bench(session, account)
    judged = bench.judge(form)
    if not judged:
        raise ReadingMissing
    outcomes = tuple(_outcome(session, account, form, one) for one in judged)
    saved = [one for one, outcome in zip(judged, outcomes, strict=True) if outcome.saved]
    lines = tuple(bench.costs(saved))
    return Submission(outcomes, lines, cost.total(lines) if lines else None)


def withdraw(session: Session, viewer: Viewer, *, link_id: str, number: str) -> None:
    """Take back a reading that is not exported yet.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection or may not see such a reading.
        ReadingEnded: it is exported, counted, withdrawn or replaced already, or its window is over.
        MetersBusy: as `submit`.
    """
    account = meters_account(session, viewer, link_id)
    _lock(session, account)
    found = repository.reading_by_number(session, account.account_id, number)
    if found is None:
        raise Forbidden
    reading, meter = found
    # Nobody's readings are not one guest's more than another's.
    is_own = account.subscriber_id is not None and reading.subscriber_id == account.subscriber_id
    if not account.is_extended and not is_own:
        raise Forbidden
    facts = next((one for one in meters_now(session, account) if one.meter.id == meter.id), None)
    if facts is None or facts.present is None or facts.present.row.id != reading.id:
        raise ReadingEnded
    if reading.state is not ReadingState.ACCEPTED:
        raise ReadingEnded
    reading.state, reading.ended_at = ReadingState.WITHDRAWN, clock.now()
    session.add(reading)


def _lock(session: Session, account: MeterAccount) -> None:
    if not repository.lock(session, account.account_id):
        raise MetersBusy


def _outcome(session: Session, account: MeterAccount, form: Form, judged: Judged) -> Outcome:
    facts, checked = judged.facts, judged.checked
    if facts is None:
        return Outcome(checked)
    if known := _of_same_click(facts, form):
        if known.values == judged.values and known.row.state in LIVING:
            return Outcome(replace(checked, questions=(), refusals=()), _saved(facts, known))
        refusal = Refusal(field_name(checked.public_id, min(facts.labels)), FormAlreadySent())
        return Outcome(replace(checked, questions=(), refusals=(refusal,)))
    if not checked.is_ready:
        return Outcome(checked)
    if facts.present and facts.present.values == judged.values:
        return Outcome(checked, _saved(facts, facts.present))
    return Outcome(checked, _save(session, account, form, facts, judged.values))


def _of_same_click(facts: MeterFacts, form: Form) -> KnownReading | None:
    intent_id = form.intent_id[:_INTENT_LIMIT]
    return next((known for known in facts.readings if intent_id and known.row.intent_id == intent_id), None)


def _save(
    session: Session, account: MeterAccount, form: Form, facts: MeterFacts, values: Mapping[int, Decimal]
) -> Saved:
    now, period = clock.now(), facts.window.period
    if facts.present:
        facts.present.row.state, facts.present.row.ended_at = ReadingState.REPLACED, now
        session.add(facts.present.row)
        session.flush()
    meter_id = facts.meter.id or 0
    version = repository.last_version(session, meter_id, period.key) + 1
    for number in _free_numbers(session):
        row = Reading(
            number=number,
            meter_id=meter_id,
            period=period.key,
            taken_on=clock.today(account.time_zone),
            source=ReadingSource.SUBSCRIBER,
            version=version,
            counts_for_next_period=not facts.window.is_open,
            submitted_at=now,
            subscriber_id=account.subscriber_id,
            intent_id=form.intent_id[:_INTENT_LIMIT] or None,
        )
        if repository.insert_reading(session, row, values):
            return _saved(facts, KnownReading(row, values))
    raise AssertionError("numbers never end")


def _free_numbers(session: Session) -> Iterator[str]:
    """Yield numbers such as `48-1120`, longer ones when the short ones become scarce.

    They begin with 13 or more, so that no spreadsheet takes one for a month.
    """
    for tries in count():
        groups = 1 + tries // _NUMBER_TRIES
        fours = (str(1000 + secrets.randbelow(9000)) for _ in range(groups))
        number = "-".join([str(13 + secrets.randbelow(87)), *fours])
        if not repository.is_number_taken(session, number):
            yield number


def _saved(facts: MeterFacts, known: KnownReading) -> Saved:
    row = known.row
    period = BillingPeriod.from_key(row.period)
    window = rules.window_of(period, facts.policy.window_from, facts.policy.window_to, row.taken_on)
    return Saved(
        number=row.number or "",
        submitted_at=row.submitted_at,
        taken_on=row.taken_on,
        period=period,
        counts_for_next_period=row.counts_for_next_period,
        correctable_until=window.closes_on,
        values=known.values,
        is_correction=_is_correction(facts, row),
    )


def _is_correction(facts: MeterFacts, row: Reading) -> bool:
    """Tell whether a reading took the place of the version before; after one that was withdrawn it is a new one."""
    return any(
        known.row.period == row.period
        and known.row.version == row.version - 1
        and known.row.state is ReadingState.REPLACED
        for known in facts.readings
    )
