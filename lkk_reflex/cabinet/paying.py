"""Paying for an account from its pay page: what the page offers, what was typed, where the payer goes next."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts.allotting import Owed
from lkk_reflex.accounts.statements import due_now, linked_bill, moments_of
from lkk_reflex.cabinet.pay_projection import PayDesk, pay_desk
from lkk_reflex.cabinet.purposes import owed_by
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
_LONGEST_SHOWN = 15
READING_REFUSED = "Показания не приняты, поэтому оплата не начата. Исправьте их или выберите «Текущий долг»."


@dataclass(frozen=True, slots=True)
class Offer:
    """What the pay page shows, and the debt that stands on its button."""

    desk: PayDesk
    debt_kopecks: int
    #: Negative when overpaid; 0 before the first bill.
    due_kopecks: int
    #: By what a payment is split for showing; None at basic access.
    bill: Owed | None


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
    owed = due.kopecks if due else 0
    desk = pay_desk(bill, due, receipts, unavailable, unfinished)
    return Offer(desk, max(owed, 0), owed, owed_by(session, viewer, bill=bill, due=due))


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


def chosen(kind: str) -> AmountChoice:
    """Return the choice of this name; any other is the debt."""
    return AmountChoice(kind) if kind in set(AmountChoice) else AmountChoice.DEBT


def sum_with_readings(due_kopecks: int, estimate: Money) -> Money:
    """Return what is to be paid with readings: an overpayment goes into what they cost."""
    return max(Money(due_kopecks) + estimate, Money.zero())


def read_form(fields: object, *, intent_id: str, link_id: str, debt_kopecks: int) -> PayForm:
    """Return the form out of whatever a socket has sent; what is no text counts as not filled in.

    With readings, the sum that stood on the button when it was pressed travels with the form: it is compared with
    the one that the server counts, and never believed.
    """
    choice = chosen(text_of(fields, "kind"))
    return PayForm(
        intent_id=intent_id,
        link_id=link_id,
        choice=choice,
        debt_shown=_shown_sum(fields) if choice is AmountChoice.WITH_READINGS else debt_kopecks,
        amount_text=text_of(fields, "amount"),
        receipt_contact=text_of(fields, "receipt_contact", limit=_LONGEST_CONTACT),
    )


def _shown_sum(fields: object) -> int:
    """Return the kopecks that stood on the button; nothing that is no number stands on one."""
    text = text_of(fields, "shown", limit=_LONGEST_SHOWN)
    return int(text) if text.isascii() and text.isdigit() else -1
