"""What payers are told outside the portal."""

from sqlmodel import Session

from lkk_reflex.payments.models import Payment


def tell_payer(session: Session, payment: Payment) -> None:
    """Queue the message that the payment has been credited, once."""
