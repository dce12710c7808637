"""What the page of one payment shows: ready-to-show values, the account only to those who may know it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lkk_reflex.cabinet.quick_projection import DESK_PATH
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import shown
from lkk_reflex.meters.views import PastReading
from lkk_reflex.payments.projection import PaymentState, PaymentView, Tone

#: Tones of payments in the words of the building blocks.
UI_TONES = {Tone.WAITING: "info", Tone.GOOD: "good", Tone.BAD: "bad", Tone.REVIEW: "warn"}


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One payment. Everything from `is_known` down is empty for a stranger.

    A guest whose pass still holds gets of it the number, the moment, the provider and the end of the account's number.
    """

    heading: str = "Оплата"
    amount: str = ""
    text: str = ""
    tone: str = "info"
    #: Nothing more comes by itself.
    is_over: bool = False
    #: The viewer may know whose payment it is.
    is_known: bool = False
    number: str = ""
    method: str = ""
    at: str = ""
    #: Only for a guest: whose pass it is, and to what: `Горводоканал`, `•••3456`.
    provider: str = ""
    account: str = ""
    #: The readings given with it: `Холодная вода: 130 — приняты, № 48-1120`.
    readings: list[str] = field(default_factory=list)
    #: The gateway's page, while the payment waits to be paid.
    pay_url: str = ""
    #: Where to try again after a final refusal.
    again_href: str = ""
    #: The paper that proves the payment, once it has succeeded, for who may have it.
    paper_href: str = ""


def stranger_view(state: PaymentState, pay_url: str = "") -> ReturnView:
    """Show the sum and the state to whoever has the address of the page; the way to pay to who has no cabinet."""
    return ReturnView(
        heading="Оплата прошла" if state.tone is Tone.GOOD else state.title,
        amount=state.amount,
        text="зачислено на лицевой счёт" if state.tone is Tone.GOOD else _beside_heading(state),
        tone=UI_TONES[state.tone],
        is_over=state.is_over,
        pay_url=pay_url,
    )


def guest_view(payment: PaymentView) -> ReturnView:
    """Show a payment to the guest who has just made it: nothing that was not typed or told on the way to it."""
    state = payment.state
    return replace(
        stranger_view(state, payment.pay_url),
        number=numbered(payment.reference),
        at=payment.at,
        provider=payment.provider,
        account=numbered(payment.account),
        again_href=DESK_PATH if state.may_try_again else "",
    )


def payer_view(payment: PaymentView, readings: Sequence[PastReading] = ()) -> ReturnView:
    """Show all of a payment to the payer, and what became of the readings given with it."""
    state, shared = payment.state, stranger_view(payment.state)
    return replace(
        shared,
        text=f"зачислено на счёт {numbered(payment.account)}" if state.tone is Tone.GOOD else shared.text,
        is_known=True,
        number=numbered(payment.reference),
        method=payment.method,
        at=payment.at,
        readings=[_reading(reading) for reading in readings],
        pay_url=payment.pay_url,
        again_href=f"/pay/{payment.link_id}" if state.may_try_again and payment.link_id else "",
        paper_href=paper_href_of(payment),
    )


def paper_href_of(payment: PaymentView) -> str:
    """Return where the confirmation of a payment is given as PDF; empty where the viewer would not get it."""
    return f"/papers/payment/{payment.payment_id}.pdf" if payment.has_proof else ""


def _reading(reading: PastReading) -> str:
    values = " / ".join(shown(value.value) for value in reading.values)
    return f"{reading.title}: {values} — приняты, {numbered(reading.number)}"


def _beside_heading(state: PaymentState) -> str:
    """Return the sentences without the one that the heading has said already."""
    return state.text.removeprefix(f"{state.title}… ").removeprefix(f"{state.title}. ")
