"""Tables of tickets, their messages, what is attached to them, and how soon they are answered."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from lkk_reflex.attachments.files import FileKind
from lkk_reflex.kit.db import text_enum


class Recipient(StrEnum):
    """Who is asked."""

    SUPPORT = "support"  # the technical support of the portal
    PROVIDER = "provider"  # the staff of a company


class Topic(StrEnum):
    """What a ticket is about; `rules.TOPICS` says which recipient is asked about what."""

    SIGN_IN = "sign_in"
    CONNECTING = "connecting"
    PAYING = "paying"
    PORTAL_FAULT = "portal_fault"
    CHARGES = "charges"
    PAYMENT = "payment"
    READINGS = "readings"
    METER = "meter"
    ACCOUNT_DATA = "account_data"
    QUALITY = "quality"
    OTHER = "other"


class TicketState(StrEnum):
    """Whose turn it is."""

    NEW = "new"  # nobody has answered yet
    ANSWERED = "answered"
    WAITING = "waiting"  # the subscriber has written again, or has reopened it
    CLOSED = "closed"


class Author(StrEnum):
    """Who wrote a message of a ticket."""

    SUBSCRIBER = "subscriber"
    STAFF = "staff"
    SYSTEM = "system"


class Ticket(SQLModel, table=True):
    """A question of a subscriber, with the dialogue about it."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "intent_id"),
        Index("ix_ticket_subscriber_id_changed_at", "subscriber_id", "changed_at"),
        Index("ix_ticket_provider_id_due_on", "provider_id", "due_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: By which people name it: `482-1120`. Random, so that it does not tell how many there are.
    number: str = Field(unique=True, max_length=12)
    #: Unguessable name in addresses.
    public_id: str = Field(unique=True, max_length=32)
    #: Made when the form opens; the second click finds the first row by it.
    intent_id: str = Field(max_length=64)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    recipient: Recipient = Field(sa_type=text_enum(Recipient))
    #: The company that is asked; None for the portal's support.
    provider_id: int | None = Field(default=None, foreign_key="service_provider.id")
    account_id: int | None = Field(default=None, foreign_key="personal_account.id", index=True)
    topic: Topic = Field(sa_type=text_enum(Topic))
    state: TicketState = Field(default=TicketState.NEW, sa_type=text_enum(TicketState))
    #: Until when the present question is to be answered, and how many working days that were.
    due_on: date
    due_days: int
    created_at: datetime
    #: When anybody last wrote or changed the state.
    changed_at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None
    #: 1 to 5.
    rating: int | None = None
    rating_comment: str = Field(default="", max_length=1000)
    rated_at: datetime | None = None


class TicketMessage(SQLModel, table=True):
    """One message of a dialogue."""

    __tablename__ = "ticket_message"
    __table_args__ = (UniqueConstraint("ticket_id", "intent_id"),)

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", ondelete="CASCADE")
    #: Made when the form opens, as that of a ticket; None for what no form has written.
    intent_id: str | None = Field(default=None, max_length=64)
    author: Author = Field(sa_type=text_enum(Author))
    text: str = Field(sa_type=Text)
    at: datetime


class TicketAttachment(SQLModel, table=True):
    """A file that was uploaded and checked; without a message it waits for one, and is soon forgotten."""

    __tablename__ = "ticket_attachment"

    id: int | None = Field(default=None, primary_key=True)
    #: Unguessable name in addresses.
    public_id: str = Field(unique=True, max_length=32)
    #: In whose tickets it stands. Only that person's messages take an upload; the message tells who has attached it.
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    message_id: int | None = Field(default=None, foreign_key="ticket_message.id", ondelete="CASCADE", index=True)
    kind: FileKind = Field(sa_type=text_enum(FileKind))
    #: Of what is stored, in bytes.
    size: int
    #: Of what is stored, hex.
    sha256: str = Field(max_length=64)
    #: Random name in the directory of uploads.
    stored_name: str = Field(unique=True, max_length=40)
    #: As the person called it, cleaned; for showing only.
    shown_name: str = Field(max_length=100)
    created_at: datetime = Field(index=True)


class AnswerTerm(SQLModel, table=True):
    """How many working days an answer may take from a day on; None stands for every provider or topic."""

    __tablename__ = "answer_term"
    __table_args__ = (UniqueConstraint("provider_id", "topic", "valid_from"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int | None = Field(default=None, foreign_key="service_provider.id")
    topic: Topic | None = Field(default=None, sa_type=text_enum(Topic))
    valid_from: date
    working_days: int
