"""What the staff says of outages: announces, changes, ends, cancels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.outages import repository
from lkk_reflex.outages.addresses import Address, fits, read_address
from lkk_reflex.outages.errors import AddressUnknown, NoAccounts, NothingToChange, OutageBegun
from lkk_reflex.outages.models import Outage, OutageState
from lkk_reflex.outages.rules import (
    REMEMBERED,
    NewOutage,
    Phase,
    Where,
    check_service,
    check_text,
    check_times,
    phase_at,
    require,
    sought_by,
)

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """An outage that may be announced, and whom it would concern."""

    new: NewOutage
    accounts: int
    #: None are named where all of the provider's are concerned.
    account_ids: tuple[int, ...]
    #: An address of each place that has such a street, the first few.
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaffOutage:
    """An outage as the staff reads it; without named accounts it concerns all of the provider's."""

    outage: Outage
    provider: ServiceProvider
    phase: Phase
    named_accounts: int


def preview(session: Session, viewer: Viewer, *, new: NewOutage) -> Reach:
    """Check an outage that is to be announced, and count the accounts that it would concern.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ServiceUnfit, TextTooLong, TimesReversed, UntilPassed, TimesTooLong: as they say.
        StreetUnfit, HouseUnfit: the street or a house cannot be read.
        AddressUnknown: the street, or one of the houses, fits no account.
        NoAccounts: the provider has none.
    """
    viewer.require_staff_of(new.provider_id)
    _outage_of(new, clock.now())
    accounts, account_ids, examples = 0, list[int](), dict[frozenset[str], str]()
    for account_id, text, address in _found(session, new.provider_id, new.where):
        accounts += 1
        if new.where.street:
            account_ids.append(account_id)
            if len(examples) < _EXAMPLES:
                examples.setdefault(address.places, text)
    return Reach(new, accounts, tuple(account_ids), tuple(examples.values()))


def announce(session: Session, viewer: Viewer, *, reach: Reach) -> Outage:
    """Announce what `preview` has found and return it with its number; a job tells the subscribers concerned.

    To look through the addresses of a town takes seconds, in which nobody else could write; so that is done before.
    Accounts that a later register brings are concerned only where all of the provider's are.

    Raises:
        Forbidden: the viewer does not work for this provider.
        UntilPassed: the end has passed since `preview`.
        AddressUnknown: the accounts have gone since then.
    """
    new = reach.new
    viewer.require_staff_of(new.provider_id)
    outage = _outage_of(new, clock.now())
    if repository.add_outage(session, outage, reach.account_ids) == 0 and new.where.street:
        raise AddressUnknown(address=new.where.street)
    audit.record(session, viewer, "outage.announced", subject=str(outage.id))
    return outage


def staff_outages(session: Session, viewer: Viewer, *, provider_id: int | None = None) -> list[StaffOutage]:
    """Return the outages to come, those going on, and those over for not more than 30 days.

    Raises:
        Forbidden: for subscribers and strangers, and for another provider.
    """
    if provider_id is not None:
        viewer.require_staff_of(provider_id)
    elif not viewer.provider_ids:
        viewer.require_system()
    now = clock.now()
    found = repository.outages_of_staff(session, viewer, provider_id=provider_id, ended_after=now - REMEMBERED)
    return [StaffOutage(outage, provider, _phase(outage, now), named) for outage, provider, named in found]


def zone_of(session: Session, viewer: Viewer, *, number: int) -> ZoneInfo:
    """Return the time zone in which the times of an outage are told.

    Raises:
        Forbidden: as `change`.
    """
    outage = _locked(session, viewer, number)
    return ZoneInfo(repository.provider_of(session, outage).time_zone)


