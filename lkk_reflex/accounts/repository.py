"""All SQL of the accounts slice except that of loading registers (`register/repository.py`)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from lkk_reflex.accounts.models import (
    AccountLink,
    Bill,
    Charge,
    LinkLevel,
    PersonalAccount,
    ProviderRequisites,
    ServiceKind,
    ServiceProvider,
)
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import rows_of
from lkk_reflex.kit.numbers import numbered

T = TypeVar("T")


class LinkedBill(NamedTuple):
    """A connected account with its newest bill; the fields of the bill are None before the first
    register, its parts also where the register has sums alone."""

    public_id: str
    account_id: int
    provider_id: int
    provider_name: str
    provider_kind: ServiceKind
    time_zone: str
    number_shown: str
    address: str
    level: LinkLevel
    own_name: str
    period: int | None
    opening_kopecks: int | None
    paid_kopecks: int | None
    closing_kopecks: int | None
    due_on: date | None
    counts_payments_until: datetime | None
    #: What the mark of the question says of the account; False when none was given.
    is_marked: bool = False

    @property
    def title(self) -> str:
        """Return what the subscriber calls the account, or else the name of its provider."""
        return self.own_name or self.provider_name

    @property
    def full_title(self) -> str:
        """Return the title with the number, for who has two accounts of one provider: `Дача · № 3700 1234 5678`."""
        return f"{self.title} · {numbered(self.number_shown)}"


class Mark(NamedTuple):
    """A condition on an account that a higher slice wants to know in the same query.

    The condition is one object for all times, because statements are kept by it; the values fill in its parameters.
    """

    condition: ColumnElement[bool]
    values: Mapping[str, object]


def provider_by_code(session: Session, code: str) -> ServiceProvider | None:
    """Return the provider with this code."""
    return session.exec(select(ServiceProvider).where(col(ServiceProvider.code) == code)).one_or_none()


def provider_by_id(session: Session, provider_id: int) -> ServiceProvider | None:
    """Return the provider with this id."""
    return session.get(ServiceProvider, provider_id)


def providers(session: Session, ids: frozenset[int] | None = None) -> Sequence[ServiceProvider]:
    """Return all providers, or those with the given ids, by name."""
    statement = select(ServiceProvider).order_by(col(ServiceProvider.name))
    if ids is not None:
        statement = statement.where(col(ServiceProvider.id).in_(ids))
    return session.exec(statement).all()


def providers_by_inn(session: Session, inn: str) -> Sequence[ServiceProvider]:
    """Return the providers with this taxpayer number."""
    return session.exec(select(ServiceProvider).where(col(ServiceProvider.inn) == inn)).all()


def requisites_of(session: Session, provider_id: int) -> ProviderRequisites | None:
    """Return where the provider's money goes, if that is known."""
    return session.get(ProviderRequisites, provider_id)


def account_id_by_number(session: Session, provider_id: int, number: str) -> int | None:
    """Return the account with this normalised number."""
    statement = select(PersonalAccount.id).where(
        col(PersonalAccount.provider_id) == provider_id, col(PersonalAccount.number) == number
    )
    return session.exec(statement).one_or_none()


def account_id_by_unified_number(session: Session, provider_id: int, unified_number: str) -> int | None:
    """Return the only account with this ЕЛС; None also when several accounts of the provider share it."""
    statement = select(PersonalAccount.id).where(
        col(PersonalAccount.provider_id) == provider_id,
        col(PersonalAccount.unified_number) == unified_number,
    )
    found = session.exec(statement.limit(2)).all()
    return found[0] if len(found) == 1 else None


def link_to_account(session: Session, subscriber_id: int, account_id: int) -> AccountLink | None:
    """Return the link of a subscriber to an account, an ended one too."""
    statement = select(AccountLink).where(
        col(AccountLink.subscriber_id) == subscriber_id, col(AccountLink.account_id) == account_id
    )
    return session.exec(statement).one_or_none()


def has_any_link(session: Session, viewer: Viewer) -> bool:
    """Tell whether the viewer has a link, living or ended."""
    own = select(AccountLink.id).where(AccountLink.subscriber_id == viewer.require_subscriber())
    return session.exec(own.limit(1)).first() is not None


def own_link(session: Session, viewer: Viewer, public_id: str) -> AccountLink | None:
    """Return a living link of the viewer's own."""
    statement = select(AccountLink).where(_is_own(viewer), AccountLink.public_id == public_id)
    return session.exec(statement).one_or_none()


