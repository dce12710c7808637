"""Bringing an open payment forward: one worker asks the gateway, with no transaction open, and applies the answer."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.payments import confirmation, fault_hooks, repository, rules, setbacks, shops
from lkk_reflex.payments.gateways import yookassa
from lkk_reflex.payments.gateways.base import Gateway, GatewayError, GatewayFactory, GatewayPayment, ShopAccess
from lkk_reflex.payments.models import Payment, PaymentStatus, Review

logger = logging.getLogger(__name__)

_BATCH = 100
_ASK_AT_ONCE = 4
#: The gateway's clock may be behind ours.
_CLOCK_SKEW = timedelta(minutes=5)


class Asker(StrEnum):
    """Why the gateway is asked now."""

    CHECKOUT = "checkout"
    RETURN_PAGE = "return page"
    NOTIFICATION = "notification"
    POLLER = "poller"
    RECONCILIATION = "reconciliation"


class Task(StrEnum):
    """What is asked."""

    CREATE = "create"
    GET = "get"
    LOOK_UP = "look up"


@dataclass(frozen=True, slots=True)
class Errand:
    """One question to the gateway, complete: it is put while no database session is open."""

    payment_id: str
    task: Task
    access: ShopAccess
    provider_id: str
    key: str
    body: str = field(repr=False)
    is_replay: bool
    created_from: datetime


def advance(payment_id: str, asker: Asker, connect: GatewayFactory = yookassa.connect) -> bool:
    """Ask the gateway about a payment, or send it for the first time or again, and apply the answer.

    Blocks for as long as the gateway takes; opens its own two short units of work. Returns whether it asked:
    it does not when the payment is final, somebody else is asking, or it is too early.
    """
    with unit_of_work() as session:
        errand = _take(session, payment_id, asker)
    if errand is None:
        return False
    fault_hooks.reach(fault_hooks.Point.BEFORE_GATEWAY)
    finding = _ask(connect(errand.access), errand)
    fault_hooks.reach(fault_hooks.Point.AFTER_GATEWAY)
    logger.info("payment %s: %s for the %s -> %s", payment_id, errand.task, asker, _in_words(finding))
    try:
        with unit_of_work() as session:
            _settle(session, errand, finding)
    except IntegrityError as error:
        if not repository.is_already_credited(error):
            raise
        logger.warning("payment %s has been credited by somebody else meanwhile", payment_id)
    return True


def advance_due(connect: GatewayFactory = yookassa.connect) -> int:
    """Ask about every payment whose time has come; return about how many. One payment's fault stops no other."""
    with reading() as session:
        due = repository.due_payment_ids(session, clock.now(), _BATCH)
    return advance_all(due, Asker.POLLER, connect)


def advance_all(payment_ids: Iterable[str], asker: Asker, connect: GatewayFactory = yookassa.connect) -> int:
    """Ask about several payments, a few at a time; return about how many the gateway was asked."""
    with ThreadPoolExecutor(_ASK_AT_ONCE, thread_name_prefix="gateway") as pool:
        return sum(pool.map(lambda payment_id: _advance_safely(payment_id, asker, connect), payment_ids))


def recheck(session: Session, viewer: Viewer, payment_id: str) -> None:
    """Let a payment that waits for a person be asked about again.

    Raises:
        Forbidden: for anybody but the system, or when there is no such payment under review.
    """
    viewer.require_system()
    payment = repository.lock_payment(session, payment_id)
    if payment is None or payment.review is None or payment.status in rules.FINAL:
        raise Forbidden
    payment.review, payment.review_note = None, ""
    payment.next_check_at = clock.now()


def _advance_safely(payment_id: str, asker: Asker, connect: GatewayFactory) -> bool:
    try:
        return advance(payment_id, asker, connect)
    except Exception as error:
        # The lease ends by itself and the payment is tried again.
        logger.error("payment %s could not be advanced", payment_id, exc_info=error)
        return False


