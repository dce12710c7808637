"""What YooKassa's API demands of a request body; a breach becomes its error object with the field's name.

Sources: the OpenAPI description of API v3 (payments, refunds, receipts) and, for `payment_order`, the letter of
the Bank of Russia ИН-04-45/12 of 22.02.2018.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lkk_reflex.kit.money import Money
from lkk_reflex.sandbox.bank_errors import invalid

CARD_LIMIT = Money(350_000_00)
SBP_LIMIT = Money(700_000_00)
SMALLEST = Money(1_00)
_METHODS = (
    "bank_card sbp sberbank tinkoff_bank alfa_pay yoo_money mobile_balance cash b2b_sberbank sber_loan sber_bnpl"
    " electronic_certificate"
)
METHODS = frozenset(_METHODS.split())
_HOST = re.compile(r"[A-Za-z0-9.:\[\]\-_]+")


def web_address(url: str) -> httpx.URL:
    """Read an absolute address of a page.

    Raises:
        ValueError: for anything else.
    """
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as mistake:
        raise ValueError("must be an absolute URL") from mistake
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(address.netloc.decode()):
        raise ValueError("must be an absolute URL")
    return address


class _Model(BaseModel):
    """Unknown fields pass, as they do at YooKassa; types are not bent into shape."""

    model_config = ConfigDict(extra="ignore", strict=True)


class Amount(_Model):
    """A sum of money: two digits after the dot, roubles."""

    value: Annotated[str, Field(pattern=r"^[0-9]{1,12}\.[0-9]{2}$")]
    currency: str

    @field_validator("currency")
    @classmethod
    def _roubles(cls, currency: str) -> str:
        if currency != "RUB":
            raise ValueError("doesn't correspond with the settings of your store")
        return currency

    @property
    def money(self) -> Money:
        """Return the sum in kopecks."""
        return Money.parse(self.value)


class Confirmation(_Model):
    """How the payer confirms the payment."""

    type: Literal["redirect", "embedded", "qr", "external", "mobile_application"]
    return_url: Annotated[str, Field(max_length=2048)] | None = None
    locale: Literal["ru_RU", "en_US"] = "ru_RU"
    enforce: bool = False

    @field_validator("return_url")
    @classmethod
    def _absolute(cls, url: str | None) -> str | None:
        if url is not None:
            web_address(url)
        return url


class MethodData(_Model):
    """The method of payment when the shop chooses it instead of the payer."""

    type: str

    @field_validator("type")
    @classmethod
    def _known(cls, method: str) -> str:
        if method not in METHODS:
            raise ValueError("is not a known payment method")
        return method


class Customer(_Model):
    """Whom the fiscal receipt goes to."""

    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Annotated[str, Field(pattern=r"^[0-9]{11,15}$")] | None = None


class ReceiptItem(_Model):
    """One line of a fiscal receipt; `amount` is the price of one unit."""

    description: Annotated[str, Field(min_length=1, max_length=128)]
    quantity: Annotated[Decimal, Field(gt=0, le=Decimal("99999.999"), strict=False)]
    amount: Amount
    vat_code: Annotated[int, Field(ge=1, le=12)]
    payment_mode: (
        Literal[
            "full_prepayment",
            "partial_prepayment",
            "advance",
            "full_payment",
            "partial_payment",
            "credit",
            "credit_payment",
        ]
        | None
    ) = None


class ReceiptData(_Model):
    """A fiscal receipt (54-ФЗ) inside a payment or a refund."""

    customer: Customer = Customer()
    email: str | None = None
    phone: str | None = None
    items: Annotated[list[ReceiptItem], Field(min_length=1, max_length=80)]

    @property
    def total(self) -> Money:
        """Return the sum of price times quantity over the lines."""
        lines = (line.quantity * Decimal(line.amount.money.kopecks) / 100 for line in self.items)
        return Money.from_decimal(sum(lines, Decimal(0)))


class RecipientBank(_Model):
    """The bank of the receiver of a utility payment."""

    name: Annotated[str, Field(min_length=1, max_length=45)]
    bic: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    account: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    correspondent_account: Annotated[str, Field(pattern=r"^[0-9]{20}$")]


class OrderRecipient(_Model):
    """The receiver of a utility payment: an organisation, hence an INN of ten digits."""

    name: Annotated[str, Field(min_length=1)]
    inn: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    kpp: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    bank: RecipientBank


class PaymentPeriod(_Model):
    """The month that is paid for."""

    month: Annotated[int, Field(ge=1, le=12)]
    year: Annotated[int, Field(ge=1920, le=2050)]


class PaymentOrder(_Model):
    """What a payment for housing and utilities carries for ГИС ЖКХ."""

    type: Literal["utilities"]
    amount: Amount
    payment_purpose: Annotated[str, Field(min_length=1, max_length=210)]
    recipient: OrderRecipient
    account_number: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    unified_account_number: Annotated[str, Field(min_length=10, max_length=10)] | None = None
    payment_document_id: Annotated[str, Field(min_length=18, max_length=18)] | None = None
    payment_document_number: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    service_id: Annotated[str, Field(min_length=13, max_length=13)] | None = None
    payment_period: PaymentPeriod | None = None
    oktmo: Annotated[str, Field(pattern=r"^([0-9]{8}|0)$")] | None = None

    @property
    def has_account(self) -> bool:
        """Say whether anything names the account that is paid for."""
        return any(
            (
                self.account_number,
                self.unified_account_number,
                self.payment_document_id,
                self.payment_document_number,
                self.service_id,
            )
        )


class _WithMetadata(_Model):
    metadata: dict[str, Annotated[str, Field(max_length=512)]] | None = None

    @field_validator("metadata")
    @classmethod
    def _small(cls, metadata: dict[str, str] | None) -> dict[str, str] | None:
        if metadata and (len(metadata) > 16 or any(len(key) > 32 for key in metadata)):
            raise ValueError("allows 16 keys of 32 characters")
        return metadata


class PaymentRequest(_WithMetadata):
    """Body of `POST /payments`."""

    amount: Amount
    capture: bool = False
    confirmation: Confirmation | None = None
    description: Annotated[str, Field(max_length=128)] | None = None
    payment_method_data: MethodData | None = None
    payment_method_id: str | None = None
    merchant_customer_id: Annotated[str, Field(max_length=200)] | None = None
    receipt: ReceiptData | None = None
    payment_order: PaymentOrder | None = None
    transfers: Annotated[list[Any], Field(max_length=0)] = []


class CaptureRequest(_Model):
    """Body of `POST /payments/{id}/capture`; empty means the whole sum."""

    amount: Amount | None = None


class RefundRequest(_WithMetadata):
    """Body of `POST /refunds`."""

    payment_id: str
    amount: Amount
    description: Annotated[str, Field(max_length=250)] | None = None
    receipt: ReceiptData | None = None


class ReceiptRequest(ReceiptData):
    """Body of `POST /receipts`: a receipt sent apart from its payment or refund."""

    type: Literal["payment", "refund"]
    payment_id: str | None = None
    refund_id: str | None = None


Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], body: dict[str, Any]) -> Model:
    """Read a request body.

    Raises:
        ApiRefusal: naming the first field that breaks a rule.
    """
    try:
        return model.model_validate(body)
    except ValidationError as refusal:
        first = refusal.errors(include_url=False)[0]
        parameter = ".".join(str(part) for part in first["loc"])
        raise invalid(parameter, f"Incorrect value of the {parameter} parameter: {first['msg']}") from None


def read_payment(body: dict[str, Any], *, utilities: bool) -> PaymentRequest:
    """Read `POST /payments` and check what ties several fields together.

    Raises:
        ApiRefusal: naming the first field that breaks a rule.
    """
    request = read(PaymentRequest, body)
    method = request.payment_method_data.type if request.payment_method_data else None
    limit = CARD_LIMIT if method == "bank_card" or not (request.capture or method) else SBP_LIMIT
    if not SMALLEST <= request.amount.money <= limit:
        raise invalid("amount.value", f"Amount must be between {SMALLEST.to_api()} and {limit.to_api()}")
    if method == "sbp" and not request.capture:
        raise invalid("capture", "SBP payments can't be made in two stages")
    if request.payment_method_id is not None:
        raise invalid("payment_method_id", "Payment method doesn't exist")
    _check_confirmation(request.confirmation)
    if request.receipt:
        check_receipt(request.receipt, request.amount.money)
    _check_payment_order(request, utilities=utilities)
    return request


def check_receipt(receipt: ReceiptData, amount: Money) -> None:
    """Check that a receipt has somebody to go to and adds up to the sum.

    Raises:
        ApiRefusal: naming the field.
    """
    if not any((receipt.customer.email, receipt.customer.phone, receipt.email, receipt.phone)):
        raise invalid("receipt.customer", "Customer's email or phone is required")
    if receipt.total != amount:
        raise invalid("receipt.items", "Receipt's total doesn't match the amount")


def _check_confirmation(confirmation: Confirmation | None) -> None:
    if confirmation and confirmation.type in ("redirect", "mobile_application") and not confirmation.return_url:
        raise invalid("confirmation.return_url", "Parameter is required")


def _check_payment_order(request: PaymentRequest, *, utilities: bool) -> None:
    order = request.payment_order
    if order is None:
        if utilities:
            raise invalid("payment_order", "Payment order is required for housing and utility payments")
        return
    if not utilities:
        raise invalid("payment_order", "Payment order isn't available for this store")
    if order.amount.money != request.amount.money:
        raise invalid("payment_order.amount", "Amount of the payment order doesn't match the payment")
    if not order.has_account:
        raise invalid("payment_order", "At least one account identifier is required")
