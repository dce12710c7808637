"""Payments that somebody should look at."""

import logging
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.payments import repository, rules

logger = logging.getLogger(__name__)

#: A notification comes within seconds; after this it is missing.
_NOTIFICATION_GRACE = timedelta(minutes=10)
_LOOKS_BACK = timedelta(hours=1)


def report(session: Session) -> int:
    """Log an alarm for each open payment that has waited too long and each shop whose notifications do not come.

    Returns how many alarms there were. Runs as often as `_LOOKS_BACK`, so each missing notification counts once.
    """
    now, alarms = clock.now(), 0
    for payment, shop in repository.open_payments(session):
        age = now - payment.created_at
        if payment.review is not None or rules.is_overdue(payment.status, age, is_utilities=shop.is_utilities):
            state = payment.review or payment.status
            logger.error("ALARM payment %s is %s for %d min", payment.id, state, age.total_seconds() // 60)
            alarms += 1
    until = now - _NOTIFICATION_GRACE
    for gateway_id, count in repository.paid_without_notification(session, until - _LOOKS_BACK, until):
        logger.error("ALARM shop %s: no notification for %d paid payments, check its address", gateway_id, count)
        alarms += 1
    return alarms
