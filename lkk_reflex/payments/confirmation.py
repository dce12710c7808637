"""Applying what the gateway says to a payment: the only place that credits an account."""

import logging
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import messages, repository, rules
from lkk_reflex.payments.gateways.base import GatewayPayment
from lkk_reflex.payments.models import Payment, PaymentStatus, Review, Shop

logger = logging.getLogger(__name__)


def apply(session: Session, payment: Payment, seen: GatewayPayment) -> None:
    """Bring a locked payment to the state that the gateway has told us over our own connection.

    Credits the account when that state is `succeeded`, in this unit of work; a second time changes nothing.
    Whatever does not fit stops the payment for a review and moves no money.

    Raises:
        sqlalchemy.exc.IntegrityError: when somebody else has credited the payment (only without the lock).
    """
    now = clock.now()
    payment.lease_until = None
    if payment.review in rules.FOR_A_PERSON:
        return
    if problem := mismatch_of(payment, repository.shop(session, payment.shop_id), seen):
        send_to_review(payment, Review.MISMATCH, problem)
        return
    if not rules.is_known_state(seen.status):
        logger.warning("payment %s: the gateway calls its state %s", payment.id, seen.status)
        watch(payment, now)
        return
    after = rules.next_status(payment.status, seen.status)
    if after is None:
        send_to_review(payment, Review.FINAL_CHANGED, f"{payment.status}, the gateway says {seen.status}")
    elif str(after) == seen.status:
        _take_over(session, payment, seen, after, now)
    else:
        watch(payment, now)


def mismatch_of(payment: Payment, shop: Shop, seen: GatewayPayment) -> str | None:
    """Return in which respect the gateway's object is not the payment we asked for; None when it is."""
    differences = {
        "id": payment.provider_id not in (None, seen.id),
        "payment_ref": seen.payment_ref != payment.id,
        "amount": seen.amount.kopecks != payment.amount_kopecks or seen.currency != "RUB",
        "shop": seen.recipient not in (None, shop.gateway_id),
        "test": seen.is_test is not shop.is_test,
        "paid": seen.status == "succeeded" and not seen.is_paid,
    }
    found = [name for name, differs in differences.items() if differs]
    return ", ".join(found) or None


def send_to_review(payment: Payment, review: Review, note: str) -> None:
    """Mark a payment for a closer look and raise the alarm once."""
    if payment.review is not review:
        logger.error("ALARM payment %s (%s) needs a review: %s, %s", payment.id, payment.status, review, note)
    payment.review, payment.review_note, payment.is_offered = review, note[:300], False
    if review in rules.FOR_A_PERSON:
        payment.next_check_at = None


def finish(payment: Payment, status: PaymentStatus, now: datetime) -> None:
    """Give a payment its final state."""
    payment.status, payment.final_at, payment.next_check_at = status, now, None
    payment.is_offered, payment.confirmation_url = False, ""
    payment.review, payment.review_note = None, ""


def watch(payment: Payment, now: datetime) -> None:
    """Set when to ask about an open payment again: often at first, rarely later."""
    if payment.status in rules.OPEN:
        since = max(moment for moment in (payment.created_at, payment.first_sent_at, payment.returned_at) if moment)
        payment.next_check_at = now + rules.poll_after(now - since)


def _take_over(session: Session, payment: Payment, seen: GatewayPayment, after: PaymentStatus, now: datetime) -> None:
    before = payment.status
    if before in rules.FINAL:
        return
    payment.provider_id, payment.provider_raw, payment.last_error = seen.id, seen.raw, ""
    payment.method_type, payment.method_title = seen.method_type, seen.method_title
    if after in rules.FINAL:
        finish(payment, after, now)
        payment.cancel_party, payment.cancel_reason = seen.cancel_party, seen.cancel_reason
    else:
        payment.status, payment.confirmation_url = after, seen.confirmation_url
        _judge_open(payment, after)
        watch(payment, now)
    if after is PaymentStatus.SUCCEEDED:
        repository.credit(session, payment, now)
        messages.tell_payer(session, payment)
    if after is not before:
        sum_shown = Money(payment.amount_kopecks).to_api()
        logger.info("payment %s (%s) %s: %s -> %s", payment.id, seen.id, sum_shown, before, after)


def _judge_open(payment: Payment, status: PaymentStatus) -> None:
    if status is PaymentStatus.WAITING_FOR_CAPTURE:
        send_to_review(payment, Review.HELD, "capture it in the merchant's cabinet")
    else:
        payment.review, payment.review_note = None, ""
