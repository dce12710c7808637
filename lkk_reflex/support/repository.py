"""The SQL of tickets and their messages; that of attachments is beside."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import violates
from lkk_reflex.support.models import AnswerTerm, Author, Ticket, TicketMessage, TicketState


class Found(NamedTuple):
    """A ticket with whom it asks and what it is about, where it names them."""

    ticket: Ticket
    provider: ServiceProvider | None
    account: PersonalAccount | None


# --- Whom one may write to


def providers(session: Session) -> Sequence[ServiceProvider]:
    """Return all companies by name; what is public of them stands on every bill."""
    return session.exec(select(ServiceProvider).order_by(col(ServiceProvider.name))).all()


def provider(session: Session, provider_id: int) -> ServiceProvider | None:
    """Return a company."""
    return session.get(ServiceProvider, provider_id)


def provider_by_code(session: Session, code: str) -> ServiceProvider | None:
    """Return the company with this code."""
    return session.exec(select(ServiceProvider).where(ServiceProvider.code == code)).one_or_none()


def answer_terms(session: Session) -> Sequence[AnswerTerm]:
    """Return every configured time for an answer."""
    return session.exec(select(AnswerTerm)).all()


def set_answer_term(session: Session, term: AnswerTerm) -> None:
    """Store a time for an answer, in place of one that is valid from the same day."""
    same = (
        col(AnswerTerm.provider_id).is_not_distinct_from(term.provider_id),
        col(AnswerTerm.topic).is_not_distinct_from(term.topic),
        col(AnswerTerm.valid_from) == term.valid_from,
    )
    session.exec(delete(AnswerTerm).where(*same))
    session.add(term)


# --- Tickets


def insert_ticket(session: Session, ticket: Ticket) -> bool:
    """Add a ticket; False when its number is taken."""
    try:
        with session.begin_nested():
            session.add(ticket)
            session.flush()
    except IntegrityError as error:
        if violates(error, "uq_ticket_number"):
            return False
        raise
    return True


def own_ticket_by_intent(session: Session, viewer: Viewer, intent_id: str) -> Ticket | None:
    """Return the viewer's ticket that a form has made."""
    own = (Ticket.subscriber_id == viewer.require_subscriber(), Ticket.intent_id == intent_id)
    return session.exec(select(Ticket).where(*own)).one_or_none()


def lock_own_ticket(session: Session, viewer: Viewer, public_id: str) -> Ticket | None:
    """Return a ticket of the viewer's own that nobody else changes until the end of this unit of work."""
    own = (Ticket.subscriber_id == viewer.require_subscriber(), Ticket.public_id == public_id)
    return session.exec(_locked(*own)).one_or_none()


def lock_ticket_by_number(session: Session, number: str) -> Ticket | None:
    """Return the ticket of this number, locked as `lock_own_ticket`; for staff."""
    return session.exec(_locked(Ticket.number == number)).one_or_none()


def own_ticket(session: Session, viewer: Viewer, public_id: str) -> Found | None:
    """Return a ticket of the viewer's own for looking."""
    own = (Ticket.subscriber_id == viewer.require_subscriber(), Ticket.public_id == public_id)
    row = session.exec(_found().where(*own)).one_or_none()
    return Found(*row) if row else None


def own_tickets(session: Session, viewer: Viewer, *, after: str = "", limit: int) -> list[Found]:
    """Return the viewer's tickets, the latest changed first, those behind the ticket with the public id `after`."""
    subscriber_id = viewer.require_subscriber()
    statement = _found().where(col(Ticket.subscriber_id) == subscriber_id)
    last = session.exec(
        select(Ticket).where(Ticket.subscriber_id == subscriber_id, Ticket.public_id == after)
    ).one_or_none()
    if last:
        same_moment = and_(col(Ticket.changed_at) == last.changed_at, col(Ticket.id) < last.id)
        statement = statement.where(or_(col(Ticket.changed_at) < last.changed_at, same_moment))
    newest = statement.order_by(col(Ticket.changed_at).desc(), col(Ticket.id).desc())
    return [Found(*row) for row in session.exec(newest.limit(limit))]


