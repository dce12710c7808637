"""Tables of meters, readings, the rules of providers for them, and tariffs.

Values of dials are whole thousandths (`_milli`): three digits after the point are the most a dial has.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from lkk_reflex.attachments.files import FileKind
from lkk_reflex.kit.db import text_enum


class Resource(StrEnum):
    """What a meter measures."""

    COLD_WATER = "cold_water"
    HOT_WATER = "hot_water"
    GAS = "gas"
    ELECTRICITY = "electricity"
    HEAT = "heat"
    SEWAGE = "sewage"
    IRRIGATION = "irrigation"


class MeterState(StrEnum):
    """Whether readings of a meter are taken."""

    ACTIVE = "active"
    REPLACED = "replaced"  # another meter stands in its place
    REMOVED = "removed"


class ReadingSource(StrEnum):
    """Who has told a reading."""

    SUBSCRIBER = "subscriber"
    OPERATOR = "operator"
    PROVIDER = "provider"  # a register of the provider
    ESTIMATED = "estimated"  # the provider's average or norm; not read from a dial


class ReadingState(StrEnum):
    """Where a reading stands on its way into a bill."""

    ACCEPTED = "accepted"
    EXPORTED = "exported"
    COUNTED = "counted"
    REPLACED = "replaced"  # a later version stands in its place
    WITHDRAWN = "withdrawn"


class OutsideWindow(StrEnum):
    """What happens to a reading outside the submission window."""

    REFUSE = "refuse"
    NEXT_PERIOD = "next_period"


class WhenExpired(StrEnum):
    """What happens to a reading of a meter whose verification has expired."""

    ACCEPT = "accept"  # taken with a warning
    REFUSE = "refuse"


class Meter(SQLModel, table=True):
    """One meter of an account."""

    __tablename__ = "meter"
    __table_args__ = (UniqueConstraint("account_id", "resource", "serial"),)

    id: int | None = Field(default=None, primary_key=True)
    #: Unguessable, hexadecimal: names the meter in forms.
    public_id: str = Field(unique=True, max_length=16)
    account_id: int = Field(foreign_key="personal_account.id")
    resource: Resource = Field(sa_type=text_enum(Resource))
    serial: str = Field(max_length=40)
    place: str = Field(default="", max_length=80)
    digits_int: int = 5
    digits_frac: int = 0
    state: MeterState = Field(default=MeterState.ACTIVE, sa_type=text_enum(MeterState))
    verified_until: date | None = None
    installed_on: date | None = None
    removed_on: date | None = None
    #: The most that can be used in a month; None takes the provider's rule.
    max_consumption_milli: int | None = Field(default=None, sa_type=BigInteger)
    #: Decimal text by which a gas volume is brought to standard conditions; empty is one.
    coefficient: str = Field(default="", max_length=16)
    replaced_by_id: int | None = Field(default=None, foreign_key="meter.id")
    created_at: datetime


class MeterScale(SQLModel, table=True):
    """One dial of a meter: a meter of one tariff has the first alone."""

    __tablename__ = "meter_scale"
    __table_args__ = (CheckConstraint("scale BETWEEN 1 AND 3", name="scale"),)

    meter_id: int = Field(primary_key=True, foreign_key="meter.id", ondelete="CASCADE")
    scale: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    #: `день`, `ночь`, `пик`; empty on a meter of one tariff.
    label: str = Field(default="", max_length=20)


class Reading(SQLModel, table=True):
    """One submission of a whole meter. A correction is a new row; the old one stays with the state `replaced`."""

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("meter_id", "intent_id"),
        Index("ix_reading_meter_id_taken_on", "meter_id", "taken_on"),
        # One reading of a meter and a period waits for export, whatever arrives at the same time.
        Index(
            "uq_reading_meter_id_period",
            "meter_id",
            "period",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
        Index("ix_reading_state_period", "state", "period"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: `48-1120`: by it people and companies name the reading; None for what came from the provider.
    number: str | None = Field(default=None, unique=True, max_length=16)
    meter_id: int = Field(foreign_key="meter.id")
    #: `BillingPeriod.key` in whose bill it is to be counted.
    period: int
    #: Day in the provider's time zone.
    taken_on: date
    source: ReadingSource = Field(sa_type=text_enum(ReadingSource))
    state: ReadingState = Field(default=ReadingState.ACCEPTED, sa_type=text_enum(ReadingState))
    #: 1 for the first reading of the period, 2 for its correction…
    version: int = 1
    #: Taken outside the window, so that it is counted in the next bill.
    counts_for_next_period: bool = False
    submitted_at: datetime
    exported_at: datetime | None = None
    counted_at: datetime | None = None
    #: The period in whose bill it was counted indeed.
    counted_period: int | None = None
    #: When a later version took its place, or it was withdrawn.
    ended_at: datetime | None = None
    #: Who sent it; None for the provider, for staff, and for a submission without a cabinet.
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    #: Made when the form opens; the same click finds its reading by it. None for what came from the provider.
    intent_id: str | None = Field(default=None, max_length=64)


class ReadingValue(SQLModel, table=True):
    """What one dial showed."""

    __tablename__ = "reading_value"

    reading_id: int = Field(primary_key=True, foreign_key="reading.id", ondelete="CASCADE")
    scale: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    value_milli: int = Field(sa_type=BigInteger)


class ReadingPhoto(SQLModel, table=True):
    """A photo of a dial as proof of one version of a reading; without one it waits for it, and is soon forgotten."""

    __tablename__ = "reading_photo"

    id: int | None = Field(default=None, primary_key=True)
    #: Unguessable name in addresses.
    public_id: str = Field(unique=True, max_length=32)
    #: Who took it; only that person's readings can carry it.
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    meter_id: int = Field(foreign_key="meter.id", index=True)
    #: A reading has one photo at most.
    reading_id: int | None = Field(default=None, foreign_key="reading.id", ondelete="CASCADE", unique=True)
    kind: FileKind = Field(sa_type=text_enum(FileKind))
    #: Of what is stored, in bytes.
    size: int
    #: Of what is stored, hex.
    sha256: str = Field(max_length=64)
    #: Random name in the directory of photos.
    stored_name: str = Field(unique=True, max_length=40)
    created_at: datetime = Field(index=True)


class MeterPolicy(SQLModel, table=True):
    """How a provider takes the readings of a resource; without a row the defaults hold."""

    __tablename__ = "meter_policy"
    __table_args__ = (UniqueConstraint("provider_id", "resource"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    resource: Resource = Field(sa_type=text_enum(Resource))
    #: Days of the month, both included; 1 to 25 as ПП РФ № 354 п. 31(1) has it. From 23 to 3 spans the month's end.
    window_from: int = 1
    window_to: int = 25
    outside_window: OutsideWindow = Field(default=OutsideWindow.NEXT_PERIOD, sa_type=text_enum(OutsideWindow))
    takes_zero: bool = True
    takes_rollover: bool = True
    #: Digits after the point are asked for; else whole units only.
    takes_fraction: bool = True
    #: The most that can be used in a month; None is a tenth of the dial.
    max_consumption_milli: int | None = Field(default=None, sa_type=BigInteger)
    #: So many hundredths of the average are asked about: 300 is three times as much.
    alarm_percent: int = 300
    when_expired: WhenExpired = Field(default=WhenExpired.ACCEPT, sa_type=text_enum(WhenExpired))


class Tariff(SQLModel, table=True):
    """What a service costs for a unit of a resource from a day on; several services may follow one resource."""

    __tablename__ = "tariff"
    __table_args__ = (UniqueConstraint("provider_id", "resource", "scale", "service", "valid_from"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    #: By whose volume it is counted: «Водоотведение» follows water.
    resource: Resource = Field(sa_type=text_enum(Resource))
    #: 1 to 3; 0 is for every scale.
    scale: int = 0
    service: str = Field(max_length=120)
    valid_from: date
    #: Roubles for a unit, decimal text.
    price: str = Field(max_length=24)
