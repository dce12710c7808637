"""What the staff does with tickets: finds those that are due, reads, answers, closes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.numbers import plain_number
from lkk_reflex.support import attachment_repository, repository
from lkk_reflex.support.attachments import Enclosure, enclosed
from lkk_reflex.support.errors import AnswerMissing, TextMissing, TicketClosedForStaff
from lkk_reflex.support.models import Author, Ticket, TicketAttachment, TicketMessage, TicketState
from lkk_reflex.support.repository import Found
from lkk_reflex.support.rules import REOPENING, checked_text
from lkk_reflex.support.telling import tell_subscriber
from lkk_reflex.support.writing import written


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket as the staff reads it."""

    found: Found
    messages: Sequence[TicketMessage]
    attachments: Sequence[TicketAttachment]
    #: What the person has proved about the account; personal things are told at extended access only.
    level: LinkLevel | None


def staff_tickets(
    session: Session, viewer: Viewer, *, provider_id: int | None = None, with_closed: bool = False
) -> list[Found]:
    """Return the tickets that wait for an answer, or all of them; those due first at the top.

    An operator sees those of the own providers; the owner of the server also those to the portal's support.

    Raises:
        Forbidden: for subscribers and strangers, and for another provider.
    """
    _require_staff(viewer, provider_id)
    return repository.tickets_for_staff(session, viewer, provider_id=provider_id, with_closed=with_closed)


def staff_ticket(session: Session, viewer: Viewer, *, number: str) -> Dossier:
    """Return a ticket with its dialogue.

    Raises:
        Forbidden: for everybody who does not answer it, and when there is none of this number.
    """
    found = repository.ticket_by_number(session, plain_number(number))
    if found is None:
        raise Forbidden
    ticket = found.ticket
    _require_answering(viewer, ticket)
    level = repository.level_of(session, ticket.subscriber_id, ticket.account_id) if ticket.account_id else None
    return Dossier(
        found,
        repository.messages_of(session, ticket.id or 0),
        attachment_repository.attachments_of(session, ticket.id or 0),
        level,
    )


def answer(session: Session, viewer: Viewer, *, number: str, text: str, files: Sequence[Enclosure] = ()) -> None:
    """Answer a ticket, with files that the person may download; who asked is told that there is an answer.

    Raises:
        Forbidden: as `staff_ticket`.
        TicketClosedForStaff: the person has closed it.
        AnswerMissing, TextTooLong: what was written is no answer.
        FilesTooMany, FilesTooHeavy: as for the messages of subscribers.
    """
    ticket = _locked(session, viewer, number)
    if ticket.state is TicketState.CLOSED:
        raise TicketClosedForStaff(days=REOPENING.days)
    try:
        bare = checked_text(text)
    except TextMissing as missing:
        raise AnswerMissing from missing
    message = written(session, ticket, author=Author.STAFF, text=bare, files=enclosed(ticket, files))
    ticket.state, ticket.answered_at = TicketState.ANSWERED, clock.now()
    audit.record(session, viewer, "ticket.answered", subscriber_id=ticket.subscriber_id, subject=ticket.number)
    tell_subscriber(session, ticket, message)


def close_by_staff(session: Session, viewer: Viewer, *, number: str, text: str = "") -> None:
    """Close a ticket with parting words; the person may open it again within 30 days.

    Raises:
        Forbidden: as `staff_ticket`.
        TicketClosedForStaff: it is closed already, and the parting words would be read by nobody.
        AnswerMissing: nobody has answered, and there are no parting words: a question does not end in silence.
        TextTooLong: they are too long.
    """
    ticket = _locked(session, viewer, number)
    if ticket.state is TicketState.CLOSED:
        if text:
            raise TicketClosedForStaff(days=REOPENING.days)
        return
    if text or ticket.state is not TicketState.ANSWERED:
        answer(session, viewer, number=number, text=text)
    ticket.state, ticket.closed_at = TicketState.CLOSED, clock.now()
    written(session, ticket, author=Author.SYSTEM, text="Сотрудник закрыл обращение.")
    audit.record(session, viewer, "ticket.closed", subscriber_id=ticket.subscriber_id, subject=ticket.number)


def _locked(session: Session, viewer: Viewer, number: str) -> Ticket:
    ticket = repository.lock_ticket_by_number(session, plain_number(number))
    if ticket is None:
        raise Forbidden
    _require_answering(viewer, ticket)
    return ticket


def _require_answering(viewer: Viewer, ticket: Ticket) -> None:
    """Let pass who answers this ticket: the portal's own are for the owner of the server."""
    if ticket.provider_id is None:
        viewer.require_system()
    else:
        viewer.require_staff_of(ticket.provider_id)


def _require_staff(viewer: Viewer, provider_id: int | None) -> None:
    if provider_id is not None:
        viewer.require_staff_of(provider_id)
    elif not viewer.provider_ids:
        viewer.require_system()
