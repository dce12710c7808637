"""All SQL of announcing: whom a piece of news concerns, batch by batch in the order of the connections."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, select

from lkk_reflex.accounts.models import AccountLink, Bill, PersonalAccount, Register
from lkk_reflex.cabinet.models import Announcement
from lkk_reflex.meters.facts import LIVING, SENT
from lkk_reflex.meters.models import Meter, MeterPolicy, MeterState, Reading, Resource

#: A query names so many pieces of news at once.
_PORTION = 1000


def finished(session: Session, names: Collection[str]) -> set[str]:
    """Return which of these pieces of news everybody has been told."""
    ordered = sorted(names)
    told: set[str] = set()
    for first in range(0, len(ordered), _PORTION):
        portion = ordered[first : first + _PORTION]
        told.update(
            session.exec(
                select(Announcement.name).where(
                    col(Announcement.name).in_(portion), col(Announcement.finished_at).is_not(None)
                )
            )
        )
    return told


def reached(session: Session, names: Collection[str]) -> int | None:
    """Return the last connection that was told any of these pieces of news, None when one was told to all."""
    rows = session.exec(select(Announcement).where(col(Announcement.name).in_(names))).all()
    if any(row.finished_at is not None for row in rows):
        return None
    return max((row.last_link_id for row in rows), default=0)


def claim(session: Session, name: str, now: datetime) -> Announcement:
    """Return how far a piece of news has come; another process that tells it waits for this transaction."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    first = insert(Announcement).values(name=name, last_link_id=0, begun_at=now, finished_at=None)
    session.exec(first.on_conflict_do_nothing(index_elements=["name"]))
    return session.exec(select(Announcement).where(Announcement.name == name).with_for_update()).one()


def purge(session: Session, begun_before: datetime) -> None:
    """Forget news that began to be told before this moment."""
    session.exec(delete(Announcement).where(col(Announcement.begun_at) < begun_before))


def registers_since(session: Session, provider_ids: Collection[int], loaded_since: datetime) -> Sequence[Register]:
    """Return the registers of these providers that were loaded since a moment, the oldest first."""
    loaded = select(Register).where(
        col(Register.provider_id).in_(provider_ids), col(Register.loaded_at) >= loaded_since
    )
    return session.exec(loaded.order_by(col(Register.id))).all()


def policies(session: Session, provider_ids: Collection[int]) -> Sequence[MeterPolicy]:
    """Return the rules of these providers for readings; what has none follows the defaults."""
    return session.exec(select(MeterPolicy).where(col(MeterPolicy.provider_id).in_(provider_ids))).all()


def links_with_bill(
    session: Session, register: Register, *, oldest_period: int, after: int, limit: int
) -> Sequence[tuple[AccountLink, PersonalAccount, Bill]]:
    """Return the next connections whose account has got its newest bill by this register.

    Who has connected the account after the register was loaded has seen the bill there.
    """
    newer = aliased(Bill)
    newest = select(func.max(newer.period)).where(newer.account_id == AccountLink.account_id).scalar_subquery()
    return session.exec(
        select(AccountLink, PersonalAccount, Bill)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(Bill, col(Bill.account_id) == col(AccountLink.account_id))
        .where(
            _living(after),
            col(AccountLink.created_at) <= register.loaded_at,
            Bill.register_id == register.id,
            col(Bill.period) >= oldest_period,
            Bill.period == newest,
        )
        .order_by(col(AccountLink.id))
        .limit(limit)
    ).all()


def links_without_reading(
    session: Session, provider_id: int, resources: Collection[Resource], *, period: int, after: int, limit: int
) -> Sequence[tuple[AccountLink, PersonalAccount]]:
    """Return the next connections with a meter of these resources whose reading for a period has not been sent."""
    sent = select(Reading.id).where(
        Reading.meter_id == Meter.id,
        Reading.period == period,
        col(Reading.state).in_(LIVING),
        col(Reading.source).in_(SENT),
    )
    unread = select(Meter.id).where(
        Meter.account_id == AccountLink.account_id,
        Meter.state == MeterState.ACTIVE,
        col(Meter.resource).in_(resources),
        ~sent.exists(),
    )
    return session.exec(
        select(AccountLink, PersonalAccount)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .where(_living(after), PersonalAccount.provider_id == provider_id, unread.exists())
        .order_by(col(AccountLink.id))
        .limit(limit)
    ).all()


def links_to_verify(
    session: Session, provider_id: int, first: date, last: date, *, after: int, limit: int
) -> list[tuple[AccountLink, PersonalAccount, Meter, date]]:
    """Return the next connections with the meters of theirs whose verification ends between two days, and on which."""
    found = session.exec(
        select(AccountLink, PersonalAccount, Meter)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(Meter, col(Meter.account_id) == col(AccountLink.account_id))
        .where(
            _living(after),
            PersonalAccount.provider_id == provider_id,
            Meter.state == MeterState.ACTIVE,
            col(Meter.verified_until).between(first, last),
        )
        .order_by(col(AccountLink.id), col(Meter.id))
        .limit(limit)
    )
    return [(link, account, meter, meter.verified_until) for link, account, meter in found if meter.verified_until]


def _living(after: int) -> ColumnElement[bool]:
    return and_(col(AccountLink.id) > after, col(AccountLink.ended_at).is_(None))
