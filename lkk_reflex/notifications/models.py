"""The outbox: messages that are to leave the portal."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from lkk_reflex.kit.db import text_enum


class Channel(StrEnum):
    """By which way a message leaves."""

    EMAIL = "email"
    SMS = "sms"


class MessageState(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class OutboxMessage(SQLModel, table=True):
    """One message to one person, written in the transaction of what caused it."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_state_due_at", "state", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: Channel = Field(sa_type=text_enum(Channel))
    template: str = Field(max_length=60)
    #: The recipient and the text, encrypted; empty once the message is sent or dead.
    content: str
    #: Keyed hash by which support finds the messages of an address that a person names.
    recipient_hash: str = Field(max_length=64, index=True)
    #: The same cause never makes a second message.
    dedupe_key: str | None = Field(default=None, unique=True, max_length=120)
    #: RFC 5322 Message-ID; the same in every attempt, so that mail servers can drop a double.
    message_id: str = Field(max_length=120)
    state: MessageState = Field(default=MessageState.QUEUED, sa_type=text_enum(MessageState))
    attempts: int = 0
    #: When to try next; while sending, when another process may take the message over.
    due_at: datetime
    #: After this the message is of no use (its code has expired).
    expires_at: datetime | None = None
    created_at: datetime
    finished_at: datetime | None = None
    #: The number the provider gave it, and its last refusal.
    provider_id: str = Field(default="", max_length=120)
    last_error: str = Field(default="", max_length=120)