def _take(session: Session, payment_id: str, asker: Asker) -> Errand | None:
    """Take the lease and write down what is about to be asked, before it is."""
    payment, now = repository.lock_payment(session, payment_id), clock.now()
    if payment is None or not _may_ask(payment, asker, now):
        return None
    shop = repository.shop(session, payment.shop_id)
    if shop.stopped_reason:
        payment.next_check_at = now + rules.STOPPED_SHOP_INTERVAL
        return None
    task = _task_of(payment, now)
    payment.asked_at = now
    # If this process dies, the poller comes back when the lease is over.
    payment.lease_until = payment.next_check_at = now + rules.LEASE
    if task is Task.CREATE:
        payment.status, payment.first_sent_at = PaymentStatus.SENDING, payment.first_sent_at or now
        payment.sends += 1
        payment.doubtful_sends += 1
    return Errand(
        payment_id=payment.id,
        task=task,
        access=shops.access_of(shop),
        provider_id=payment.provider_id or "",
        key=payment.idem_key,
        body=payment.body,
        is_replay=payment.doubtful_sends > 1,
        created_from=(payment.first_sent_at or payment.created_at) - _CLOCK_SKEW,
    )


def _may_ask(payment: Payment, asker: Asker, now: datetime) -> bool:
    is_leased = payment.lease_until is not None and payment.lease_until > now
    if payment.status in rules.FINAL or payment.review in rules.FOR_A_PERSON or is_leased:
        return False
    is_due = payment.next_check_at is not None and payment.next_check_at <= now
    if payment.review in rules.LOOKED_UP:
        # Not finding it counts only an hour after the last time, whoever would like to know.
        return is_due
    if asker in (Asker.NOTIFICATION, Asker.RECONCILIATION) or is_due:
        return True
    if asker is Asker.POLLER:
        return False
    if payment.provider_id:
        return payment.asked_at is None or payment.asked_at <= now - rules.PAGE_INTERVAL
    return payment.status is PaymentStatus.NEW


def _task_of(payment: Payment, now: datetime) -> Task:
    if payment.provider_id:
        return Task.GET
    if payment.review not in rules.LOOKED_UP and payment.first_sent_at:
        if now - payment.first_sent_at < rules.KEY_LIFE:
            return Task.CREATE
        confirmation.send_to_review(payment, Review.KEY_EXPIRED, "23 hours without a clear answer")
    return Task.LOOK_UP if payment.review in rules.LOOKED_UP else Task.CREATE


def _ask(gateway: Gateway, errand: Errand) -> GatewayPayment | GatewayError | None:
    """Return the gateway's payment, the failure to get it, or None when the list does not hold it."""
    try:
        if errand.task is Task.GET:
            return gateway.get(errand.provider_id)
        if errand.task is Task.LOOK_UP:
            listed = gateway.created_since(errand.created_from)
            return next((seen for seen in listed if seen.payment_ref == errand.payment_id), None)
        created = gateway.create(errand.key, errand.body)
    except GatewayError as error:
        return error
    return _present_state(gateway, created) if errand.is_replay else created


def _present_state(gateway: Gateway, created: GatewayPayment) -> GatewayPayment:
    """Return the payment as it is now: nobody promises that a replayed answer is not the first one of long ago."""
    try:
        return gateway.get(created.id)
    except GatewayError:
        return created


def _settle(session: Session, errand: Errand, finding: GatewayPayment | GatewayError | None) -> None:
    payment = repository.lock_payment(session, errand.payment_id)
    if payment is None:
        return
    if isinstance(finding, GatewayPayment):
        confirmation.apply(session, payment, finding)
        return
    payment.lease_until = None
    if payment.status in rules.FINAL:
        return
    if finding is None:
        setbacks.not_listed(payment)
        return
    payment.last_error = finding.text[:300]
    shop = repository.shop(session, payment.shop_id)
    if errand.task is Task.CREATE and payment.provider_id is None:
        setbacks.not_created(payment, shop, finding)
    else:
        setbacks.not_answered(payment, shop, finding)


def _in_words(finding: GatewayPayment | GatewayError | None) -> str:
    if isinstance(finding, GatewayPayment):
        return f"{finding.id} {finding.status}"
    return f"{type(finding).__name__} {finding.text}" if finding else "not in the list"
