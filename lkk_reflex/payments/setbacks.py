"""What becomes of a payment when the gateway did not give the answer."""

import logging

from lkk_reflex.kit import clock
from lkk_reflex.payments import rules
from lkk_reflex.payments.confirmation import finish, send_to_review, watch
from lkk_reflex.payments.gateways.base import GatewayError, Misconfigured, NotFound, Rejected, Throttled, Unknown
from lkk_reflex.payments.models import Payment, PaymentStatus, Review, Shop
from lkk_reflex.payments.shops import stop_shop

logger = logging.getLogger(__name__)


def not_created(payment: Payment, shop: Shop, error: GatewayError) -> None:
    """Decide after an attempt to create: again with the same key, refused, or to be looked up."""
    now = clock.now()
    payment.next_check_at = now + rules.resend_after(payment.sends)
    if isinstance(error, Unknown) and error.is_key_used:
        send_to_review(payment, Review.KEY_CONFLICT, error.text)
        return
    if isinstance(error, Unknown) and error.was_sent:
        return
    payment.doubtful_sends -= 1
    if isinstance(error, Throttled | Unknown):
        return
    if isinstance(error, Misconfigured):
        stop_shop(shop, error.text)
    else:
        logger.error("ALARM payment %s is refused by the gateway: %s", payment.id, error.text)
    if payment.doubtful_sends == 0:
        finish(payment, PaymentStatus.REJECTED, now)
    elif not isinstance(error, Misconfigured):
        # An earlier attempt may have made the payment, so this refusal says nothing about it.
        send_to_review(payment, Review.REFUSED_AFTER_DOUBT, error.text)


def not_answered(payment: Payment, shop: Shop, error: GatewayError) -> None:
    """Decide after a question about a payment, or a look-up of one, that got no answer: ask again later."""
    now = clock.now()
    watch(payment, now)
    if isinstance(error, Misconfigured):
        stop_shop(shop, error.text)
        payment.next_check_at = now + rules.STOPPED_SHOP_INTERVAL
    elif isinstance(error, NotFound) and payment.provider_id:
        send_to_review(payment, Review.GONE, error.text)
    elif isinstance(error, Rejected):
        logger.error("ALARM payment %s: the gateway refuses the question: %s", payment.id, error.text)


def not_listed(payment: Payment) -> None:
    """Decide after a look-up without result: twice, an hour apart, means that the payment was never made."""
    now = clock.now()
    if payment.provider_id:
        # Found by somebody else meanwhile.
        watch(payment, now)
        return
    payment.missed_lookups += 1
    if payment.missed_lookups >= rules.LOOKUPS_UNTIL_REJECTED:
        finish(payment, PaymentStatus.REJECTED, now)
        logger.error("ALARM payment %s was never made at the gateway: %s", payment.id, payment.last_error)
    else:
        payment.next_check_at = now + rules.LOOKUP_INTERVAL
