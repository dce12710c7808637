"""Tables of payments: shops, attempts to pay, the ledger, notifications of the gateway, lines for the company."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Connection, Index, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapper
from sqlmodel import Field, SQLModel

from lkk_reflex.kit.db import text_enum


class ReceiptsMode(StrEnum):
    """Who makes the fiscal receipts (54-ФЗ) of a shop's payments."""

    OFF = "off"  # the company itself, or nobody
    YOOKASSA = "yookassa"  # «Чеки от ЮKassa», in the request of the payment; needs an e-mail
    REGISTER = "register"  # the company's cash register behind YooKassa; an e-mail or a phone


class PaymentStatus(StrEnum):
    """Where an attempt to pay stands."""

    NEW = "new"  # written down, nothing sent yet
    SENDING = "sending"  # sent, no clear answer yet
    PENDING = "pending"
    WAITING_FOR_CAPTURE = "waiting_for_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    REJECTED = "rejected"  # the gateway refused to create it


class Review(StrEnum):
    """Why a payment is looked at beyond the ordinary course; each raises an alarm."""

    MISMATCH = "mismatch"  # the gateway's object is not what we asked for
    FINAL_CHANGED = "final_changed"  # the gateway contradicts a final state
    KEY_EXPIRED = "key_expired"  # 23 hours without a clear answer
    KEY_CONFLICT = "key_conflict"  # the key was used with another body
    REFUSED_AFTER_DOUBT = "refused_after_doubt"  # a refusal, but an earlier attempt may have succeeded
    GONE = "gone"  # the gateway does not know its own payment
    HELD = "held"  # waits for a capture that must not be needed


class LedgerKind(StrEnum):
    """What a line of the ledger is."""

    PAYMENT = "payment"


