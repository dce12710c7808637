"""The contract of a payment gateway: what is asked, what is answered, in which ways it fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lkk_reflex.kit.money import Money


class GatewayError(Exception):
    """The gateway did not give the answer. `text` says why, for the log and the row; it holds no secrets."""

    def __init__(self, text: str, *, http: int | None = None, code: str = "", parameter: str = "") -> None:
        super().__init__(text)
        self.text, self.http, self.code, self.parameter = text, http, code, parameter


class Rejected(GatewayError):
    """A refusal by the gateway itself: this request was not performed."""


class Misconfigured(Rejected):
    """The shop's id or key is refused, or the shop may not do this: a person must act."""


class NotFound(Rejected):
    """The gateway does not know the object."""


class Throttled(GatewayError):
    """Not performed now; repeat later with the same key."""


class Unknown(GatewayError):
    """Performed or not, nobody knows: repeat with the same key and the same body.

    `was_sent` is False when the request certainly did not leave; `is_key_used` when the key belongs to another body.
    """

    def __init__(self, text: str, *, http: int | None = None, was_sent: bool = True, is_key_used: bool = False) -> None:
        super().__init__(text, http=http)
        self.was_sent, self.is_key_used = was_sent, is_key_used


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """What it takes to act for one shop."""

    gateway_id: str
    secret: str = field(repr=False)
    is_test: bool


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment as the gateway sees it. States, methods and reasons may be ones we have never heard of."""

    id: str
    status: str
    amount: Money
    currency: str
    is_paid: bool
    #: None where the answer does not say.
    is_test: bool | None
    recipient: str | None
    #: `metadata.payment_ref`: our own id.
    payment_ref: str
    confirmation_url: str
    method_type: str
    method_title: str
    cancel_party: str
    cancel_reason: str
    #: The answer as it came.
    raw: str


class Gateway(Protocol):
    """One shop at a gateway. Every call blocks, has time-outs and raises a `GatewayError` when there is no answer."""

    def create(self, key: str, body: str) -> GatewayPayment:
        """Create the payment that `body` (as frozen) describes, once for a key."""

    def get(self, provider_id: str) -> GatewayPayment:
        """Return a payment's present state."""

    def created_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        """Walk over the shop's payments created at `moment` or later, newest first."""

    def succeeded_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        """Walk over the shop's payments that succeeded at `moment` or later, newest first."""


GatewayFactory = Callable[[ShopAccess], Gateway]
