"""Tables of providers, personal accounts, bills and the registers they come from."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from lkk_reflex.kit.db import text_enum


class ServiceKind(StrEnum):
    """What a provider supplies; decides the icon and the words."""

    WATER = "water"
    GAS = "gas"
    HEAT = "heat"
    POWER = "power"
    HOUSING = "housing"


class CodeEncoding(StrEnum):
    """How the text of a payment code is written down; cp1251 makes a coarser code, which some apps misread."""

    UTF_8 = "utf-8"
    WINDOWS_1251 = "windows-1251"


class ServiceProvider(SQLModel, table=True):
    """A company that bills subscribers."""

    __tablename__ = "service_provider"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=160)
    kind: ServiceKind = Field(sa_type=text_enum(ServiceKind))
    inn: str = Field(default="", max_length=12)
    phone: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=254)
    address: str = Field(default="", max_length=250)
    time_zone: str = Field(default="Europe/Moscow", max_length=40)
    #: Regular expression of a whole normalised number; None accepts 1 to 30 letters and digits.
    account_pattern: str | None = Field(default=None, max_length=200)
    account_example: str = Field(default="", max_length=40)
    #: One sentence about how the number looks and where it stands on this provider's bill.
    account_hint: str = Field(default="", max_length=300)
    #: False where `12-3` and `1-23` are different accounts.
    drops_dashes: bool = True
    #: Day of the next month by which a bill is to be paid; None follows ЖК РФ ст. 155 (`rules.DUE_RULES`).
    due_day: int | None = None
    created_at: datetime


class ProviderRequisites(SQLModel, table=True):
    """Where the money of a provider goes, as its bills print it; without a row bills bear no payment code."""

    __tablename__ = "provider_requisites"

    provider_id: int = Field(primary_key=True, foreign_key="service_provider.id")
    #: As the bank knows the receiver; may differ from the name on the screen.
    payee_name: str = Field(max_length=160)
    kpp: str = Field(default="", max_length=9)
    bank_name: str = Field(max_length=45)
    bic: str = Field(max_length=9)
    bank_account: str = Field(max_length=20)
    correspondent_account: str = Field(default="", max_length=20)
    code_encoding: CodeEncoding = Field(default=CodeEncoding.UTF_8, sa_type=text_enum(CodeEncoding))
    changed_at: datetime


class PersonalAccount(SQLModel, table=True):
    """One subscriber's account with one provider; `number` is normalised text, never a number."""

    __tablename__ = "personal_account"
    __table_args__ = (UniqueConstraint("provider_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    number: str = Field(max_length=30)
    #: As the company writes it, for showing.
    number_shown: str = Field(max_length=60)
    #: ЕЛС of ГИС ЖКХ, upper case, if the register has it.
    unified_number: str = Field(default="", max_length=13, index=True)
    owner_name: str = Field(default="", max_length=160)
    address: str = Field(default="", max_length=250)
    created_at: datetime


class LinkLevel(StrEnum):
    """What a link lets see: `basic` nothing personal, `extended` everything."""

    BASIC = "basic"
    EXTENDED = "extended"


class AccountLink(SQLModel, table=True):
    """A subscriber has connected an account; several subscribers may connect the same one."""

    __tablename__ = "account_link"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "account_id"),
        Index("ix_account_link_account_id", "account_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: Unguessable name of the link in addresses (`/account/…`, `/pay/…`).
    public_id: str = Field(unique=True, max_length=32)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    account_id: int = Field(foreign_key="personal_account.id")
    level: LinkLevel = Field(default=LinkLevel.BASIC, sa_type=text_enum(LinkLevel))
    own_name: str = Field(default="", max_length=60)
    created_at: datetime
    #: Set when disconnected; connecting again clears it.
    ended_at: datetime | None = None


class PaperlessChoice(SQLModel, table=True):
    """A subscriber wants no paper bill of a connected account; the audit knows every change."""

    __tablename__ = "paperless_choice"

    link_id: int = Field(primary_key=True, foreign_key="account_link.id", ondelete="CASCADE")
    chosen_at: datetime
    #: Taken back, or the connection ended.
    ended_at: datetime | None = None


class Bill(SQLModel, table=True):
    """What a register says of one account for one period. Amounts are signed kopecks.

    `opening + charged + recalculated - conceded + penalty - paid = closing` where the register has the parts;
    a register of sums alone gives `closing` only.
    """

    __tablename__ = "bill"
    __table_args__ = (
        UniqueConstraint("account_id", "period"),
        Index("ix_bill_register_id", "register_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="personal_account.id")
    #: `BillingPeriod.key`, 202610.
    period: int
    opening_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    charged_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    recalculated_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    conceded_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    penalty_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    paid_kopecks: int | None = Field(default=None, sa_type=BigInteger)
    #: To pay by this bill: positive = debt, negative = overpaid.
    closing_kopecks: int = Field(sa_type=BigInteger)
    due_on: date
    #: Payments credited up to this moment are already inside `closing_kopecks`.
    counts_payments_until: datetime
    register_id: int = Field(foreign_key="register.id")


class Charge(SQLModel, table=True):
    """One service of a bill. Volumes and tariffs are decimal text, as the company wrote them."""

    __tablename__ = "charge"
    __table_args__ = (UniqueConstraint("bill_id", "line"),)

    id: int | None = Field(default=None, primary_key=True)
    bill_id: int = Field(foreign_key="bill.id", ondelete="CASCADE")
    line: int
    service: str = Field(max_length=120)
    unit: str = Field(default="", max_length=20)
    volume: str = Field(default="", max_length=24)
    tariff: str = Field(default="", max_length=24)
    charged_kopecks: int = Field(sa_type=BigInteger)
    recalculated_kopecks: int = Field(default=0, sa_type=BigInteger)
    conceded_kopecks: int = Field(default=0, sa_type=BigInteger)
    penalty_kopecks: int = Field(default=0, sa_type=BigInteger)
    total_kopecks: int = Field(sa_type=BigInteger)


class Register(SQLModel, table=True):
    """One loaded accrual register; the same file is never loaded twice for a provider."""

    __tablename__ = "register"
    __table_args__ = (UniqueConstraint("provider_id", "file_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    file_name: str = Field(max_length=250)
    #: SHA-256 of the bytes, hex.
    file_hash: str = Field(max_length=64)
    preset: str = Field(max_length=30)
    encoding: str = Field(max_length=20)
    period_from: int
    period_to: int
    #: The moment to which the company's data are true («данные на …»).
    data_as_of: datetime
    accepted_rows: int
    rejected_rows: int
    total_kopecks: int = Field(sa_type=BigInteger)
    loaded_at: datetime


class ProofKind(StrEnum):
    """What proves that an account is the subscriber's own; a surname only in addition to a sum or a number."""

    PIN = "pin"
    BILL_SUM = "bill_sum"
    METER_SERIAL = "meter_serial"
    SURNAME = "surname"


class Pin(SQLModel, table=True):
    """The PIN of an account, as a keyed hash; a new one takes the row of the old, so an account has one at most."""

    __tablename__ = "pin"

    account_id: int = Field(foreign_key="personal_account.id", primary_key=True)
    pin_hash: str = Field(max_length=64)
    #: Which secret of the installation made the hash, so that letters outlive a change of the secret.
    key_id: str = Field(max_length=8)
    tries_left: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    #: Revoked by the company.
    ended_at: datetime | None = None


class ProofPolicy(SQLModel, table=True):
    """A proof that a provider accepts beside the PIN, which every provider does, or a surname that it demands too."""

    __tablename__ = "proof_policy"

    provider_id: int = Field(foreign_key="service_provider.id", primary_key=True)
    kind: ProofKind = Field(sa_type=text_enum(ProofKind), primary_key=True)
    allowed_at: datetime


class GuestPass(SQLModel, table=True):
    """Who holds the token may act on one account for a while without a cabinet; only the hash is kept."""

    __tablename__ = "guest_pass"

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: int = Field(foreign_key="personal_account.id", index=True)
    created_at: datetime
    expires_at: datetime = Field(index=True)
