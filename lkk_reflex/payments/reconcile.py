"""The daily comparison of the ledger with the gateway, both ways."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import confirmation, repository, shops
from lkk_reflex.payments.gateways import yookassa
from lkk_reflex.payments.gateways.base import GatewayError, GatewayFactory, GatewayPayment
from lkk_reflex.payments.models import PaymentStatus, Shop

logger = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=3)
#: The gateway's list begins earlier than the ledger's, so that the edge makes no differences.
_EDGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the gateway and the ledger do not agree."""

    shop: str
    provider_id: str
    payment_id: str
    what: str


def reconcile(connect: GatewayFactory = yookassa.connect) -> list[Difference]:
    """Compare all shops over the last three days, credit what was missed, report every difference.

    A payment that the gateway lists as paid and we did not know to be is applied here like any other answer.
    Blocks; opens its own units of work.
    """
    with reading() as session:
        all_shops = repository.all_shops(session)
    found = [difference for shop in all_shops for difference in _reconcile_shop(shop, connect)]
    for difference in found:
        logger.error(
            "ALARM reconciliation: shop %s, gateway %s, payment %s: %s",
            difference.shop, difference.provider_id, difference.payment_id or "-", difference.what,
        )  # fmt: skip
    return found


def _reconcile_shop(shop: Shop, connect: GatewayFactory) -> list[Difference]:
    since = clock.now() - LOOKS_BACK
    try:
        listed = list(connect(shops.access_of(shop)).succeeded_since(since - _EDGE))
    except GatewayError as error:
        return [Difference(shop.gateway_id, "-", "", f"the gateway did not answer: {error.text}")]
    found = [difference for seen in listed if (difference := _difference_in_ledger(shop, seen))]
    return found + _missing_at_gateway(shop, {seen.id for seen in listed}, since)


def _difference_in_ledger(shop: Shop, seen: GatewayPayment) -> Difference | None:
    """Compare one paid payment of the gateway with ours; credit it if only that was missing."""
    with unit_of_work() as session:
        payment_id, was_credited = _apply(session, shop, seen)
    if payment_id is None:
        return Difference(shop.gateway_id, seen.id, "", f"paid {seen.amount.to_api()}, and no payment of ours")
    if was_credited:
        return None
    with reading() as session:
        payment = repository.payment(session, payment_id)
    if payment is not None and payment.status is PaymentStatus.SUCCEEDED:
        return Difference(shop.gateway_id, seen.id, payment_id, "was paid and not credited; credited now")
    return Difference(shop.gateway_id, seen.id, payment_id, "is paid and cannot be credited")


def _apply(session: Session, shop: Shop, seen: GatewayPayment) -> tuple[str | None, bool]:
    """Return our payment's id and whether it had been credited before with the same sum."""
    if shop.id is None:
        return None, False
    known = repository.find_payment(session, shop.id, seen.id, seen.payment_ref)
    payment = repository.lock_payment(session, known.id) if known else None
    if payment is None:
        return None, False
    agrees = payment.status is PaymentStatus.SUCCEEDED and Money(payment.amount_kopecks) == seen.amount
    if not agrees:
        confirmation.apply(session, payment, seen)
    return payment.id, agrees


def _missing_at_gateway(shop: Shop, listed: set[str], since: datetime) -> list[Difference]:
    if shop.id is None:
        return []
    with reading() as session:
        credited = repository.credited_payments_since(session, shop.id, since)
    return [
        Difference(shop.gateway_id, payment.provider_id or "-", payment.id, "is credited, the gateway does not list it")
        for payment in credited
        if payment.provider_id not in listed
    ]
