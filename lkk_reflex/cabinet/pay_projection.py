"""What the pay page shows: ready-to-show values only."""

from dataclasses import dataclass, field

from lkk_reflex.accounts.statements import LinkedBill
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.payments.models import ReceiptsMode
from lkk_reflex.payments.projection import UnfinishedPayment
from lkk_reflex.payments.rules import LARGEST, SMALLEST

_CONTACT_LABELS = {
    ReceiptsMode.OFF: "",
    ReceiptsMode.YOOKASSA: "Электронная почта для чека",
    ReceiptsMode.REGISTER: "Почта или телефон для чека",
}


@dataclass(frozen=True, slots=True)
class PayPurpose:
    """A part of the payment: `Холодная вода`, `600,00 ₽`."""

    title: str
    amount: str


@dataclass(frozen=True, slots=True)
class PayDesk:
    """One account at the moment its pay form opens."""

    link_id: str = ""
    back_text: str = "Назад"
    back_href: str = "/cabinet"
    #: Which account is paid: `Межрайгаз · № 3700 1234 5678`.
    account: str = ""
    #: `1 542,30 ₽`; empty when nothing is owed.
    debt: str = ""
    debt_note: str = ""
    #: Why there is no debt to choose, or why nothing can be paid at all.
    debt_missing: str = ""
    unavailable: str = ""
    #: The warning that another payment for this account may still succeed, and where it is followed.
    unfinished: str = ""
    unfinished_href: str = ""
    limits: str = ""
    #: Empty when the provider's payments carry no fiscal receipt.
    contact_label: str = ""
    #: What the sum on the button goes for; empty at basic access and without a sum.
    purposes: list[PayPurpose] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PayErrors:
    """What is wrong with the form, by field; the names are those of the fields."""

    #: All of it again as pairs of a field and a sentence, when several fields are wrong.
    summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    amount: str = ""
    receipt_contact: str = ""


def pay_desk(
    bill: LinkedBill,
    due: Money | None,
    receipts: ReceiptsMode,
    unavailable: str,
    unfinished: UnfinishedPayment | None,
) -> PayDesk:
    """Make the projection; `due` is what is to be paid now, None before the first bill."""
    has_debt = due is not None and due > Money.zero()
    return PayDesk(
        link_id=bill.public_id,
        back_text=bill.own_name or bill.provider_name,
        back_href=f"/account/{bill.public_id}",
        account=f"{bill.provider_name} · {numbered(bill.number_shown)}",
        debt=str(due) if has_debt else "",
        debt_note=f"за {BillingPeriod.from_key(bill.period).label}" if bill.period else "",
        debt_missing="" if has_debt else _why_no_debt(due),
        unavailable=unavailable,
        unfinished=f"Платёж на {unfinished.state.amount} ещё не завершён" if unfinished else "",
        unfinished_href=f"/pay/return/{unfinished.payment_id}" if unfinished else "",
        limits=f"От {_roubles(SMALLEST)} до {_roubles(LARGEST)}",
        contact_label=_CONTACT_LABELS[receipts],
    )


def _why_no_debt(due: Money | None) -> str:
    if due is None:
        return "Начислений по этому счёту пока нет. Заплатить можно и вперёд."
    if due < Money.zero():
        return f"Долга нет, переплата {-due}. Можно пополнить ещё."
    return "Долга нет, можно пополнить."


def _roubles(amount: Money) -> str:
    """Write a round sum without kopecks."""
    return str(amount).replace(",00", "")
