"""Tables of outages and of the accounts that they concern."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from lkk_reflex.kit.db import text_enum


class OutageKind(StrEnum):
    """Why a service is switched off."""

    PLANNED = "planned"
    EMERGENCY = "emergency"


class OutageState(StrEnum):
    """What has been said of an outage last; its times say the rest."""

    ANNOUNCED = "announced"
    ENDED = "ended"  # the service is back before the announced end
    CANCELLED = "cancelled"  # taken back before it began


class Outage(SQLModel, table=True):
    """A service of a provider that is switched off for a while."""

    __tablename__ = "outage"
    __table_args__ = (Index("ix_outage_provider_id_over_at", "provider_id", "over_at"),)

    #: The number by which staff names it.
    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="service_provider.id")
    #: As people read it after a colon: `холодная вода`.
    service: str = Field(max_length=40)
    kind: OutageKind = Field(sa_type=text_enum(OutageKind))
    state: OutageState = Field(default=OutageState.ANNOUNCED, sa_type=text_enum(OutageState))
    starts_at: datetime
    ends_at: datetime
    #: The announced end, or when it was said to have ended or to be cancelled; by it everybody looks for outages.
    over_at: datetime
    text: str = Field(default="", sa_type=Text)
    #: As staff wrote it; empty when all accounts of the provider are concerned.
    street: str = Field(default="", max_length=120)
    #: As staff wrote them, parted by commas; empty for the whole street.
    houses: str = Field(default="", max_length=500)
    announced_at: datetime
    #: When the times or the text were last changed.
    changed_at: datetime | None = None
    #: Counts what people are told of: the announcement, other times, the end.
    revision: int = 1
    #: When the latest of that happened.
    revised_at: datetime = Field(index=True)


class OutageAccount(SQLModel, table=True):
    """An account whose address the outage concerns; there are none where it concerns all of the provider."""

    __tablename__ = "outage_account"
    __table_args__ = (Index("ix_outage_account_account_id", "account_id"),)

    outage_id: int = Field(foreign_key="outage.id", ondelete="CASCADE", primary_key=True)
    account_id: int = Field(foreign_key="personal_account.id", primary_key=True)
