"""What payers are told outside the portal."""

from sqlmodel import Session

from lkk_reflex.kit import wake
from lkk_reflex.kit.money import Money
from lkk_reflex.notifications import outbox
from lkk_reflex.payments import repository, rules
from lkk_reflex.payments.models import Payment
from lkk_reflex.settings import get_settings

#: The bell of the job that sends messages.
_MESSAGES_BELL = "messages"


def tell_payer(session: Session, payment: Payment) -> None:
    """Queue the message that a payment has been credited, once, in the unit of work that credits it."""
    paid_for = repository.payment_with_account(session, payment.id)
    if payment.subscriber_id is None or paid_for is None:
        return
    _, account, provider = paid_for
    outbox.queue(
        session,
        to=repository.login_of(session, payment.subscriber_id),
        template="payment_succeeded",
        params={
            "amount": Money(payment.amount_kopecks),
            "account": account.number_shown,
            "provider": provider.name,
            "reference": rules.reference_of(payment.id),
            "history_link": f"{get_settings().public_url}/payments",
        },
        dedupe_key=f"payment_succeeded:{payment.id}",
    )
    wake.ring_after_commit(session, _MESSAGES_BELL)
