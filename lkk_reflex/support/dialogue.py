"""What the person who asked does with a ticket: writes more, closes, opens again, rates."""

from sqlmodel import Session

from lkk_reflex.identity import audit, own_changes
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden, Problems
from lkk_reflex.support import repository
from lkk_reflex.support.deadlines import deadline
from lkk_reflex.support.errors import NotAnsweredYet, NothingToReopen, ReopeningOver, TicketClosed
from lkk_reflex.support.models import Author, Ticket, TicketState
from lkk_reflex.support.rules import (
    REOPENING,
    after_message,
    can_reopen,
    checked_comment,
    checked_rating,
    checked_text,
)
from lkk_reflex.support.telling import tell_staff
from lkk_reflex.support.writing import MESSAGES, count, waiting_files, written


def add_message(
    session: Session, viewer: Viewer, *, public_id: str, intent_id: str, text: str, files: tuple[str, ...] = ()
) -> None:
    """Write to an open ticket; the same form sent again changes nothing.

    After an answer the time for the next one begins anew.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such ticket.
        TicketClosed: it has to be opened again first.
        TextMissing, TextTooLong, FilesTooMany, FilesTooHeavy, FileGone: as in `open_ticket`.
        FormRefused: several fields are wrong.
        TooManyTickets: fifty messages within a day.
    """
    ticket = _own(session, viewer, public_id)
    if repository.has_own_message(session, ticket.id or 0, intent_id):
        return
    if ticket.state is TicketState.CLOSED:
        raise TicketClosed
    problems = Problems()
    with problems.noted():
        bare = checked_text(text)
    with problems.noted():
        found = waiting_files(session, viewer, files)
    problems.refuse()
    count(session, viewer, MESSAGES)
    message = written(session, ticket, author=Author.SUBSCRIBER, text=bare, intent_id=intent_id, files=found)
    if ticket.state is TicketState.ANSWERED:
        _promise(session, ticket)
    ticket.state = after_message(ticket.state)
    tell_staff(session, ticket, message)


def close(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Say that the question is settled; a closed ticket stays closed.

    Raises:
        SignInRequired, Forbidden: as `add_message`.
    """
    ticket = _own(session, viewer, public_id)
    if ticket.state is TicketState.CLOSED:
        return
    ticket.state, ticket.closed_at = TicketState.CLOSED, clock.now()
    written(session, ticket, author=Author.SYSTEM, text="Вы закрыли обращение: вопрос решён.")
    audit.record(session, viewer, "ticket.closed", subscriber_id=viewer.subscriber_id, subject=ticket.number)


def reopen(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Open a closed ticket again within 30 days; the time for an answer begins anew.

    Raises:
        SignInRequired, Forbidden: as `add_message`.
        NothingToReopen: it is open.
        ReopeningOver: it was closed too long ago.
        TooManyTickets: as `add_message`.
    """
    ticket, now = _own(session, viewer, public_id), clock.now()
    if ticket.state is not TicketState.CLOSED:
        raise NothingToReopen
    if not can_reopen(ticket.state, ticket.closed_at, now):
        raise ReopeningOver(days=REOPENING.days)
    # The staff gets a letter each time.
    count(session, viewer, MESSAGES)
    ticket.state, ticket.closed_at, ticket.reopened_at = TicketState.WAITING, None, now
    _promise(session, ticket)
    message = written(session, ticket, author=Author.SYSTEM, text="Вы открыли обращение снова.")
    audit.record(session, viewer, "ticket.reopened", subscriber_id=viewer.subscriber_id, subject=ticket.number)
    tell_staff(session, ticket, message)


def rate(session: Session, viewer: Viewer, *, public_id: str, rating: str, comment: str = "") -> None:
    """Rate the answers from 1 to 5, with a few words; rating again replaces the rating.

    Raises:
        SignInRequired, Forbidden: as `add_message`.
        NotAnsweredYet: nobody has answered.
        RatingMissing, CommentTooLong: what was filled in is no rating.
        FormRefused: neither field is right.
        TooManyChanges: rated too often.
    """
    ticket = _own(session, viewer, public_id)
    if not repository.has_answer(session, ticket.id or 0):
        raise NotAnsweredYet
    problems = Problems()
    with problems.noted():
        number = checked_rating(rating)
    with problems.noted():
        words = checked_comment(comment)
    problems.refuse()
    if (ticket.rating, ticket.rating_comment) == (number, words):
        return
    own_changes.count(session, viewer, Change.RATING)
    ticket.rating, ticket.rating_comment = number, words
    ticket.rated_at = clock.now()
    session.add(ticket)
    audit.record(session, viewer, "ticket.rated", subscriber_id=viewer.subscriber_id, subject=ticket.number)


def _own(session: Session, viewer: Viewer, public_id: str) -> Ticket:
    ticket = repository.lock_own_ticket(session, viewer, public_id)
    if ticket is None:
        raise Forbidden
    return ticket


def _promise(session: Session, ticket: Ticket) -> None:
    due = deadline(session, provider_id=ticket.provider_id, topic=ticket.topic)
    ticket.due_on, ticket.due_days = due.due_on, due.working_days
