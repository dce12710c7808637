"""Putting messages into the outbox, in the transaction of what causes them."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.notifications.models import Channel, MessageState, OutboxMessage
from lkk_reflex.notifications.rendering import Brand, render
from lkk_reflex.settings import Settings, SmsSender, get_settings


@dataclass(frozen=True, slots=True)
class Content:
    """What is encrypted at rest."""

    to: str
    subject: str
    body: str

    def encrypted(self) -> str:
        """Return the form for the table."""
        return keyring().encrypt(json.dumps([self.to, self.subject, self.body], ensure_ascii=False))

    @classmethod
    def decrypted(cls, content: str) -> Self:
        """Read the form of the table.

        Raises:
            cryptography.fernet.InvalidToken: when the secret it was made with is gone from the settings.
        """
        return cls(*json.loads(keyring().decrypt(content)))


def queue(
    session: Session,
    *,
    to: str,
    template: str,
    params: Mapping[str, object] | None = None,
    dedupe_key: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Write a message to an e-mail address or a phone (`+79…`); the background job sends it.

    Nothing happens when a message with this `dedupe_key` was written before, or when the company has no SMS
    gateway and `to` is a phone.
    """
    settings = get_settings()
    channel = Channel.EMAIL if "@" in to else Channel.SMS
    if channel is Channel.SMS and settings.sms_sender is SmsSender.OFF:
        return
    text = render(channel, template, params or {}, brand_of(settings))
    now = clock.now()
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.exec(
        insert(OutboxMessage)
        .values(
            channel=channel,
            template=template,
            content=Content(to, text.subject, text.body).encrypted(),
            recipient_hash=recipient_hash(to),
            dedupe_key=dedupe_key,
            message_id=f"<{uuid.uuid4().hex}@{urlsplit(settings.public_url).hostname}>",
            state=MessageState.QUEUED,
            attempts=0,
            due_at=now,
            expires_at=expires_at,
            created_at=now,
            provider_id="",
            last_error="",
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )


def recipient_hash(to: str) -> str:
    """Return the hash by which the messages to this address are found."""
    return keyring().keyed_hash("recipient", to)


def brand_of(settings: Settings) -> Brand:
    """Return the sender's name and contacts for the texts."""
    parts = filter(None, (settings.support_phone, settings.support_email, settings.support_hours))
    return Brand(settings.company_name, ", ".join(parts), settings.accent_color)
