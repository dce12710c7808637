"""What proves that a payment has come, for the paper that says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.statements import linked_bills
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository, rules
from lkk_reflex.payments.models import Payment, PaymentStatus
from lkk_reflex.payments.projection import method_of


@dataclass(frozen=True, slots=True)
class PaymentProof:
    """A payment that has succeeded, and where its money went."""

    amount: Money
    reference: str
    method: str
    begun_at: datetime
    credited_at: datetime
    gateway_number: str
    account: PersonalAccount
    provider: ServiceProvider


def proof_of(session: Session, viewer: Viewer, *, payment_id: str) -> PaymentProof:
    """Return the proof of a payment to who made it, or has extended access to its account.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: for everybody else, and while the payment has not succeeded beyond doubt.
    """
    subscriber_id = viewer.require_subscriber()
    found = repository.payment_with_account(session, payment_id)
    if found is None:
        raise Forbidden
    payment, account, provider = found
    is_own = payment.subscriber_id == subscriber_id
    if not (is_own or _is_proved_owner(session, viewer, payment.account_id)) or not _has_come(payment):
        raise Forbidden
    return PaymentProof(
        amount=Money(payment.amount_kopecks),
        reference=rules.reference_of(payment.id),
        method=method_of(payment),
        begun_at=payment.created_at,
        credited_at=payment.final_at or payment.created_at,
        gateway_number=payment.provider_id or "",
        account=account,
        provider=provider,
    )


def _has_come(payment: Payment) -> bool:
    return payment.status is PaymentStatus.SUCCEEDED and payment.review is None


def _is_proved_owner(session: Session, viewer: Viewer, account_id: int) -> bool:
    return any(
        bill.account_id == account_id and bill.level is LinkLevel.EXTENDED for bill in linked_bills(session, viewer)
    )