def all_tickets_of(session: Session, subscriber_id: int) -> list[Found]:
    """Return every ticket of a subscriber, the oldest first."""
    statement = _found().where(col(Ticket.subscriber_id) == subscriber_id).order_by(col(Ticket.id))
    return [Found(*row) for row in session.exec(statement)]


def forget_tickets_of(session: Session, subscriber_id: int) -> int:
    """Delete the tickets of a subscriber with their messages; return how many there were."""
    own = select(Ticket.id).where(Ticket.subscriber_id == subscriber_id)
    session.exec(delete(TicketMessage).where(col(TicketMessage.ticket_id).in_(own)))
    return session.exec(delete(Ticket).where(col(Ticket.subscriber_id) == subscriber_id)).rowcount


def tickets_for_staff(session: Session, viewer: Viewer, *, provider_id: int | None, with_closed: bool) -> list[Found]:
    """Return the tickets that the viewer answers, those due first at the top."""
    statement = _found().order_by(col(Ticket.due_on), col(Ticket.id))
    if viewer.role is not Role.SYSTEM:
        statement = statement.where(col(Ticket.provider_id).in_(viewer.provider_ids))
    if provider_id is not None:
        statement = statement.where(col(Ticket.provider_id) == provider_id)
    if not with_closed:
        statement = statement.where(col(Ticket.state).in_([TicketState.NEW, TicketState.WAITING]))
    return [Found(*row) for row in session.exec(statement)]


def ticket_by_number(session: Session, number: str) -> Found | None:
    """Return the ticket of this number; for staff."""
    row = session.exec(_found().where(Ticket.number == number)).one_or_none()
    return Found(*row) if row else None


def level_of(session: Session, subscriber_id: int, account_id: int) -> LinkLevel | None:
    """Return what a subscriber has proved about an account; None without a living connection."""
    link = (AccountLink.subscriber_id == subscriber_id, AccountLink.account_id == account_id)
    found = session.exec(select(AccountLink).where(*link, col(AccountLink.ended_at).is_(None))).one_or_none()
    return found.level if found else None


# --- Messages


def add_message(session: Session, message: TicketMessage) -> None:
    """Add a message and give it its id."""
    session.add(message)
    session.flush()


def messages_of(session: Session, ticket_id: int) -> Sequence[TicketMessage]:
    """Return the messages of a ticket, the oldest first."""
    statement = select(TicketMessage).where(TicketMessage.ticket_id == ticket_id)
    return session.exec(statement.order_by(col(TicketMessage.at), col(TicketMessage.id))).all()


def has_own_message(session: Session, ticket_id: int, intent_id: str) -> bool:
    """Tell whether a form has written its message to this ticket already."""
    same = (TicketMessage.ticket_id == ticket_id, TicketMessage.intent_id == intent_id)
    return session.exec(select(TicketMessage.id).where(*same)).first() is not None


def has_answer(session: Session, ticket_id: int) -> bool:
    """Tell whether staff has written anything."""
    answers = (TicketMessage.ticket_id == ticket_id, TicketMessage.author == Author.STAFF)
    return session.exec(select(TicketMessage.id).where(*answers).limit(1)).first() is not None


def _locked(*conditions: ColumnElement[bool] | bool) -> SelectOfScalar[Ticket]:
    locked = select(Ticket).where(*conditions).with_for_update()
    return locked.execution_options(populate_existing=True)


def _found() -> Select[Ticket, ServiceProvider, PersonalAccount]:
    return (
        select(Ticket, ServiceProvider, PersonalAccount)
        .outerjoin(ServiceProvider, col(Ticket.provider_id) == col(ServiceProvider.id))
        .outerjoin(PersonalAccount, col(Ticket.account_id) == col(PersonalAccount.id))
    )
