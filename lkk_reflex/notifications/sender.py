"""What a way out of the portal is asked, and what it reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lkk_reflex.notifications.models import Channel


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a sender gets it."""

    id: int
    to: str
    subject: str
    body: str
    #: The same in every attempt.
    message_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a sender reports. `error` is a short code, never a text with an address in it."""

    ok: bool
    provider_id: str = ""
    error: str = ""
    retryable: bool = True


class Sender(Protocol):
    """A way out of the portal; never raises for an expected failure."""

    def send(self, message: Outgoing) -> Delivery:
        """Hand one message over; blocking, with time-outs of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders of an installation and the daily cap on paid messages."""

    by_channel: Mapping[Channel, Sender]
    sms_daily_limit: int
