"""The SQL of attachments."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.support.models import Ticket, TicketAttachment, TicketMessage


def attachments_of(session: Session, ticket_id: int) -> Sequence[TicketAttachment]:
    """Return the files of a ticket's messages in the order of uploading."""
    messages = select(TicketMessage.id).where(TicketMessage.ticket_id == ticket_id)
    statement = select(TicketAttachment).where(col(TicketAttachment.message_id).in_(messages))
    return session.exec(statement.order_by(col(TicketAttachment.id))).all()


def own_attachment(session: Session, viewer: Viewer, public_id: str) -> TicketAttachment | None:
    """Return a file of the viewer's tickets, or one that waits for a message of the viewer."""
    own = (
        TicketAttachment.subscriber_id == viewer.require_subscriber(),
        TicketAttachment.public_id == public_id,
    )
    return session.exec(select(TicketAttachment).where(*own)).one_or_none()


def attachment_for_staff(session: Session, viewer: Viewer, public_id: str) -> TicketAttachment | None:
    """Return a sent file of a ticket that the viewer answers."""
    sent = (
        select(TicketAttachment)
        .join(TicketMessage, col(TicketAttachment.message_id) == col(TicketMessage.id))
        .join(Ticket, col(TicketMessage.ticket_id) == col(Ticket.id))
        .where(TicketAttachment.public_id == public_id)
    )
    if viewer.role is not Role.SYSTEM:
        sent = sent.where(col(Ticket.provider_id).in_(viewer.provider_ids))
    return session.exec(sent).one_or_none()


def lock_waiting_attachments(session: Session, viewer: Viewer, public_ids: Iterable[str]) -> list[TicketAttachment]:
    """Return those of these files that the viewer has uploaded and no message has taken yet."""
    waiting = (
        TicketAttachment.subscriber_id == viewer.require_subscriber(),
        col(TicketAttachment.message_id).is_(None),
        col(TicketAttachment.public_id).in_(list(public_ids)),
    )
    return list(session.exec(select(TicketAttachment).where(*waiting).with_for_update()))


def waiting_count(session: Session, viewer: Viewer) -> int:
    """Return how many of the viewer's files no message has taken yet."""
    own = (
        TicketAttachment.subscriber_id == viewer.require_subscriber(),
        col(TicketAttachment.message_id).is_(None),
    )
    return session.exec(select(func.count()).select_from(TicketAttachment).where(*own)).one()


def forget_waiting_attachments(session: Session, before: datetime) -> None:
    """Delete the rows of files that have waited for a message since before this moment."""
    waiting = (col(TicketAttachment.message_id).is_(None), col(TicketAttachment.created_at) < before)
    session.exec(delete(TicketAttachment).where(*waiting))


def forget_attachment(session: Session, attachment: TicketAttachment) -> None:
    """Delete one row."""
    session.delete(attachment)


def known_stored_names(session: Session, names: Sequence[str]) -> set[str]:
    """Return which of these files some row still speaks of."""
    return set(session.exec(select(TicketAttachment.stored_name).where(col(TicketAttachment.stored_name).in_(names))))


def sent_files(session: Session, subscriber_id: int) -> Sequence[TicketAttachment]:
    """Return the files in the tickets of a subscriber, the oldest first."""
    sent = (TicketAttachment.subscriber_id == subscriber_id, col(TicketAttachment.message_id).is_not(None))
    return session.exec(select(TicketAttachment).where(*sent).order_by(col(TicketAttachment.id))).all()


def forget_all_of(session: Session, subscriber_id: int) -> None:
    """Delete the rows of all files of a subscriber, in tickets and waiting."""
    session.exec(delete(TicketAttachment).where(col(TicketAttachment.subscriber_id) == subscriber_id))
