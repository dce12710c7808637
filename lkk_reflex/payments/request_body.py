"""The request that creates a payment, put together once."""

from dataclasses import dataclass
from typing import Any

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import rules
from lkk_reflex.payments.models import ReceiptsMode, ReceiptTerms, ShopRecipient

Json = dict[str, Any]

_DESCRIPTION = 128
_PURPOSE = 210
_ITEM = 128
#: «Единый лицевой счёт» of ГИС ЖКХ; a 13-character identifier of the account is something else.
_UNIFIED_NUMBER = 10


@dataclass(frozen=True, slots=True)
class ReceiptOrder:
    """A fiscal receipt to be made with the payment (54-ФЗ)."""

    mode: ReceiptsMode
    terms: ReceiptTerms
    contact: str
    debt: Money


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """Everything a request says."""

    payment_id: str
    amount: Money
    account_number: str
    unified_number: str
    period: BillingPeriod | None
    return_url: str
    recipient: ShopRecipient | None
    receipt: ReceiptOrder | None


def build(order: PaymentOrder) -> Json:
    """Return the parameters of the request.

    Raises:
        ValueError: when the purpose is too long or the receipt does not add up.
    """
    params: Json = {
        "amount": _amount(order.amount),
        # Without it the payment is made in two stages, and СБП vanishes from the hosted page.
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": order.return_url, "locale": "ru_RU"},
        "description": f"Лицевой счёт {order.account_number}"[:_DESCRIPTION],
        "metadata": {"payment_ref": order.payment_id},
    }
    if order.recipient:
        params["payment_order"] = _payment_order(order, order.recipient)
    if order.receipt:
        params["receipt"] = _receipt(order, order.receipt)
    return params


def _amount(money: Money) -> Json:
    return {"value": money.to_api(), "currency": "RUB"}


def _payment_order(order: PaymentOrder, recipient: ShopRecipient) -> Json:
    """Return the order for ГИС ЖКХ; the form of the purpose is that of the letter ИН-04-45/12 of 22.02.2018."""
    is_unified = len(order.unified_number) == _UNIFIED_NUMBER
    number = f"ЕЛС {order.unified_number}" if is_unified else f"ЛС {order.account_number}"
    period = f"ПРД {order.period.month:02d}.{order.period.year}" if order.period else ""
    purpose = ";".join(filter(None, ("Оплата ЖКУ", number, period)))
    if len(purpose) > _PURPOSE:
        raise ValueError("the purpose is too long")
    return {
        "type": "utilities",
        "amount": _amount(order.amount),
        "payment_purpose": purpose,
        "recipient": {
            "name": recipient.name,
            "inn": recipient.inn,
            "kpp": recipient.kpp,
            "bank": {
                "name": recipient.bank_name,
                "bic": recipient.bank_bic,
                "account": recipient.bank_account,
                "correspondent_account": recipient.bank_correspondent_account,
            },
        },
        "account_number": order.account_number,
        **({"unified_account_number": order.unified_number} if is_unified else {}),
        **({"payment_period": {"month": order.period.month, "year": order.period.year}} if order.period else {}),
    }


def _receipt(order: PaymentOrder, receipt: ReceiptOrder) -> Json:
    terms, split = receipt.terms, rules.split_for_receipt(order.amount, receipt.debt)
    paid_for = f" за {order.period.month:02d}.{order.period.year}" if order.period else ""
    lines = (
        (f"Коммунальные услуги{paid_for}", split.debt, terms.debt_vat_code, terms.debt_subject, terms.debt_mode),
        ("Аванс", split.advance, terms.advance_vat_code, terms.advance_subject, terms.advance_mode),
    )
    items: list[Json] = [
        {
            "description": f"{words}, л/с {order.account_number}"[:_ITEM],
            # One line is one unit at the line's price, so that nothing is rounded.
            "quantity": "1.0",
            "measure": "piece",
            "amount": _amount(money),
            "vat_code": vat_code,
            "payment_subject": subject,
            "payment_mode": mode,
        }
        for words, money, vat_code, subject, mode in lines
        if money
    ]
    if sum(Money.parse(item["amount"]["value"]).kopecks for item in items) != order.amount.kopecks:
        raise ValueError("the receipt does not add up to the payment")
    contact = {"email": receipt.contact} if "@" in receipt.contact else {"phone": receipt.contact.lstrip("+")}
    # «Чеки от ЮKassa» know the tax system themselves.
    tax = {} if receipt.mode is ReceiptsMode.YOOKASSA else {"tax_system_code": terms.tax_system_code}
    return {
        "customer": contact,
        "internet": True,
        "items": items,
        **{name: value for name, value in tax.items() if value is not None},
    }
