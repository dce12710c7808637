"""What of an account goes to the browser: ready-to-show text, nothing personal at basic access."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from lkk_reflex.accounts.models import LinkLevel, ServiceKind
from lkk_reflex.accounts.repository import LinkedBill
from lkk_reflex.accounts.rules import Balance, BalanceKind, balance, day_and_month
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered

Tone = Literal["info", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class AccountCard:
    """One account as the cabinet shows it."""

    public_id: str = ""
    #: The person's own name for it, else the provider.
    title: str = ""
    own_name: str = ""
    provider: str = ""
    #: `water`, `gas`…: decides the icon.
    kind: str = ""
    #: `№ 1000 123 456`.
    number: str = ""
    address: str = ""
    period: str = ""
    #: `1 542,30 ₽`: the debt or the overpayment, without a sign; `balance_kind` says which.
    amount: str = ""
    #: `unknown`, `clear`, `overpaid`, `due`, `overdue`.
    balance_kind: str = ""
    #: What answers "how much" at one glance: `1 542,30 ₽`, `Переплата 120,00 ₽`.
    headline: str = ""
    #: True when the headline is a sum alone, without words.
    is_sum: bool = True
    #: How the account stands in a word or two, and the tone of it.
    badge: str = ""
    tone: Tone = "info"
    #: What follows the sum: `к оплате до 15 ноября`.
    note: str = ""
    #: `данные на 21.11, 18:00` in the provider's time zone, with the year if it is another one.
    data_as_of: str = ""
    #: `до 15 ноября`; empty when nothing is owed.
    due_on: str = ""
    #: Number and address in one line.
    where: str = ""
    #: The provider where the title is the person's own name, and the number.
    subtitle: str = ""
    is_payable: bool = False
    #: Everything is shown, because the account was proved to be the viewer's.
    is_extended: bool = False


class _Words(NamedTuple):
    """How one kind of balance is said; `{due_on}` and `{text}` are filled in."""

    badge: str
    tone: Tone
    headline: str
    note: str


#: What a provider of a kind supplies.
KIND_LABELS: Mapping[ServiceKind, str] = {
    ServiceKind.WATER: "вода",
    ServiceKind.GAS: "газ",
    ServiceKind.HEAT: "отопление",
    ServiceKind.POWER: "электричество",
    ServiceKind.HOUSING: "содержание жилья",
}

_WORDS: Mapping[BalanceKind, _Words] = {
    BalanceKind.UNKNOWN: _Words("Ждём данные", "info", "{text}", "сумма появится, когда её передаст поставщик"),
    BalanceKind.CLEAR: _Words("Оплачено", "good", "{amount}", "всё оплачено, спасибо"),
    BalanceKind.OVERPAID: _Words("Оплачено", "good", "Переплата {amount}", "спишем в счёт следующих начислений"),
    BalanceKind.DUE: _Words("Не оплачено", "warn", "{amount}", "к оплате {due_on}"),
    BalanceKind.OVERDUE: _Words("{text}", "bad", "{amount}", "к оплате {due_on}"),
}


def account_card(bill: LinkedBill, due: Money | None, now: datetime) -> AccountCard:
    """Make the card; `due` is what is to be paid now (None before the first bill)."""
    zone = ZoneInfo(bill.time_zone)
    today = now.astimezone(zone).date()
    state = balance(due, bill.due_on, today)
    owed = due or Money.zero()
    amount = str(Money(abs(owed.kopecks)))
    due_on = f"до {day_and_month(bill.due_on, today)}" if bill.due_on else ""
    words = _said(state, amount, due_on)
    is_extended = bill.level is LinkLevel.EXTENDED
    address = bill.address if is_extended else ""
    number = numbered(bill.number_shown)
    return AccountCard(
        public_id=bill.public_id,
        title=bill.title,
        own_name=bill.own_name,
        provider=bill.provider_name,
        kind=bill.provider_kind,
        number=number,
        address=address,
        period=BillingPeriod.from_key(bill.period).label if bill.period else "",
        amount=amount,
        balance_kind=state.kind,
        headline=words.headline,
        is_sum=words.headline == amount,
        badge=words.badge,
        tone=words.tone,
        note=words.note,
        data_as_of=_as_of(bill.counts_payments_until, zone, today),
        due_on=due_on if owed > Money.zero() else "",
        where=_line(number, address),
        subtitle=_line(bill.provider_name, number) if bill.own_name else _line(number, address),
        is_payable=owed > Money.zero(),
        is_extended=is_extended,
    )


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _said(state: Balance, amount: str, due_on: str) -> _Words:
    values = {"text": state.text, "amount": amount, "due_on": due_on}
    words = _WORDS[state.kind]
    return words._replace(
        badge=words.badge.format(**values), headline=words.headline.format(**values), note=words.note.format(**values)
    )


def _as_of(moment: datetime | None, zone: ZoneInfo, today: date) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    day = local.strftime("%d.%m" if local.year == today.year else "%d.%m.%Y")
    return f"данные на {day}, {local:%H:%M}".replace(" ", "\N{NO-BREAK SPACE}")
