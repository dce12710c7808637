"""Putting messages into the outbox, in the transaction of what causes them."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from urllib.parse import urlsplit

from sqlmodel import Session

from lkk_reflex.kit import clock, wake
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.notifications import repository
from lkk_reflex.notifications.models import Channel, OutboxMessage
from lkk_reflex.notifications.rendering import Brand, render
from lkk_reflex.settings import SmsSender, get_settings

#: The bell of the job that sends what lies here.
BELL: Final = "messages"
_RECIPIENT: Final = "recipient"


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
    brand = Brand.of(
        settings.company_name,
        settings.accent_color,
        settings.support_phone,
        settings.support_email,
        settings.support_hours,
    )
    channel = Channel.EMAIL if "@" in to else Channel.SMS
    if channel is Channel.SMS and settings.sms_sender is SmsSender.OFF:
        return
    text = render(channel, template, params or {}, brand)
    now = clock.now()
    repository.add_unless_known(
        session,
        OutboxMessage(
            channel=channel,
            template=template,
            content=Content(to, text.subject, text.body).encrypted(),
            recipient_hash=recipient_hash(to),
            dedupe_key=dedupe_key,
            message_id=f"<{uuid.uuid4().hex}@{urlsplit(settings.public_url).hostname}>",
            due_at=now,
            expires_at=expires_at,
            created_at=now,
        ),
    )
    wake.ring_after_commit(session, BELL)


def forget(session: Session, addresses: Iterable[str]) -> int:
    """Delete every message to these addresses, sent or not, because their owner is gone; return how many there were."""
    return repository.delete_to(
        session, [each for address in addresses for each in keyring().keyed_hashes(_RECIPIENT, address)]
    )


def waiting(session: Session, *, most: int) -> int:
    """Return how many messages wait to be sent, counting no further than `most`."""
    return repository.count_queued(session, most)


def known(session: Session, dedupe_keys: Collection[str]) -> set[str]:
    """Return by which of these keys a message was written; one that was finished long ago is not known any more."""
    return repository.known_keys(session, dedupe_keys)


def recipient_hash(to: str) -> str:
    """Return the hash by which the messages to this address are found."""
    return keyring().keyed_hash(_RECIPIENT, to)
