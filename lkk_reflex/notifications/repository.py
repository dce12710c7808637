"""All SQL of the outbox."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, delete, func, select, update

from lkk_reflex.notifications.models import MessageState, OutboxMessage


def add_unless_known(session: Session, message: OutboxMessage) -> None:
    """Store a message; nothing happens when one with its `dedupe_key` is there already."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = message.model_dump(exclude={"id"})
    session.exec(insert(OutboxMessage).values(**values).on_conflict_do_nothing(index_elements=["dedupe_key"]))


def known_keys(session: Session, dedupe_keys: Collection[str]) -> set[str]:
    """Return which of these keys a stored message has."""
    found = session.exec(select(OutboxMessage.dedupe_key).where(col(OutboxMessage.dedupe_key).in_(dedupe_keys)))
    return {key for key in found if key is not None}


def claim_next(session: Session, now: datetime, *, lease_until: datetime) -> OutboxMessage | None:
    """Take the message that waits longest, so that no other process sends it until the lease ends."""
    waiting = (
        select(OutboxMessage.id)
        .where(
            col(OutboxMessage.state).in_([MessageState.QUEUED, MessageState.SENDING]),
            OutboxMessage.due_at <= now,
        )
        .order_by(col(OutboxMessage.due_at), col(OutboxMessage.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == waiting.scalar_subquery())
        .values(state=MessageState.SENDING, attempts=OutboxMessage.attempts + 1, due_at=lease_until)
        .returning(col(OutboxMessage.id))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if claimed is None else session.get(OutboxMessage, claimed)


def count_queued(session: Session, most: int) -> int:
    """Count the messages that wait to be sent, no further than `most`."""
    queued = select(OutboxMessage.id).where(OutboxMessage.state == MessageState.QUEUED).limit(most).subquery()
    return session.exec(select(func.count()).select_from(queued)).one()


def note_outcome(session: Session, message_id: int, changes: Mapping[str, object]) -> None:
    """Write the outcome of an attempt, unless another process has finished the message meanwhile."""
    session.exec(
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == message_id, col(OutboxMessage.state) == MessageState.SENDING)
        .values(**changes)
    )


def purge(session: Session, finished_before: datetime) -> None:
    """Delete messages that were finished before this moment."""
    session.exec(delete(OutboxMessage).where(col(OutboxMessage.finished_at) < finished_before))


def delete_to(session: Session, recipient_hashes: Sequence[str]) -> int:
    """Delete the messages to these recipients and return how many there were."""
    gone = session.exec(delete(OutboxMessage).where(col(OutboxMessage.recipient_hash).in_(recipient_hashes)))
    return int(gone.rowcount)
