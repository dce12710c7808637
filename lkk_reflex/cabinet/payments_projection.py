"""A line of the payment history: ready-to-show values."""

from dataclasses import dataclass

from lkk_reflex.cabinet.return_projection import UI_TONES, paper_href_of
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.payments.projection import PaymentView


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment."""

    payment_id: str
    at: str
    #: The person's own name for the account, else the provider.
    account: str
    account_number: str
    amount: str
    state: str
    tone: str
    #: What the state means and what to do.
    text: str
    number: str
    href: str
    #: The confirmation as PDF; empty where there is none for the viewer.
    paper_href: str


def payment_line(payment: PaymentView) -> PaymentLine:
    """Make the line."""
    return PaymentLine(
        payment_id=payment.payment_id,
        at=payment.at,
        account=payment.own_name or payment.provider,
        account_number=numbered(payment.account),
        amount=payment.state.amount,
        state=payment.state.title,
        tone=UI_TONES[payment.state.tone],
        text=payment.state.text,
        number=numbered(payment.reference),
        href=f"/pay/return/{payment.payment_id}",
        paper_href=paper_href_of(payment),
    )
