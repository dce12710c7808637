"""All SQL of outages: which accounts they concern, who may see them, who is to be told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, bindparam, literal, or_
from sqlmodel import Session, col, delete, func, insert, select
from sqlmodel.sql.expression import SelectOfScalar

from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.statements import Mark
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.outages.models import Outage, OutageAccount

_PORTION = 1000


class Concerned(NamedTuple):
    """An outage and a connected account that it concerns."""

    outage: Outage
    provider: ServiceProvider
    link_id: str
    level: LinkLevel
    own_name: str
    number_shown: str


# --- For staff


def addresses(session: Session, provider_id: int) -> Iterator[tuple[int, str]]:
    """Yield the id and the address of every account of a provider in one order, without holding them all."""
    statement = select(PersonalAccount.id, PersonalAccount.address).where(PersonalAccount.provider_id == provider_id)
    statement = statement.order_by(col(PersonalAccount.id))
    for account_id, address in session.exec(statement.execution_options(yield_per=_PORTION)):
        yield account_id or 0, address


def add_outage(session: Session, outage: Outage, account_ids: Sequence[int]) -> int:
    """Store an outage with those of these accounts that its provider still has; return how many these are."""
    session.add(outage)
    session.flush()
    for first in range(0, len(account_ids), _PORTION):
        portion = account_ids[first : first + _PORTION]
        living = select(literal(outage.id, Integer), PersonalAccount.id).where(
            PersonalAccount.provider_id == outage.provider_id, col(PersonalAccount.id).in_(portion)
        )
        session.exec(insert(OutageAccount).from_select(["outage_id", "account_id"], living))
    return session.exec(select(func.count()).where(OutageAccount.outage_id == outage.id)).one()


def lock_outage(session: Session, number: int) -> Outage | None:
    """Return an outage that nobody else changes until the end of this unit of work."""
    return session.exec(select(Outage).where(Outage.id == number).with_for_update()).one_or_none()


def provider_of(session: Session, outage: Outage) -> ServiceProvider:
    """Return whose outage it is."""
    return session.get_one(ServiceProvider, outage.provider_id)


def outages_of_staff(
    session: Session, viewer: Viewer, *, provider_id: int | None, ended_after: datetime
) -> Sequence[tuple[Outage, ServiceProvider, int]]:
    """Return the outages of the viewer's providers with the number of named accounts, the next ones first."""
    named = select(func.count()).where(OutageAccount.outage_id == Outage.id).correlate(Outage).scalar_subquery()
    statement = (
        select(Outage, ServiceProvider, named)
        .join(ServiceProvider, col(ServiceProvider.id) == col(Outage.provider_id))
        .where(col(Outage.over_at) > ended_after)
        .order_by(col(Outage.starts_at), col(Outage.id))
    )
    if viewer.role is not Role.SYSTEM:
        statement = statement.where(col(Outage.provider_id).in_(viewer.provider_ids))
    if provider_id is not None:
        statement = statement.where(Outage.provider_id == provider_id)
    return session.exec(statement).all()


# --- For subscribers


def shown_mark(*, starts_before: datetime, ended_after: datetime) -> Mark:
    """Return what marks the accounts that an outage concerns."""
    return Mark(_IS_CONCERNED, {"starts_before": starts_before, "ended_after": ended_after})


def concerning(
    session: Session, viewer: Viewer, *, starts_before: datetime, ended_after: datetime, link_id: str | None = None
) -> list[Concerned]:
    """Return the outages of the viewer's connected accounts, in one query; `link_id` picks one account.

    In the order of connecting, and of their beginnings.
    """
    values = {
        "subscriber_id": viewer.require_subscriber(),
        "starts_before": starts_before,
        "ended_after": ended_after,
        "link_id": link_id,
    }
    statement = _concerning(is_one=link_id is not None)
    return [Concerned(*row) for row in session.exec(statement, params=values)]


@cache
def _concerning(*, is_one: bool) -> SelectOfScalar[Any]:
    """Put the statement together once: every opening of the cabinet asks it."""
    statement: SelectOfScalar[Any] = (
        select(  # type: ignore[call-overload]  # the overloads end at four columns.
            Outage,
            ServiceProvider,
            AccountLink.public_id,
            AccountLink.level,
            AccountLink.own_name,
            PersonalAccount.number_shown,
        )
        .select_from(AccountLink)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(Outage, col(Outage.provider_id) == col(PersonalAccount.provider_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(Outage.provider_id))
        .where(
            col(AccountLink.subscriber_id) == bindparam("subscriber_id"),
            col(AccountLink.ended_at).is_(None),
            _is_shown(),
        )
        .order_by(col(AccountLink.id), col(Outage.starts_at), col(Outage.id))
    )
    return statement.where(col(AccountLink.public_id) == bindparam("link_id")) if is_one else statement


# --- For telling


def revised_since(session: Session, moment: datetime) -> Sequence[tuple[Outage, ServiceProvider]]:
    """Return the outages of which there has been something to tell since a moment, the oldest news first."""
    statement = (
        select(Outage, ServiceProvider)
        .join(ServiceProvider, col(ServiceProvider.id) == col(Outage.provider_id))
        .where(col(Outage.revised_at) >= moment)
    )
    return session.exec(statement.order_by(col(Outage.revised_at), col(Outage.id))).all()


def links_concerned(
    session: Session, outage: Outage, *, after: int, last: int | None, limit: int
) -> Sequence[tuple[AccountLink, PersonalAccount]]:
    """Return the next connections whose account the outage concerns, up to the last one if there is any.

    Who has connected the account after the news has seen it there.
    """
    statement = (
        select(AccountLink, PersonalAccount)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(Outage, col(Outage.provider_id) == col(PersonalAccount.provider_id))
        .where(
            col(Outage.id) == outage.id,
            col(AccountLink.id) > after,
            col(AccountLink.ended_at).is_(None),
            col(AccountLink.created_at) <= outage.revised_at,
            _concerns_account(),
        )
        .order_by(col(AccountLink.id))
        .limit(limit)
    )
    if last is not None:
        statement = statement.where(col(AccountLink.id) <= last)
    return session.exec(statement).all()


# --- For upkeep


def purge(session: Session, over_before: datetime) -> None:
    """Forget the outages that were over before this moment, with the accounts they concerned."""
    session.exec(delete(Outage).where(col(Outage.over_at) < over_before))


def _concerns_account() -> ColumnElement[bool]:
    """Only what concerns the account of the row: all of the provider's, or those that are named."""
    named = (
        select(OutageAccount.account_id)
        .where(OutageAccount.outage_id == Outage.id, OutageAccount.account_id == PersonalAccount.id)
        # By name: left to itself, a question within a question would look among all accounts.
        .correlate(Outage, PersonalAccount)
    )
    return or_(col(Outage.street) == "", named.exists())


def _is_shown() -> ColumnElement[bool]:
    """Only what concerns the account of the row and begins and ends in the time of the question."""
    return and_(
        col(Outage.starts_at) <= bindparam("starts_before"),
        col(Outage.over_at) > bindparam("ended_after"),
        _concerns_account(),
    )


_IS_CONCERNED = (
    select(Outage.id).where(Outage.provider_id == PersonalAccount.provider_id, _is_shown()).correlate(PersonalAccount)
).exists()
