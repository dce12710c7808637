"""Past readings with their way into the bill, and what was used month by month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from lkk_reflex.accounts.errors import ExtendedAccessRequired
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import photo_repository, repository, rules
from lkk_reflex.meters.access import MeterAccount, meters_account
from lkk_reflex.meters.dial import RESOURCE_NAMES, trimmed, unit_of
from lkk_reflex.meters.facts import LIVING, dial_of, is_own, meters_now, taken
from lkk_reflex.meters.models import Meter, MeterState, ReadingSource, ReadingState
from lkk_reflex.meters.repository import KnownReading
from lkk_reflex.meters.rules import Taken
from lkk_reflex.meters.views import Consumption, MonthUse, PastReading, PastValue


def history(
    session: Session, viewer: Viewer, *, link_id: str, meter_id: str = "", skip: int = 0, limit: int = 50
) -> list[PastReading]:
    """Return all versions of the readings of an account: at basic access the viewer's own alone.

    The newest month comes first; in it the meters stand as in the form, each with its newest version first.
    `meter_id` picks one meter; `skip` is how many readings the pages before have shown.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    account = meters_account(session, viewer, link_id)
    meters = repository.meters(session, account.account_id, active=False)
    places = {meter.id: place for place, meter in enumerate(meters)}
    chosen = {meter.id or 0: meter for meter in meters if meter_id in ("", meter.public_id)}
    labels, readings = repository.scales(session, chosen), repository.readings(session, chosen)
    present = _withdrawable(session, account)
    found = [
        (known, _past(account, chosen[row_id], labels.get(row_id, {}), known, before, present))
        for row_id, of_meter in readings.items()
        for known, before in _with_previous(of_meter)
        if account.is_extended or is_own(known, account)
    ]
    found.sort(key=lambda pair: (pair[0].row.taken_on, pair[0].row.id or 0), reverse=True)
    found.sort(key=lambda pair: (-pair[0].row.period, places[pair[0].row.meter_id]))
    shown = found[max(skip, 0) : max(skip, 0) + limit]
    photos = photo_repository.photos_of(session, [known.row.id or 0 for known, _ in shown])
    return [replace(past, photo_id=photos.get(known.row.id or 0, "")) for known, past in shown]


def consumption(session: Session, viewer: Viewer, *, link_id: str, months: int = 12) -> list[Consumption]:
    """Return what was used in each of the last months and in the same months a year before, by resource.

    The months end with the newest one of which anything is known. Meters that have been replaced count too. A month
    is known once all meters of the resource that are still read have told of it.

    Raises:
        SignInRequired, Forbidden: as `history`.
        ExtendedAccessRequired: nothing has proved yet that the account is the viewer's.
    """
    account = meters_account(session, viewer, link_id)
    if not account.is_extended:
        raise ExtendedAccessRequired
    meters = repository.meters(session, account.account_id, active=False)
    readings = repository.readings(session, [meter.id or 0 for meter in meters])
    month_now = BillingPeriod.of(clock.today(account.time_zone))
    told = {meter.id: _told(readings.get(meter.id or 0, []), month_now) for meter in meters}
    used = {
        resource: _used([(meter, told[meter.id]) for meter in meters if meter.resource is resource])
        for resource in dict.fromkeys(meter.resource for meter in meters)
    }
    known = [period for of_resource in used.values() for period in of_resource]
    last = max(known, default=month_now)
    shown = [last.shifted(-back) for back in reversed(range(months))]
    return [
        Consumption(
            resource=resource,
            title=RESOURCE_NAMES[resource],
            unit=unit_of(resource),
            months=tuple(MonthUse(period, used_in.get(period), used_in.get(period.shifted(-12))) for period in shown),
        )
        for resource, used_in in used.items()
        if used_in
    ]


def _told(readings: Sequence[KnownReading], month_now: BillingPeriod) -> list[Taken]:
    """Return what was read from the dial; what was read before its month began says nothing of it while it lasts."""
    return taken(
        [
            known
            for known in readings
            if known.row.state in LIVING
            and known.row.source is not ReadingSource.ESTIMATED
            and (known.row.period < month_now.key or BillingPeriod.of(known.row.taken_on).key >= known.row.period)
        ]
    )


def _used(meters: Sequence[tuple[Meter, Sequence[Taken]]]) -> Mapping[BillingPeriod, Decimal]:
    """Return what the meters of one resource have used together in the months of which all have told."""
    found: dict[BillingPeriod, Decimal] = {}
    for meter, told in meters:
        for period, amount in rules.by_month(rules.usages(told, dial_of(meter, None).span)).items():
            found[period] = found.get(period, Decimal(0)) + amount
    still_read = [told for meter, told in meters if told and meter.state is MeterState.ACTIVE]
    until = rules.told_until(max(one.period for one in told) for told in still_read)
    return {period: trimmed(amount) for period, amount in found.items() if until is None or period <= until}


def _withdrawable(session: Session, account: MeterAccount) -> frozenset[str]:
    """Return the numbers of the readings that this viewer may still take back."""
    return frozenset(
        facts.present.row.number or ""
        for facts in meters_now(session, account)
        if facts.present and facts.refusal_to_correct(account) is None
    )


def _with_previous(readings: Sequence[KnownReading]) -> Iterator[tuple[KnownReading, KnownReading | None]]:
    """Pair each version with the last standing reading of an earlier period."""
    for known in readings:
        earlier = [
            other
            for other in readings
            if other.row.period < known.row.period
            and other.row.state in LIVING
            and other.row.source is not ReadingSource.ESTIMATED
        ]
        yield known, earlier[-1] if earlier else None


def _past(
    account: MeterAccount,
    meter: Meter,
    labels: Mapping[int, str],
    known: KnownReading,
    before: KnownReading | None,
    withdrawable: frozenset[str],
) -> PastReading:
    row = known.row
    used = rules.used_between(before.values, known.values, dial_of(meter, None).span) if before else {}
    return PastReading(
        meter_id=meter.public_id,
        title=RESOURCE_NAMES[meter.resource],
        serial=account.serial(meter.serial),
        resource=meter.resource,
        unit=unit_of(meter.resource),
        number=row.number or "",
        period=BillingPeriod.from_key(row.period),
        taken_on=row.taken_on,
        source=row.source,
        state=row.state,
        version=row.version,
        counts_for_next_period=row.counts_for_next_period,
        values=tuple(
            PastValue(scale, labels.get(scale, ""), value, used.get(scale)) for scale, value in known.values.items()
        ),
        submitted_at=row.submitted_at,
        exported_at=row.exported_at,
        counted_at=row.counted_at,
        counted_period=BillingPeriod.from_key(row.counted_period) if row.counted_period else None,
        ended_at=row.ended_at,
        can_be_withdrawn=row.state is ReadingState.ACCEPTED and row.number in withdrawable,
    )