class Shop(SQLModel, table=True):
    """A provider's shop at YooKassa; payments remember theirs, so rows stay when the provider changes shops."""

    __tablename__ = "shop"
    __table_args__ = (Index("ix_shop_provider_id", "provider_id"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    #: `shopId` of the merchant's cabinet.
    gateway_id: str = Field(unique=True, max_length=20)
    #: The secret key, encrypted by the keyring.
    secret_encrypted: str = Field(max_length=1000)
    is_test: bool
    #: «Принимаю платежи за ЖКУ»: every payment carries a payment order to `ShopRecipient`.
    is_utilities: bool = False
    #: Last part of the notification address. An address, not a credential: what arrives there moves no money.
    webhook_token: str = Field(unique=True, max_length=64)
    receipts_mode: ReceiptsMode = Field(default=ReceiptsMode.OFF, sa_type=text_enum(ReceiptsMode))
    is_enabled: bool = True
    #: Why the shop does not work now (YooKassa refused its key); empty while it does.
    stopped_reason: str = Field(default="", max_length=200)
    created_at: datetime


class ShopRecipient(SQLModel, table=True):
    """Whom the payment orders of a utility shop name as the receiver."""

    __tablename__ = "shop_recipient"

    shop_id: int = Field(primary_key=True, foreign_key="shop.id")
    name: str = Field(max_length=160)
    inn: str = Field(max_length=10)
    kpp: str = Field(max_length=9)
    bank_name: str = Field(max_length=45)
    bank_bic: str = Field(max_length=9)
    bank_account: str = Field(max_length=20)
    bank_correspondent_account: str = Field(max_length=20)


class ReceiptTerms(SQLModel, table=True):
    """What a shop's fiscal receipts say from a date on; the company's accountant decides, rates change by law."""

    __tablename__ = "receipt_terms"
    __table_args__ = (UniqueConstraint("shop_id", "valid_from"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    valid_from: date
    #: 1 to 6; None where the register does not want it.
    tax_system_code: int | None = None
    #: The debt that has been billed.
    debt_vat_code: int
    debt_subject: str = Field(default="service", max_length=40)
    debt_mode: str = Field(default="full_payment", max_length=40)
    #: What is paid above the debt.
    advance_vat_code: int
    advance_subject: str = Field(default="payment", max_length=40)
    advance_mode: str = Field(default="advance", max_length=40)


class Payment(SQLModel, table=True):
    """One attempt to pay one sum; never reused for another sum."""

    __tablename__ = "payment"
    __table_args__ = (
        Index("ix_payment_account_id", "account_id"),
        Index("ix_payment_next_check_at", "next_check_at"),
        Index("ix_payment_final_at", "final_at"),
        # One open attempt for an account and a sum: a repeated «Оплатить» finds it instead of making a second.
        Index(
            "uq_payment_account_id_amount_kopecks",
            "account_id",
            "amount_kopecks",
            unique=True,
            sqlite_where=text("is_offered"),
            postgresql_where=text("is_offered"),
        ),
    )

    #: A UUID; YooKassa keeps it as `metadata.payment_ref`.
    id: str = Field(primary_key=True, max_length=36)
    #: Made when the pay form opens; the second click finds the first row by it.
    intent_id: str = Field(unique=True, max_length=64)
    shop_id: int = Field(foreign_key="shop.id")
    account_id: int = Field(foreign_key="personal_account.id")
    #: Who pays; None for a payment without a cabinet.
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    amount_kopecks: int = Field(sa_type=BigInteger)
    status: PaymentStatus = Field(default=PaymentStatus.NEW, sa_type=text_enum(PaymentStatus))
    review: Review | None = Field(default=None, sa_type=text_enum(Review))
    #: What exactly is wrong, for the person who looks.
    review_note: str = Field(default="", max_length=300)

    idem_key: str = Field(unique=True, max_length=64)
    #: The request, byte for byte as it is sent on every attempt.
    body: str = Field(sa_type=Text)
    sends: int = 0
    #: Attempts after which the payment may exist at the gateway.
    doubtful_sends: int = 0
    first_sent_at: datetime | None = None
    #: Look-ups in the gateway's list that did not find the payment.
    missed_lookups: int = 0

    provider_id: str | None = Field(default=None, unique=True, max_length=39)
    #: The last answer as it came: the SDK's models lose what they do not know.
    provider_raw: str = Field(default="", sa_type=Text)
    confirmation_url: str = Field(default="", max_length=2048)
    method_type: str = Field(default="", max_length=40)
    method_title: str = Field(default="", max_length=120)
    cancel_party: str = Field(default="", max_length=40)
    cancel_reason: str = Field(default="", max_length=80)
    last_error: str = Field(default="", max_length=300)

    #: The next «Оплатить» of this sum is led here. Ends with the final state or a review, and never comes back.
    is_offered: bool = True
    #: When to ask the gateway next; None when nobody has to.
    next_check_at: datetime | None = None
    #: One worker asks until then; the others wait.
    lease_until: datetime | None = None
    asked_at: datetime | None = None
    returned_at: datetime | None = None
    created_at: datetime
    final_at: datetime | None = None


class LedgerEntry(SQLModel, table=True):
    """Money credited to an account. Lines are added, never changed; an account's credit is their sum."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("kind", "payment_id"),
        Index("ix_ledger_entry_account_id_credited_at", "account_id", "credited_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="personal_account.id")
    kopecks: int = Field(sa_type=BigInteger)
    kind: LedgerKind = Field(sa_type=text_enum(LedgerKind))
    payment_id: str = Field(foreign_key="payment.id", max_length=36)
    credited_at: datetime


class PaymentExport(SQLModel, table=True):
    """A line for the company's billing system; one for each line of the ledger."""

    __tablename__ = "payment_export"

    id: int | None = Field(default=None, primary_key=True)
    ledger_entry_id: int = Field(foreign_key="ledger_entry.id", unique=True)
    created_at: datetime
    exported_at: datetime | None = None


class GatewayEvent(SQLModel, table=True):
    """A notification of the gateway: a reason to ask, never a proof."""

    __tablename__ = "gateway_event"
    __table_args__ = (
        UniqueConstraint("shop_id", "event", "object_id"),
        Index("ix_gateway_event_next_try_at", "next_try_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    event: str = Field(max_length=64)
    object_id: str = Field(max_length=39)
    #: `metadata.payment_ref` of the body: a hint where to look, before we know the gateway's id.
    payment_ref: str = Field(default="", max_length=36)
    raw: str = Field(sa_type=Text)
    address: str = Field(default="", max_length=64)
    received_at: datetime
    times: int = 1
    tries: int = 0
    #: When to work on it next; None when it is done with.
    next_try_at: datetime | None = None
    outcome: str = Field(default="", max_length=40)


@event.listens_for(LedgerEntry, "before_update")
@event.listens_for(LedgerEntry, "before_delete")
def _refuse_change(_mapper: Mapper[Any], _connection: Connection, entry: LedgerEntry) -> None:
    raise RuntimeError(f"the ledger is append-only: line {entry.id}")
