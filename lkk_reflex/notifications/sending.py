"""The background job that sends what lies in the outbox, at least once, with growing pauses after failures."""

import logging
from datetime import timedelta
from typing import Final

from cryptography.fernet import InvalidToken
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts
from lkk_reflex.notifications import repository
from lkk_reflex.notifications.models import Channel, MessageState, OutboxMessage
from lkk_reflex.notifications.outbox import Content
from lkk_reflex.notifications.sender import Delivery, Outgoing, Senders

_logger = logging.getLogger(__name__)

#: Pauses after the first, second … failed attempt; after the last one the message is dead.
_PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 300, 1200, 3600, 4 * 3600, 12 * 3600))
_DAY: Final = timedelta(days=1)
_KEPT: Final = timedelta(days=90)
#: Longer than any sender takes; then another process may take the message over.
_LEASE: Final = timedelta(minutes=3)


def send_due(engine: Engine, senders: Senders, limit: int = 20) -> int:
    """Try to send up to `limit` messages that are due; return how many were handed over.

    Each is claimed in a transaction of its own and sent outside of any. A process that dies in between leaves a
    claim that ends, so a message may go out twice but is never lost.
    """
    sent = 0
    for _ in range(limit):
        message = _claim(engine)
        if message is None:
            break
        delivery = _deliver(engine, senders, message)
        _note(engine, message, delivery)
        sent += delivery.ok
    return sent


def purge(session: Session) -> None:
    """Delete messages that were finished long ago."""
    repository.purge(session, clock.now() - _KEPT)


def _claim(engine: Engine) -> OutboxMessage | None:
    now = clock.now()
    with unit_of_work(engine) as session:
        return repository.claim_next(session, now, lease_until=now + _LEASE)


def _deliver(engine: Engine, senders: Senders, message: OutboxMessage) -> Delivery:
    if message.expires_at is not None and message.expires_at <= clock.now():
        return Delivery(ok=False, error="expired", retryable=False)
    sender = senders.by_channel.get(message.channel)
    if sender is None:
        return Delivery(ok=False, error="no_sender", retryable=False)
    try:
        content = Content.decrypted(message.content)
    except InvalidToken:
        return Delivery(ok=False, error="secret_changed", retryable=False)
    if message.channel is Channel.SMS and not _within_daily_limit(engine, senders.sms_daily_limit):
        return Delivery(ok=False, error="daily_limit")
    try:
        return sender.send(Outgoing(_id(message), content.to, content.subject, content.body, message.message_id))
    except Exception as fault:  # noqa: BLE001 - a fault of one sender must not stop the others' messages.
        _logger.error("sender failed: %s", type(fault).__name__)
        return Delivery(ok=False, error=type(fault).__name__)


def _note(engine: Engine, message: OutboxMessage, delivery: Delivery) -> None:
    """Write down the outcome; a finished message loses its content."""
    now = clock.now()
    gives_up = not delivery.retryable or message.attempts > len(_PAUSES)
    changes: dict[str, object] = {"provider_id": delivery.provider_id, "last_error": delivery.error[:120]}
    if delivery.ok or gives_up:
        state = MessageState.SENT if delivery.ok else MessageState.DEAD
        changes |= {"state": state, "content": "", "finished_at": now}
    else:
        changes |= {"state": MessageState.QUEUED, "due_at": now + _PAUSES[message.attempts - 1]}
    if not delivery.ok:
        _logger.warning(
            "message %s (%s) not sent: %s%s",
            message.id, message.template, delivery.error, ", given up" if gives_up else "",
        )  # fmt: skip
    with unit_of_work(engine) as session:
        repository.note_outcome(session, _id(message), changes)


def _within_daily_limit(engine: Engine, amount: int) -> bool:
    try:
        with unit_of_work(engine) as session:
            _count_sms(session, amount)
    except TooManyAttempts:
        return False
    return True


def _count_sms(session: Session, amount: int) -> None:
    """Count one paid SMS against the cap of the day, which stops who would burn the company's money.

    Raises:
        TooManyAttempts: when the cap is reached.
    """
    if amount == 0:
        raise TooManyAttempts(wait=rate_limit.in_words(_DAY))
    rate_limit.take(session, [Limit("sms", Scope.GLOBAL, amount, _DAY)], {})


def _id(message: OutboxMessage) -> int:
    if message.id is None:
        raise ValueError("the message is not stored")
    return message.id
