"""All SQL of identity."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, and_, bindparam, func
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import Select

from lkk_reflex.identity.errors import LoginTaken
from lkk_reflex.identity.models import (
    CabinetClosing,
    Confirmation,
    ConfirmationCode,
    KnownDevice,
    OneTimeTicket,
    Subscriber,
    SubscriberSession,
    TicketKind,
)
from lkk_reflex.kit.db import rows_of, violates
from lkk_reflex.kit.tokens import token_hash


class LiveSession(NamedTuple):
    """An open session: whose it is, when it was seen last, and whether the cabinet is closed."""

    session_id: int
    subscriber_id: int
    last_seen_at: datetime
    is_closed: bool


def subscriber_by_login(session: Session, login: str) -> Subscriber | None:
    """Return the subscriber with this normalised login."""
    return session.exec(select(Subscriber).where(Subscriber.login == login)).one_or_none()


def add_subscriber(session: Session, subscriber: Subscriber) -> int:
    """Store a new subscriber and return the id.

    Raises:
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    session.add(subscriber)
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_subscriber_login"):
            raise LoginTaken from None
        raise
    return stored_id(subscriber.id)


def upgrade_password_hash(session: Session, subscriber_id: int, old_hash: str, new_hash: str) -> None:
    """Store the same password under newer parameters, unless it was changed meanwhile."""
    session.exec(
        update(Subscriber)
        .where(col(Subscriber.id) == subscriber_id, col(Subscriber.password_hash) == old_hash)
        .values(password_hash=new_hash)
    )


def is_password_of(session: Session, subscriber_id: int, changed_at: datetime | None) -> bool:
    """Tell whether the password is still the one that was chosen at this moment; nobody changes it until the end."""
    present = select(Subscriber.password_changed_at).where(Subscriber.id == subscriber_id).with_for_update()
    return session.exec(present).one_or_none() == changed_at


def set_password(session: Session, subscriber_id: int, password_hash: str, now: datetime) -> None:
    """Store a new password."""
    session.exec(
        update(Subscriber)
        .where(col(Subscriber.id) == subscriber_id)
        .values(password_hash=password_hash, password_changed_at=now)
    )


def stored_id(value: int | None) -> int:
    """Return the id of a stored row, which only a new row lacks."""
    if value is None:
        raise ValueError("the row is not stored yet")
    return value


def confirmation_of_browser(session: Session, flow_token: str, now: datetime) -> Confirmation | None:
    """Return the unfinished confirmation that this browser has begun."""
    return session.exec(
        select(Confirmation).where(
            Confirmation.flow_hash == token_hash(flow_token),
            col(Confirmation.finished_at).is_(None),
            Confirmation.expires_at > now,
        )
    ).one_or_none()


def cancel_codes(session: Session, confirmation_id: int, now: datetime) -> None:
    """End every open code of a confirmation."""
    session.exec(
        update(ConfirmationCode)
        .where(
            col(ConfirmationCode.confirmation_id) == confirmation_id,
            col(ConfirmationCode.used_at).is_(None),
            col(ConfirmationCode.cancelled_at).is_(None),
        )
        .values(cancelled_at=now)
    )