def change(
    session: Session,
    viewer: Viewer,
    *,
    number: int,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    text: str | None = None,
) -> Outage:
    """Change the times or the text of an outage; other times are told to the subscribers, another text is not.

    An outage whose announced end is over can be prolonged.

    Raises:
        Forbidden: the viewer does not work for its provider, and when there is none of this number.
        OutageOver: it was ended or cancelled.
        OutageBegun: the beginning is to be moved, but is past.
        NothingToChange, TextTooLong, TimesReversed, UntilPassed, TimesTooLong: as they say.
    """
    outage, now = _locked(session, viewer, number), clock.now()
    phase = _phase(outage, now)
    require(phase, Phase.COMING, Phase.ON, Phase.PASSED)
    before = (outage.starts_at, outage.ends_at, outage.text)
    if starts_at is not None and starts_at != outage.starts_at:
        if phase is not Phase.COMING:
            raise OutageBegun
        outage.starts_at = starts_at.astimezone(UTC)
    outage.ends_at = outage.over_at = ends_at.astimezone(UTC) if ends_at is not None else outage.ends_at
    outage.text = check_text(text) if text is not None else outage.text
    if before == (outage.starts_at, outage.ends_at, outage.text):
        raise NothingToChange
    outage.changed_at = now
    if before[:2] != (outage.starts_at, outage.ends_at):
        check_times(outage.starts_at, outage.ends_at, now)
        _revise(outage, now)
    audit.record(session, viewer, "outage.changed", subject=str(outage.id))
    return outage


def end(session: Session, viewer: Viewer, *, number: int) -> Outage:
    """Say that the service is back, before the announced end.

    Raises:
        Forbidden: as `change`.
        OutageNotBegun, OutageOver: there is nothing to end.
    """
    return _finish(session, viewer, number, OutageState.ENDED, Phase.ON, Phase.PASSED)


def cancel(session: Session, viewer: Viewer, *, number: int) -> Outage:
    """Say that there will be no outage.

    Raises:
        Forbidden: as `change`.
        OutageBegun, OutageOver: there is nothing to cancel.
    """
    return _finish(session, viewer, number, OutageState.CANCELLED, Phase.COMING)


def _finish(session: Session, viewer: Viewer, number: int, state: OutageState, *allowed: Phase) -> Outage:
    outage, now = _locked(session, viewer, number), clock.now()
    require(_phase(outage, now), *allowed)
    outage.state, outage.over_at = state, now
    _revise(outage, now)
    audit.record(session, viewer, f"outage.{state}", subject=str(outage.id))
    return outage


def _revise(outage: Outage, now: datetime) -> None:
    outage.revision, outage.revised_at = outage.revision + 1, now


def _outage_of(new: NewOutage, now: datetime) -> Outage:
    check_times(new.starts_at, new.ends_at, now)
    return Outage(
        provider_id=new.provider_id,
        service=check_service(new.service),
        kind=new.kind,
        starts_at=new.starts_at.astimezone(UTC),
        ends_at=new.ends_at.astimezone(UTC),
        over_at=new.ends_at.astimezone(UTC),
        text=check_text(new.text),
        street=new.where.street.strip(),
        houses=", ".join(new.where.each_house),
        announced_at=now,
        revised_at=now,
    )


def _locked(session: Session, viewer: Viewer, number: int) -> Outage:
    outage = repository.lock_outage(session, number)
    if outage is None:
        raise Forbidden
    viewer.require_staff_of(outage.provider_id)
    return outage


def _phase(outage: Outage, now: datetime) -> Phase:
    return phase_at(outage.state, outage.starts_at, outage.ends_at, now)


def _found(session: Session, provider_id: int, where: Where) -> Iterator[tuple[int, str, Address]]:
    """Yield the accounts concerned with their addresses, as written and as read; refuse in the end what fits none."""
    if not where.street and where.houses:
        raise AddressUnknown(address=", ".join(where.houses))
    sought = sought_by(where) if where.street else None
    missing, is_empty = set(sought.houses.values()) if sought else set(), True
    for account_id, text in repository.addresses(session, provider_id):
        address = read_address(text) if sought else Address()
        if sought is None or fits(address, sought.street, tuple(sought.houses.values())):
            is_empty = False
            missing.discard(address.house)
            yield account_id, text, address
    if missing and sought:
        houses = ", ".join(house for house, read in sought.houses.items() if read in missing)
        raise AddressUnknown(address=f"{where.street}, {houses}")
    if is_empty:
        raise AddressUnknown(address=where.street) if sought else NoAccounts
