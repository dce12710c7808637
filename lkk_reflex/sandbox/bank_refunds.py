"""Refunds, and the few truths about fiscal receipts a demonstration needs."""

from datetime import timedelta

from lkk_reflex.kit.money import Money
from lkk_reflex.sandbox.bank_checks import ReceiptRequest, RefundRequest, check_receipt, read
from lkk_reflex.sandbox.bank_clock import read_stamp
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_errors import invalid
from lkk_reflex.sandbox.bank_payments import amount_of, balance_left, money_of, seen
from lkk_reflex.sandbox.bank_storage import Books, Filters, Item, Json

_REFUND_TERM = timedelta(days=3 * 365)
_RECEIPTS_PER_PAYMENT = 50
_ALL = 1000


def create(core: Core, books: Books, shop_id: str, body: Json) -> Item:
    """Refund a payment or a part of it.

    Raises:
        ApiRefusal: for an unknown, unpaid or too old payment, or more than is left of it.
    """
    request = read(RefundRequest, body)
    payment = books.find("payment", request.payment_id, shop_id)
    if payment is None:
        raise invalid("payment_id", "Payment doesn't exist or access denied")
    _check_refundable(core, books, payment, request)
    view: Json = {
        "id": core.new_id(),
        "payment_id": payment.id,
        "status": "pending",
        "created_at": core.now(),
        "amount": amount_of(request.amount.money),
        "description": request.description,
        "metadata": request.metadata,
        "receipt_registration": "pending" if request.receipt else None,
    }
    refund = Item(
        kind="refund",
        id=view["id"],
        shop_id=shop_id,
        object={name: value for name, value in view.items() if value is not None},
        private={"created_at": view["created_at"]},
        due_at=core.later(core.config.refund_delay_seconds),
    )
    books.save(refund)
    if core.config.refund_delay_seconds <= 0:
        settle(core, books, refund)
    return refund


def _check_refundable(core: Core, books: Books, payment: Item, request: RefundRequest) -> None:
    if payment.status != "succeeded":
        raise invalid("payment_id", f"Payment in the {payment.status} status can't be refunded")
    if core.clock.now() - read_stamp(payment.object["captured_at"]) > _REFUND_TERM:
        raise invalid("payment_id", "Payment is too old to be refunded")
    earlier = books.newest("refund", payment.shop_id, Filters({"payment_id": payment.id}), _ALL)
    if not Money.zero() < request.amount.money <= balance_left(payment, earlier):
        raise invalid("amount.value", "Refund amount exceeds the payment's balance")
    if request.receipt:
        check_receipt(request.receipt, request.amount.money)


def settle(core: Core, books: Books, refund: Item) -> None:
    """End a refund. A refused one is silent: YooKassa has no event for it."""
    refund.due_at = None
    registration = "succeeded"
    if refusal := core.switches(books).refund_refusal:
        details = {"party": "refund_network", "reason": refusal}
        refund.object |= {"status": "canceled", "cancellation_details": details}
        registration = "canceled"
    else:
        refund.object["status"] = "succeeded"
    if "receipt_registration" in refund.object:
        refund.object["receipt_registration"] = registration
    books.save(refund)
    if refund.status == "succeeded":
        _count(books, refund)
        core.announce(books, "refund.succeeded", refund, seen(refund))


def _count(books: Books, refund: Item) -> None:
    payment = books.find("payment", refund.object["payment_id"])
    if payment is None:
        raise LookupError("a refund without its payment")
    total = money_of(payment.object["refunded_amount"]) + money_of(refund.object["amount"])
    payment.object["refunded_amount"] = amount_of(total)
    payment.object["refundable"] = total < money_of(payment.object["amount"])
    books.save(payment)


def create_receipt(core: Core, books: Books, shop_id: str, body: Json) -> Item:
    """Register a receipt sent apart from its payment or refund.

    Raises:
        ApiRefusal: for an unknown payment or refund, nobody to send to, or a fifty-first receipt.
    """
    request = read(ReceiptRequest, body)
    name = "refund_id" if request.type == "refund" else "payment_id"
    parent_id = request.refund_id if request.type == "refund" else request.payment_id
    parent = books.find("refund" if request.type == "refund" else "payment", parent_id or "", shop_id)
    if parent is None or parent.status != "succeeded":
        raise invalid(name, "Paid object doesn't exist or access denied")
    check_receipt(request, request.total)
    if len(books.newest("receipt", shop_id, Filters({name: parent.id}), _ALL)) >= _RECEIPTS_PER_PAYMENT:
        raise invalid(name, "Too many receipts")
    now = core.now()
    view = {"id": core.new_id("rt_"), "type": request.type, name: parent.id, "status": "pending"}
    receipt = Item(
        kind="receipt",
        id=view["id"],
        shop_id=shop_id,
        object=view | {"items": body["items"]},
        private={"created_at": now},
        due_at=core.later(core.config.receipt_delay_seconds),
    )
    books.save(receipt)
    return receipt


def register_receipt(core: Core, books: Books, receipt: Item) -> None:
    """Let the imitated cash register answer: the receipt gets its fiscal numbers."""
    receipt.due_at = None
    receipt.object |= {
        "status": "succeeded",
        "registered_at": core.now(),
        "fiscal_document_number": core.digits(4),
        "fiscal_storage_number": core.digits(16),
        "fiscal_attribute": core.digits(10),
        "fiscal_provider_id": core.new_id(),
    }
    books.save(receipt)
