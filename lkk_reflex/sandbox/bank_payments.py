"""The life of a payment: created, paid or refused on the hosted page, captured, canceled, expired."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lkk_reflex.kit.money import Money
from lkk_reflex.sandbox.bank_cards import TestCard, party_of
from lkk_reflex.sandbox.bank_checks import CARD_LIMIT, CaptureRequest, PaymentRequest, read, read_payment
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_errors import invalid
from lkk_reflex.sandbox.bank_storage import Books, Item, Json

HOUR_SECONDS = 3600.0
#: Cash has no term; the rest of the methods have an hour.
_TERMS_SECONDS: dict[str, float | None] = {
    "cash": None,
    "b2b_sberbank": 8 * HOUR_SECONDS,
    "sber_loan": 72 * HOUR_SECONDS,
}
_HOLD_SECONDS = 7 * 24 * HOUR_SECONDS
#: Commission of the demonstration; since 2026 YooKassa adds VAT of 22 % on the commission itself.
_COMMISSIONS = {"sbp": Decimal("0.004")}
_CARD_COMMISSION = Decimal("0.035")
_VAT = Decimal("1.22")


class PaymentIsOver(Exception):
    """Somebody tried to pay or to refuse a payment that no longer waits for the payer."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the person paid with: a test card with its expiry (month, year), or the СБП when there is no card."""

    card: TestCard | None = None
    expiry: tuple[int, int] = (12, 2030)

    @property
    def type(self) -> str:
        """Return YooKassa's name of the method."""
        return "bank_card" if self.card else "sbp"


def amount_of(money: Money) -> Json:
    """Write a sum as the API does."""
    return {"value": money.to_api(), "currency": "RUB"}


def money_of(amount: Json) -> Money:
    """Read a sum of an object the bank itself has written."""
    return Money.parse(amount["value"])


def seen(item: Item) -> Json:
    """Return the object a merchant sees: the confirmation is there only while the payment waits for the payer."""
    hidden = {"confirmation"} if item.kind == "payment" and item.status != "pending" else set()
    return {name: value for name, value in item.object.items() if name not in hidden}


def waits_for_payer(item: Item) -> bool:
    """Say whether the hosted page may still take money."""
    return item.status == "pending" and not item.private.get("settling")


def create(core: Core, books: Books, shop_id: str, body: Json) -> Item:
    """Create a payment.

    Raises:
        ApiRefusal: naming the field that breaks a rule.
    """
    shop = books.shop(shop_id)
    utilities = bool(shop and shop["utilities"])
    request = read_payment(body, utilities=utilities)
    method = request.payment_method_data.type if request.payment_method_data else None
    payment_id, now, term = core.new_id(), core.now(), _TERMS_SECONDS.get(method or "", HOUR_SECONDS)
    view: Json = {
        "id": payment_id,
        "status": "pending",
        "amount": amount_of(request.amount.money),
        "description": request.description,
        "recipient": {"account_id": shop_id, "gateway_id": shop_id},
        "payment_method": _method_view(payment_id, method) if method else None,
        "created_at": now,
        "confirmation": _confirmation_view(core, payment_id, request),
        "test": True,
        "paid": False,
        "refundable": False,
        "receipt_registration": "pending" if request.receipt else None,
        "merchant_customer_id": request.merchant_customer_id,
        "metadata": request.metadata or {},
    }
    item = Item(
        kind="payment",
        id=payment_id,
        shop_id=shop_id,
        object={name: value for name, value in view.items() if value is not None},
        private={
            "created_at": now,
            "capture": request.capture,
            "utilities": utilities,
            "method": method,
            "return_url": request.confirmation.return_url if request.confirmation else None,
        },
        due_at=None if term is None else core.later(term),
    )
    books.save(item)
    return item


def _confirmation_view(core: Core, payment_id: str, request: PaymentRequest) -> Json | None:
    if request.confirmation is None:
        return None
    page = core.config.url(f"/pay/{payment_id}")
    match request.confirmation.type:
        case "embedded":
            return {"type": "embedded", "confirmation_token": core.new_id("ct-")}
        case "qr":
            return {"type": "qr", "confirmation_data": f"{page}?method=sbp"}
        case "external":
            return {"type": "external"}
        case kind:
            answer = {"type": kind, "return_url": request.confirmation.return_url, "confirmation_url": page}
            return answer | ({"enforce": True} if request.confirmation.enforce else {})


def _method_view(payment_id: str, method: str) -> Json:
    return {"type": method, "id": payment_id, "saved": False, "status": "inactive"}


def pay(core: Core, books: Books, item: Item, means: Means) -> None:
    """Take the money: succeed, hold it for a two-stage payment, or wait for ГИС ЖКХ in utilities mode.

    Raises:
        PaymentIsOver: when the payment no longer waits for the payer; the other tab was faster.
    """
    if not waits_for_payer(item):
        raise PaymentIsOver
    item.object["payment_method"] = _method_view(item.id, means.type) | _means_view(core, means)
    if means.card:
        item.object["authorization_details"] = {
            "rrn": core.digits(12),
            "auth_code": core.digits(6),
            "three_d_secure": {"applied": means.card.three_d_secure},
        }
    if item.private["utilities"]:
        item.private["settling"] = True
        item.due_at = core.later(core.config.utilities_delay_seconds)
        books.save(item)
    else:
        _settle(core, books, item)


