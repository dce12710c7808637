"""Paying for an account from its pay page: what the page offers, what was typed, where the payer goes next."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts.statements import due_now, linked_bill, moments_of
from lkk_reflex.cabinet.pay_projection import PayDesk, pay_desk
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import Limit, Scope, take
from lkk_reflex.kit.raw_input import text_of
from lkk_reflex.payments import checkout, history
from lkk_reflex.payments.balance import credited_after
from lkk_reflex.payments.checkout import AmountChoice, PayForm
from lkk_reflex.payments.errors import PaymentUnavailable
from lkk_reflex.payments.models import ReceiptsMode

#: Far above what a person does, far below what a script would like.
LIMITS = (Limit("payments.begin", Scope.SUBJECT, 30, timedelta(minutes=15)),)
_LONGEST_CONTACT = 254


@dataclass(frozen=True, slots=True)
class Offer:
    """What the pay page shows, and the debt that stands on its button."""

    desk: PayDesk
    debt_kopecks: int


def offer(session: Session, viewer: Viewer, *, link_id: str) -> Offer:
    """Return what can be paid for a connected account now.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    bill = linked_bill(session, viewer, public_id=link_id)
    due = due_now(bill, credited_after(session, moments_of([bill])))
    receipts, unavailable = ReceiptsMode.OFF, ""
    try:
        receipts = checkout.receipts_mode(session, bill.provider_id)
    except PaymentUnavailable as refusal:
        unavailable = refusal.message
    unfinished = history.unfinished_payment(session, viewer, account_id=bill.account_id)
    return Offer(
        pay_desk(bill, due, receipts, unavailable, unfinished), due.kopecks if due and due > Money.zero() else 0
    )


def begin(session: Session, viewer: Viewer, *, form: PayForm) -> str:
    """Write the payment down and return its id.

    Raises:
        TooManyAttempts: for who begins payment after payment.
        PortalError: as `checkout.begin`.
    """
    take(session, LIMITS, {Scope.SUBJECT: str(viewer.require_subscriber())})
    return checkout.begin(session, viewer, form)


def way_on(session: Session, viewer: Viewer, *, payment_id: str) -> str:
    """Return where the payer goes: an absolute address of the gateway's page, or the page that waits for one."""
    payment = history.payment_of(session, viewer, payment_id=payment_id)
    return payment.pay_url or f"/pay/return/{payment_id}"


def typed_sum(text: str) -> tuple[str, str]:
    """Return the sum for the button and the error for the field; both are empty while nothing is typed."""
    if not text:
        return "", ""
    try:
        return str(checkout.parse_amount(text)), ""
    except PortalError as refusal:
        return "", refusal.message


def read_form(fields: object, *, intent_id: str, link_id: str, debt_kopecks: int) -> PayForm:
    """Return the form out of whatever a socket has sent; what is no text counts as not filled in."""
    return PayForm(
        intent_id=intent_id,
        link_id=link_id,
        choice=AmountChoice.OWN if text_of(fields, "kind") == AmountChoice.OWN else AmountChoice.DEBT,
        debt_shown=debt_kopecks,
        amount_text=text_of(fields, "amount"),
        receipt_contact=text_of(fields, "receipt_contact", limit=_LONGEST_CONTACT),
    )
