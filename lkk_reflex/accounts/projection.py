"""What of an account goes to the browser: ready-to-show text, nothing personal at basic access."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lkk_reflex.accounts.masking import mask_address
from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.repository import LinkedBill
from lkk_reflex.accounts.rules import balance
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money


@dataclass(frozen=True, slots=True)
class AccountCard:
    """One account as the cabinet shows it."""

    public_id: str
    #: The person's own name for it, else the provider.
    title: str
    provider: str
    #: `water`, `gas`…: decides the icon.
    kind: str
    number: str
    address: str
    period: str
    #: `1 542,30 ₽`: the debt or the overpayment, without a sign; `balance_kind` says which.
    amount: str
    #: `unknown`, `clear`, `overpaid`, `due`, `overdue`.
    balance_kind: str
    balance_text: str
    #: `01.11.2026, 18:00` in the provider's time zone; empty before the first bill.
    data_as_of: str
    is_payable: bool


def account_card(bill: LinkedBill, due: Money | None, now: datetime) -> AccountCard:
    """Make the card; `due` is what is to be paid now (None before the first bill)."""
    zone = ZoneInfo(bill.time_zone)
    today: date = now.astimezone(zone).date()
    state = balance(due, bill.due_on, today)
    owed = due or Money.zero()
    moment = bill.counts_payments_until
    return AccountCard(
        public_id=bill.public_id,
        title=bill.own_name or bill.provider_name,
        provider=bill.provider_name,
        kind=bill.provider_kind,
        number=bill.number_shown,
        address=bill.address if bill.level is LinkLevel.EXTENDED else mask_address(bill.address),
        period=BillingPeriod.from_key(bill.period).label if bill.period else "",
        amount=str(Money(abs(owed.kopecks))),
        balance_kind=state.kind,
        balance_text=state.text,
        data_as_of=moment.astimezone(zone).strftime("%d.%m.%Y, %H:%M") if moment else "",
        is_payable=owed > Money.zero(),
    )