def _means_view(core: Core, means: Means) -> Json:
    if means.card is None:
        details = {"bank_id": "100000000111", "bic": "044525225"}
        operation = f"{core.random.getrandbits(128):032X}"
        return {"title": "СБП", "sbp_operation_id": operation, "payer_bank_details": details}
    number = means.card.number
    card = {
        "first6": number[:6],
        "last4": number[-4:],
        "expiry_month": f"{means.expiry[0]:02d}",
        "expiry_year": str(means.expiry[1]),
        "card_type": means.card.scheme,
        "issuer_country": "RU",
    }
    return {"title": f"Bank card *{number[-4:]}", "card": card}


def _settle(core: Core, books: Books, item: Item) -> None:
    if item.private["capture"]:
        _succeed(core, books, item)
        return
    item.due_at = core.later(_HOLD_SECONDS)
    item.object |= {"status": "waiting_for_capture", "paid": True, "expires_at": item.due_at}
    _close(core, books, item, "payment.waiting_for_capture")


def _succeed(core: Core, books: Books, item: Item) -> None:
    paid = money_of(item.object["amount"])
    share = _COMMISSIONS.get(item.object["payment_method"]["type"], _CARD_COMMISSION) * _VAT
    commission = Money.from_decimal(share * Decimal(paid.kopecks) / 100)
    item.due_at = None
    item.object.pop("expires_at", None)
    item.object |= {
        "status": "succeeded",
        "paid": True,
        "captured_at": core.now(),
        "income_amount": amount_of(paid - commission),
        "refunded_amount": amount_of(Money.zero()),
        "refundable": True,
    }
    if "receipt_registration" in item.object:
        item.object["receipt_registration"] = "succeeded"
    _close(core, books, item, "payment.succeeded")


def refuse(core: Core, books: Books, item: Item, reason: str, *, final: bool = False) -> None:
    """Refuse the payer's means: the payment stays open for another try unless the refusal is final.

    Raises:
        PaymentIsOver: when the payment no longer waits for the payer.
    """
    if not waits_for_payer(item):
        raise PaymentIsOver
    if final or core.switches(books).final_refusal:
        _cancel(core, books, item, party_of(reason), reason)


def capture(core: Core, books: Books, item: Item, body: Json) -> None:
    """Take held money, all of it or a part.

    Raises:
        ApiRefusal: when nothing is held, or less is held than asked for.
    """
    _check_held(item, "captured")
    request = read(CaptureRequest, body)
    if request.amount is not None:
        if not Money.zero() < request.amount.money <= money_of(item.object["amount"]):
            raise invalid("amount.value", "Amount to capture exceeds the amount of the payment")
        item.object["amount"] = amount_of(request.amount.money)
    _succeed(core, books, item)


def cancel(core: Core, books: Books, item: Item) -> None:
    """Let held money go.

    Raises:
        ApiRefusal: when nothing is held; a payment that waits for the payer cannot be canceled by anybody.
    """
    _check_held(item, "canceled")
    _cancel(core, books, item, "merchant", "canceled_by_merchant")


def _check_held(item: Item, action: str) -> None:
    if item.status != "waiting_for_capture":
        raise invalid("payment_id", f"Payment in the {item.status} status can't be {action}")


def let_time_act(core: Core, books: Books, item: Item) -> None:
    """Do what the passing of time does to a payment that is due: expire, or hear from ГИС ЖКХ."""
    if item.status == "waiting_for_capture":
        _cancel(core, books, item, "yoo_money", "expired_on_capture")
    elif not item.private.get("settling"):
        _cancel(core, books, item, "yoo_money", "expired_on_confirmation")
    elif refusal := core.switches(books).utilities_refusal:
        _cancel(core, books, item, "yoo_money", refusal)
    else:
        _settle(core, books, item)


def _cancel(core: Core, books: Books, item: Item, party: str, reason: str) -> None:
    item.due_at = None
    item.object.pop("expires_at", None)
    item.object |= {
        "status": "canceled",
        "paid": False,
        "cancellation_details": {"party": party, "reason": reason},
    }
    if "receipt_registration" in item.object:
        item.object["receipt_registration"] = "canceled"
    _close(core, books, item, "payment.canceled")


def _close(core: Core, books: Books, item: Item, event: str) -> None:
    item.private.pop("settling", None)
    books.save(item)
    core.announce(books, event, item, seen(item))


def allows_card(item: Item) -> bool:
    """Say whether the page may offer a card: within the card's limit, unless the shop chose another method."""
    return item.private["method"] in (None, "bank_card") and money_of(item.object["amount"]) <= CARD_LIMIT


def allows_sbp(item: Item) -> bool:
    """Say whether the page may offer the СБП, which knows no two-stage payments."""
    return item.private["method"] in (None, "sbp") and bool(item.private["capture"])


def balance_left(item: Item, refunds: list[Any]) -> Money:
    """Return what may still be refunded of a payment, refunds under way counted as done."""
    taken = (money_of(refund.object["amount"]).kopecks for refund in refunds if refund.status != "canceled")
    return money_of(item.object["amount"]) - Money(sum(taken))
