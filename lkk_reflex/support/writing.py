"""What opening a ticket and writing to it share: limits, files, the message itself."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.attachments.files import MEGABYTE
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts, give_back, take
from lkk_reflex.support import attachment_repository, repository
from lkk_reflex.support.errors import FileGone, FilesTooHeavy, FilesTooMany, TooManyTickets
from lkk_reflex.support.models import Author, Ticket, TicketAttachment, TicketMessage
from lkk_reflex.support.rules import FILES_LIMIT, FILES_TOGETHER_LIMIT

_DAY: Final = timedelta(days=1)
TICKETS: Final = Limit("support.ticket", Scope.SUBJECT, 10, _DAY)
MESSAGES: Final = Limit("support.message", Scope.SUBJECT, 50, _DAY)
_ID_BYTES: Final = 16


def new_id() -> str:
    """Return an unguessable name for an address, or for a form."""
    return secrets.token_urlsafe(_ID_BYTES)


def count(session: Session, viewer: Viewer, limit: Limit) -> None:
    """Count one thing that the subscriber sends.

    Raises:
        TooManyTickets: the day's number is used up.
    """
    try:
        take(session, [limit], {Scope.SUBJECT: str(viewer.require_subscriber())})
    except TooManyAttempts as refusal:
        raise TooManyTickets(**refusal.params) from refusal


def uncount(session: Session, viewer: Viewer, limit: Limit) -> None:
    """Take the count back: the same click has arrived twice."""
    give_back(session, [limit], {Scope.SUBJECT: str(viewer.require_subscriber())})


def waiting_files(session: Session, viewer: Viewer, public_ids: Sequence[str]) -> list[TicketAttachment]:
    """Return the uploaded files that a message is to take.

    Raises:
        FilesTooMany, FilesTooHeavy: more than a message may carry.
        FileGone: one of them is not the viewer's, was taken by another message, or has waited too long.
    """
    wanted = list(dict.fromkeys(public_ids))
    require_few(len(wanted))
    if not wanted:
        return []
    found = attachment_repository.lock_waiting_attachments(session, viewer, wanted)
    if len(found) != len(wanted):
        raise FileGone
    require_light(file.size for file in found)
    return found


def require_few(count: int) -> None:
    """Refuse more files than a message may carry.

    Raises:
        FilesTooMany: more than five.
    """
    if count > FILES_LIMIT:
        raise FilesTooMany(most=FILES_LIMIT)


def require_light(sizes: Iterable[int]) -> None:
    """Refuse files that are too large together; sizes are in bytes.

    Raises:
        FilesTooHeavy: more than 25 MB.
    """
    if sum(sizes) > FILES_TOGETHER_LIMIT * MEGABYTE:
        raise FilesTooHeavy(most=FILES_TOGETHER_LIMIT)


def written(
    session: Session,
    ticket: Ticket,
    *,
    author: Author,
    text: str,
    intent_id: str | None = None,
    files: Sequence[TicketAttachment] = (),
) -> TicketMessage:
    """Add a message with its files."""
    message = TicketMessage(ticket_id=ticket.id or 0, intent_id=intent_id, author=author, text=text, at=clock.now())
    repository.add_message(session, message)
    for file in files:
        file.message_id = message.id
        session.add(file)
    ticket.changed_at = message.at
    session.add(ticket)
    return message
