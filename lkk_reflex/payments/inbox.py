"""Notifications of the gateway: stored at once, worked on in the background, believed in nothing."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import repository, rules
from lkk_reflex.payments.gateways import yookassa
from lkk_reflex.payments.gateways.base import GatewayFactory
from lkk_reflex.payments.models import GatewayEvent, Payment
from lkk_reflex.payments.watch import Asker, advance

logger = logging.getLogger(__name__)

_BATCH = 100
_WORK_AT_ONCE = 4
_PAYMENT_EVENTS = frozenset({"payment.waiting_for_capture", "payment.succeeded", "payment.canceled"})
_EVENT = re.compile(r"[a-z_.]{1,64}")
_OUR_ID = re.compile(r"[0-9a-f-]{36}")


class UnreadableNotification(Exception):
    """The message is not a notification of the gateway."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What we read of a notification: where to look, and nothing of what it claims."""

    event: str
    object_id: str
    payment_ref: str
    raw: str


def read_notification(content: object, raw: str) -> Notification:
    """Read the parsed JSON of a notification.

    Raises:
        UnreadableNotification: when it is something else.
    """
    body = content if isinstance(content, dict) else {}
    seen = body.get("object")
    event, object_id = body.get("event"), seen.get("id") if isinstance(seen, dict) else None
    if not (isinstance(event, str) and isinstance(object_id, str)):
        raise UnreadableNotification
    if not (_EVENT.fullmatch(event) and yookassa.is_object_id(object_id)):
        raise UnreadableNotification
    metadata = seen.get("metadata") if isinstance(seen, dict) else None
    reference = metadata.get("payment_ref") if isinstance(metadata, dict) else None
    is_ours = isinstance(reference, str) and _OUR_ID.fullmatch(reference)
    return Notification(event, object_id, str(reference) if is_ours else "", raw)


def receive(session: Session, token: str, notification: Notification, address: str) -> bool:
    """Store a notification that came to this address; False when the address belongs to no shop."""
    shop = repository.shop_by_webhook_token(session, token)
    if shop is None or shop.id is None:
        return False
    now = clock.now()
    event = GatewayEvent(
        shop_id=shop.id,
        event=notification.event,
        object_id=notification.object_id,
        payment_ref=notification.payment_ref,
        raw=notification.raw,
        address=address[:64],
        received_at=now,
        next_try_at=now,
    )
    repository.keep_event(session, event)
    return True


def work_on_due(connect: GatewayFactory = yookassa.connect) -> int:
    """Work on every notification whose time has come; return how many there were."""
    with reading() as session:
        due = repository.due_event_ids(session, clock.now(), _BATCH)
    # Most of the time goes by in waiting for the gateway, so a few are worked on side by side.
    with ThreadPoolExecutor(_WORK_AT_ONCE, thread_name_prefix="inbox") as pool:
        list(pool.map(lambda event_id: _work_safely(event_id, connect), due))
    return len(due)


def _work_safely(event_id: int, connect: GatewayFactory) -> None:
    try:
        _work_on(event_id, connect)
    except Exception as error:
        # One that makes trouble must not hold up the others; it comes up again with them.
        logger.error("notification %s could not be worked on", event_id, exc_info=error)


def _work_on(event_id: int, connect: GatewayFactory) -> None:
    """Ask the gateway about the payment that the notification names, and see whether that settles it."""
    with reading() as session:
        event = session.get_one(GatewayEvent, event_id)
        payment = _payment_of(session, event)
    if payment and payment.status not in rules.FINAL:
        advance(payment.id, Asker.NOTIFICATION, connect)
    with unit_of_work() as session:
        _settle(session, event_id)


def _settle(session: Session, event_id: int) -> None:
    event, now = repository.lock_event(session, event_id), clock.now()
    payment = _payment_of(session, event)
    event.tries += 1
    if event.event not in _PAYMENT_EVENTS:
        _close(event, "not ours")
        logger.error("ALARM notification %s of an event nobody handles: %s", event_id, event.event)
    elif payment and payment.status in rules.FINAL:
        _close(event, "final")
    elif payment and payment.review in rules.FOR_A_PERSON:
        _close(event, "review")
    elif rules.is_event_stale(now - event.received_at):
        # The gateway's state has been asked for all this time, so the message was wrong.
        _close(event, "stale" if payment else "unknown")
    else:
        event.next_try_at = now + rules.event_retry_after(event.tries)
        if payment is None and event.tries == 1:
            logger.error("ALARM notification %s about an unknown object %s", event_id, event.object_id)


def _close(event: GatewayEvent, outcome: str) -> None:
    event.next_try_at, event.outcome = None, outcome


def _payment_of(session: Session, event: GatewayEvent) -> Payment | None:
    if event.event not in _PAYMENT_EVENTS:
        return None
    return repository.find_payment(session, event.shop_id, event.object_id, event.payment_ref)
