"""What proves that a payment has come, for the paper that says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.statements import LinkedBill, linked_bills
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
    if not has_proof_for(payment, subscriber_id, _link_to(session, viewer, payment.account_id)):
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


def has_proof_for(payment: Payment, subscriber_id: int, linked: LinkedBill | None) -> bool:
    """Tell whether a subscriber may have the proof of a payment, and there is one; the link to it asks this too.

    `linked` is the subscriber's own connection to the payment's account: the basic one needs no proof that the
    account is theirs, and so gives no paper about somebody else's payment.
    """
    is_payer = payment.subscriber_id == subscriber_id
    is_proved_owner = linked is not None and linked.level is LinkLevel.EXTENDED
    has_come = payment.status is PaymentStatus.SUCCEEDED and payment.review is None
    return (is_payer or is_proved_owner) and has_come


def _link_to(session: Session, viewer: Viewer, account_id: int) -> LinkedBill | None:
    return next((bill for bill in linked_bills(session, viewer) if bill.account_id == account_id), None)
