"""The SQL of all meters that a person has connected."""

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal
from sqlmodel import Session, and_, col, select
from sqlmodel.sql.expression import SelectOfScalar

from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.kit.db import rows_of, text_enum
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    MeterState,
    Reading,
    ReadingSource,
    ReadingState,
    Resource,
    WhenExpired,
)


class ConnectedMeter(NamedTuple):
    """A meter of a connected account with one of its readings.

    What the provider has no rule for and a meter without readings has of them is None.
    """

    link_id: str
    level: LinkLevel
    own_name: str
    number_shown: str
    provider_name: str
    time_zone: str
    meter_id: str
    resource: Resource
    serial: str
    verified_until: date | None
    window_from: int | None
    window_to: int | None
    when_expired: WhenExpired | None
    period: int | None
    source: ReadingSource | None


_CONNECTED_METER = (
    AccountLink.public_id,
    AccountLink.level,
    AccountLink.own_name,
    PersonalAccount.number_shown,
    ServiceProvider.name,
    ServiceProvider.time_zone,
    Meter.public_id,
    Meter.resource,
    Meter.serial,
    Meter.verified_until,
    MeterPolicy.window_from,
    MeterPolicy.window_to,
    MeterPolicy.when_expired,
    Reading.period,
    Reading.source,
)


def connected_meters(
    session: Session, subscriber_id: int, *, first: int, last: int, states: frozenset[ReadingState]
) -> list[ConnectedMeter]:
    """Return the meters that are read of all accounts a subscriber has connected, in the order of connecting.

    Each comes with the rule for its resource, once for every reading of these states, from one period to another, that
    was read from its dial: with the period and the source of that reading, or once without any.
    """
    values = {"subscriber_id": subscriber_id, "first": first, "last": last}
    return [ConnectedMeter(*row) for row in rows_of(session, _connected_meters(states), values)]


@cache
def _connected_meters(states: frozenset[ReadingState]) -> SelectOfScalar[Any]:
    """Put the statement together once: every opening of the cabinet asks it.

    A list of plain values would be written into its text anew each time.
    """
    is_shown = and_(
        col(Reading.meter_id) == col(Meter.id),
        col(Reading.period).between(bindparam("first"), bindparam("last")),
        col(Reading.state).in_([literal(state, text_enum(ReadingState)) for state in sorted(states)]),
        col(Reading.source) != ReadingSource.ESTIMATED,
    )
    is_policy = and_(
        col(MeterPolicy.provider_id) == col(ServiceProvider.id), col(MeterPolicy.resource) == col(Meter.resource)
    )
    statement: SelectOfScalar[Any] = (
        select(*_CONNECTED_METER)  # type: ignore[call-overload]  # the overloads end at four columns.
        .select_from(AccountLink)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .join(Meter, col(Meter.account_id) == col(PersonalAccount.id))
        .outerjoin(MeterPolicy, is_policy)
        .outerjoin(Reading, is_shown)
        .where(
            col(AccountLink.subscriber_id) == bindparam("subscriber_id"),
            col(AccountLink.ended_at).is_(None),
            Meter.state == MeterState.ACTIVE,
        )
        .order_by(col(AccountLink.id), col(Meter.place), col(Meter.serial), col(Meter.id))
    )
    return statement
