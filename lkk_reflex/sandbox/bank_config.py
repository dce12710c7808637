"""What the sandbox bank is told when it starts: its shops, its address, its storage, its temper."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LIVE_KEY_PREFIX = "live_"
ALL_EVENTS = frozenset({"payment.waiting_for_capture", "payment.succeeded", "payment.canceled", "refund.succeeded"})


class BankRefusesToStart(ValueError):
    """The sandbox bank was asked for something an imitation must never do."""


def is_loopback(host: str) -> bool:
    """Say whether an address belongs to this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Shop:
    """One company's shop, as it would be set up in the merchant's cabinet.

    `utilities` is the mode «Принимаю платежи за ЖКУ»: every payment must carry `payment_order`.

    Raises:
        BankRefusesToStart: for a key of a real shop or an address that is not http(s).
    """

    shop_id: str
    secret: str
    name: str = "Демонстрационная компания"
    notify_url: str | None = None
    utilities: bool = False
    events: frozenset[str] = ALL_EVENTS

    def __post_init__(self) -> None:
        if not self.shop_id or ":" in self.shop_id or not self.secret:
            raise BankRefusesToStart("A shop needs an id without colons and a secret key.")
        if self.secret.startswith(LIVE_KEY_PREFIX):
            raise BankRefusesToStart("The sandbox bank refuses keys of live shops (live_…).")
        if self.notify_url and urlsplit(self.notify_url).scheme not in ("http", "https"):
            raise BankRefusesToStart("The notification address must be an absolute http(s) URL.")

    @classmethod
    def parse(cls, text: str) -> "Shop":
        """Read `ID:SECRET[:notify_url[:utilities]]` as given on the command line."""
        shop_id, _, rest = text.partition(":")
        secret, _, rest = rest.partition(":")
        utilities = rest == "utilities" or rest.endswith(":utilities")
        notify_url = rest.removesuffix("utilities").removesuffix(":") if utilities else rest
        return cls(shop_id=shop_id, secret=secret, notify_url=notify_url or None, utilities=utilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankConfig:
    """Settings of one sandbox bank.

    `public_base_url` is the absolute address under which people and the portal reach the bank, prefix
    included; every address the bank builds starts with it. `storage` is the SQLite file, `None` keeps the
    state in memory. `control` opens fault injection and the virtual clock under `/_control`. `seed` makes
    identifiers and chances repeatable. `replay_current` answers a repeated idempotency key with the present
    object instead of the first answer: YooKassa does not say which of the two it does.

    Raises:
        BankRefusesToStart: in production, or with control reachable from other machines.
    """

    public_base_url: str
    storage: Path | None = None
    shops: tuple[Shop, ...] = ()
    host: str = "127.0.0.1"
    production: bool = False
    control: bool = False
    seed: int | None = None
    replay_current: bool = False
    utilities_delay_seconds: float = 20.0
    refund_delay_seconds: float = 0.0
    receipt_delay_seconds: float = 5.0
    notify_timeout_seconds: float = 10.0

    def __post_init__(self) -> None:
        if self.production:
            raise BankRefusesToStart("The sandbox bank does not start in production mode.")
        if self.control and not is_loopback(self.host):
            raise BankRefusesToStart("Fault injection is offered on a loopback address only.")
        parts = urlsplit(self.public_base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise BankRefusesToStart("public_base_url must be an absolute http(s) URL.")

    def url(self, path: str) -> str:
        """Build an absolute address of the bank from a path such as `/pay/…`."""
        return self.public_base_url.rstrip("/") + path