def take_code_try(session: Session, confirmation_id: int, now: datetime) -> tuple[int, str, int] | None:
    """Spend one try of the open code: its id, its hash and the tries left; None when there is no open code.

    One statement decides, so that parallel guesses cannot have more tries than there are.
    """
    row = session.exec(
        update(ConfirmationCode)
        .where(
            col(ConfirmationCode.confirmation_id) == confirmation_id,
            col(ConfirmationCode.used_at).is_(None),
            col(ConfirmationCode.cancelled_at).is_(None),
            col(ConfirmationCode.tries_left) > 0,
            col(ConfirmationCode.expires_at) > now,
        )
        .values(tries_left=ConfirmationCode.tries_left - 1)
        .returning(col(ConfirmationCode.id), col(ConfirmationCode.code_hash), col(ConfirmationCode.tries_left))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def use_code(session: Session, code_id: int, now: datetime) -> bool:
    """Mark a code as used; False when it already is."""
    return _changed_one(
        session.exec(
            update(ConfirmationCode)
            .where(col(ConfirmationCode.id) == code_id, col(ConfirmationCode.used_at).is_(None))
            .values(used_at=now)
        )
    )


def use_link(session: Session, token: str, now: datetime) -> Confirmation | None:
    """Mark the link as used and return its confirmation; None when the link is not good any more."""
    confirmation_id = session.exec(
        update(ConfirmationCode)
        .where(
            col(ConfirmationCode.link_hash) == token_hash(token),
            col(ConfirmationCode.used_at).is_(None),
            col(ConfirmationCode.cancelled_at).is_(None),
            col(ConfirmationCode.link_expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(ConfirmationCode.confirmation_id))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if confirmation_id is None else session.get(Confirmation, confirmation_id)


def finish_confirmation(session: Session, confirmation_id: int, now: datetime) -> bool:
    """Mark a confirmation as finished; False when it already is."""
    return _changed_one(
        session.exec(
            update(Confirmation)
            .where(col(Confirmation.id) == confirmation_id, col(Confirmation.finished_at).is_(None))
            .values(finished_at=now)
        )
    )


def use_ticket(session: Session, token: str, now: datetime) -> OneTimeTicket | None:
    """Mark a ticket as used and return it; None when it has expired, was used or never was."""
    ticket_id = session.exec(
        update(OneTimeTicket)
        .where(
            col(OneTimeTicket.token_hash) == token_hash(token),
            col(OneTimeTicket.used_at).is_(None),
            col(OneTimeTicket.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(OneTimeTicket.id))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if ticket_id is None else session.get(OneTimeTicket, ticket_id)


def live_session(session: Session, token: str, now: datetime, idle_since: datetime) -> LiveSession | None:
    """Return the session of a cookie.

    A session that is revoked, expired or idle for too long is none.
    """
    values = {"token_hash": token_hash(token), "now": now, "idle_since": idle_since}
    row = rows_of(session, _live_session(), values).one_or_none()
    return LiveSession(*row) if row else None


@cache
def _live_session() -> Select[int | None, int, datetime, bool]:
    """Put the statement together once: it is run for every event, and that would take longer than its run."""
    is_closed = and_(
        col(CabinetClosing.subscriber_id) == col(SubscriberSession.subscriber_id),
        col(CabinetClosing.returned_at).is_(None),
    )
    return (
        select(
            col(SubscriberSession.id),
            SubscriberSession.subscriber_id,
            SubscriberSession.last_seen_at,
            col(CabinetClosing.requested_at).is_not(None),
        )
        .outerjoin(CabinetClosing, is_closed)
        .where(
            SubscriberSession.token_hash == bindparam("token_hash"),
            col(SubscriberSession.revoked_at).is_(None),
            SubscriberSession.expires_at > bindparam("now"),
            SubscriberSession.last_seen_at > bindparam("idle_since"),
        )
    )


def live_sessions_of(
    session: Session, subscriber_id: int, now: datetime, idle_since: datetime
) -> list[SubscriberSession]:
    """Return the open sessions of a subscriber, the latest seen first."""
    return list(
        session.exec(
            select(SubscriberSession)
            .where(
                SubscriberSession.subscriber_id == subscriber_id,
                col(SubscriberSession.revoked_at).is_(None),
                SubscriberSession.expires_at > now,
                SubscriberSession.last_seen_at > idle_since,
            )
            .order_by(col(SubscriberSession.last_seen_at).desc())
        )
    )


def touch_session(session: Session, session_id: int, now: datetime, seen_before: datetime) -> None:
    """Note that the session was used, unless another process has just done so."""
    session.exec(
        update(SubscriberSession)
        .where(col(SubscriberSession.id) == session_id, col(SubscriberSession.last_seen_at) <= seen_before)
        .values(last_seen_at=now)
    )


def revoke_sessions(
    session: Session, subscriber_id: int, now: datetime, *, only: int | None = None, but: int | None = None
) -> int:
    """End sessions of one subscriber: all, only one, or all but one. Return how many ended.

    Where others end, those end too that are about to begin: who has just given a right password holds a ticket.
    """
    if only is None:
        session.exec(
            update(OneTimeTicket)
            .where(
                col(OneTimeTicket.subscriber_id) == subscriber_id,
                col(OneTimeTicket.kind) == TicketKind.SESSION,
                col(OneTimeTicket.used_at).is_(None),
            )
            .values(used_at=now)
        )
    statement = update(SubscriberSession).where(
        col(SubscriberSession.subscriber_id) == subscriber_id, col(SubscriberSession.revoked_at).is_(None)
    )
    if only is not None:
        statement = statement.where(col(SubscriberSession.id) == only)
    if but is not None:
        statement = statement.where(col(SubscriberSession.id) != but)
    return _row_count(session.exec(statement.values(revoked_at=now)))


def revoke_session_of_cookie(session: Session, token: str, now: datetime) -> SubscriberSession | None:
    """End the session of a cookie and return it; None when there is none that is open."""
    ended = session.exec(
        update(SubscriberSession)
        .where(
            col(SubscriberSession.token_hash) == token_hash(token),
            col(SubscriberSession.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .returning(col(SubscriberSession.id))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if ended is None else session.get(SubscriberSession, ended)


def known_device(session: Session, subscriber_id: int, device_token: str, used_since: datetime) -> KnownDevice | None:
    """Return the record of a browser that this subscriber has confirmed, if it was used lately."""
    return session.exec(
        select(KnownDevice).where(
            KnownDevice.subscriber_id == subscriber_id,
            KnownDevice.token_hash == token_hash(device_token),
            KnownDevice.last_used_at > used_since,
        )
    ).one_or_none()


def remember_device(session: Session, subscriber_id: int, device_token: str, now: datetime) -> None:
    """Record that this subscriber has confirmed this browser."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    row = {"subscriber_id": subscriber_id, "token_hash": token_hash(device_token)}
    # Two sign-ins of one browser may come at the same moment.
    session.exec(
        insert(KnownDevice)
        .values(**row, created_at=now, last_used_at=now)
        .on_conflict_do_update(index_elements=list(row), set_={"last_used_at": now})
    )


def forget_devices(session: Session, subscriber_id: int) -> None:
    """Forget every browser of a subscriber."""
    session.exec(delete(KnownDevice).where(col(KnownDevice.subscriber_id) == subscriber_id))


def purge(session: Session, *, confirmations_before: datetime, sessions_before: datetime) -> None:
    """Delete confirmations (their codes go along), tickets and sessions that ended before these moments."""
    session.exec(delete(OneTimeTicket).where(col(OneTimeTicket.expires_at) < confirmations_before))
    session.exec(delete(Confirmation).where(col(Confirmation.expires_at) < confirmations_before))
    session.exec(
        delete(SubscriberSession).where(
            func.coalesce(SubscriberSession.revoked_at, SubscriberSession.expires_at) < sessions_before
        )
    )


def _changed_one(result: Any) -> bool:  # noqa: ANN401 - the library types every result alike.
    return _row_count(result) == 1


def _row_count(result: Any) -> int:  # noqa: ANN401 - the library types every result alike.
    if not isinstance(result, CursorResult):
        raise TypeError("not the result of a changing statement")
    return int(result.rowcount)