def lock_own_link(session: Session, viewer: Viewer, public_id: str) -> AccountLink | None:
    """Return a living link of the viewer's own that nobody else changes or ends until the end of this unit of work."""
    statement = select(AccountLink).where(_is_own(viewer), AccountLink.public_id == public_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def ended_link(session: Session, viewer: Viewer, public_id: str, *, ended_after: datetime) -> AccountLink | None:
    """Return a link of the viewer's own that ended after a moment; nobody else changes it until this work ends."""
    own = (AccountLink.subscriber_id == viewer.require_subscriber(), AccountLink.public_id == public_id)
    ended = select(AccountLink).where(*own, col(AccountLink.ended_at) > ended_after).with_for_update()
    return session.exec(ended).one_or_none()


def linked_bills(
    session: Session, viewer: Viewer, public_id: str | None = None, mark: Mark | None = None
) -> list[LinkedBill]:
    """Return the viewer's connected accounts with their newest bills, in one query; `public_id` picks one."""
    statement = _linked_bills(is_one=public_id is not None, condition=mark.condition if mark else None)
    values = {"subscriber_id": viewer.require_subscriber(), "public_id": public_id, **(mark.values if mark else {})}
    return [LinkedBill(*row) for row in rows_of(session, statement, values)]


@cache
def _linked_bills(*, is_one: bool, condition: ColumnElement[bool] | None) -> SelectOfScalar[Any]:
    """Put the statement together once: that takes longer than its run, and every opening of the cabinet needs it."""
    newest = aliased(Bill)
    newest_period = (
        select(func.max(newest.period)).where(newest.account_id == PersonalAccount.id).correlate(PersonalAccount)
    ).scalar_subquery()
    is_newest = and_(col(Bill.account_id) == col(PersonalAccount.id), col(Bill.period) == newest_period)
    marked = [] if condition is None else [condition]
    statement: SelectOfScalar[Any] = (
        select(*_LINKED_BILL, *marked)  # type: ignore[call-overload]  # the overloads end at four columns.
        .select_from(AccountLink)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .outerjoin(Bill, is_newest)
        .where(_is_of(bindparam("subscriber_id")))
        .order_by(col(AccountLink.id))
    )
    return statement.where(col(AccountLink.public_id) == bindparam("public_id")) if is_one else statement


def bills(session: Session, viewer: Viewer, public_id: str, most: int | None = None) -> Sequence[Bill]:
    """Return the bills of an account that the viewer has connected, the newest first, all or so many."""
    statement = _of_own_account(select(Bill), viewer, public_id)
    return session.exec(statement.order_by(col(Bill.period).desc()).limit(most)).all()


def charges(session: Session, viewer: Viewer, public_id: str, period: int) -> Sequence[Charge]:
    """Return the lines of one bill of an account that the viewer has connected."""
    return charges_between(session, viewer, public_id, period, period)


def charges_between(
    session: Session, viewer: Viewer, public_id: str, first: int, last: int
) -> Sequence[Charge]:  # fmt: skip
    """Return the lines of the bills of some periods, the oldest first."""
    lines = select(Charge).join(Bill, col(Bill.id) == col(Charge.bill_id)).where(col(Bill.period).between(first, last))
    own = _of_own_account(lines, viewer, public_id)
    return session.exec(own.order_by(col(Bill.period), col(Charge.line))).all()


def account_of(session: Session, viewer: Viewer, public_id: str) -> tuple[PersonalAccount, ServiceProvider] | None:
    """Return the account that the viewer has connected, with its provider."""
    statement = (
        select(PersonalAccount, ServiceProvider)
        .join(AccountLink, col(AccountLink.account_id) == col(PersonalAccount.id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
    )
    found = session.exec(statement.where(_is_own(viewer), col(AccountLink.public_id) == public_id)).one_or_none()
    return (found[0], found[1]) if found else None


_LINKED_BILL = (
    AccountLink.public_id,
    PersonalAccount.id,
    ServiceProvider.id,
    ServiceProvider.name,
    ServiceProvider.kind,
    ServiceProvider.time_zone,
    PersonalAccount.number_shown,
    PersonalAccount.address,
    AccountLink.level,
    AccountLink.own_name,
    Bill.period,
    Bill.opening_kopecks,
    Bill.paid_kopecks,
    Bill.closing_kopecks,
    Bill.due_on,
    Bill.counts_payments_until,
)


def _is_own(viewer: Viewer) -> ColumnElement[bool]:
    """Only living links of the viewer: every query about subscribers' data has this condition."""
    return _is_of(viewer.require_subscriber())


def _is_of(subscriber_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(col(AccountLink.subscriber_id) == subscriber_id, col(AccountLink.ended_at).is_(None))


def _of_own_account(statement: SelectOfScalar[T], viewer: Viewer, public_id: str) -> SelectOfScalar[T]:
    link = col(AccountLink.account_id) == col(Bill.account_id)
    return statement.join(AccountLink, link).where(_is_own(viewer), col(AccountLink.public_id) == public_id)
