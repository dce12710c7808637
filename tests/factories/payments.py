"""Makes an account that can be paid for, a shop that takes the money, and a gateway inside the process."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session

from lkk_reflex.accounts.models import (
    AccountLink,
    Bill,
    PersonalAccount,
    Register,
    ServiceKind,
    ServiceProvider,
)
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository, shops
from lkk_reflex.payments.checkout import AmountChoice, PayForm, new_intent
from lkk_reflex.payments.gateways.base import GatewayError, GatewayPayment, NotFound, ShopAccess, Unknown
from lkk_reflex.payments.models import Payment, PaymentStatus
from lkk_reflex.payments.shops import NewShop
from tests.factories.identity import make_viewer

DEBT = Money(1542_30)

_numbers = count(1)


@dataclass(frozen=True)
class Payable:
    """A subscriber who can pay for an account."""

    viewer: Viewer
    link_id: str
    account_id: int
    provider_id: int
    #: `shopId` at the gateway.
    gateway_id: str
    webhook_token: str

    def debt_form(self, shown: Money = DEBT) -> PayForm:
        """The form with the debt chosen."""
        return PayForm(new_intent(), self.link_id, AmountChoice.DEBT, debt_shown=shown.kopecks)

    def own_form(self, text: str = "100") -> PayForm:
        """The form with a typed sum."""
        return PayForm(new_intent(), self.link_id, AmountChoice.OWN, amount_text=text)


def make_provider(session: Session) -> int:
    """Store a provider and return its id."""
    provider = ServiceProvider(
        code=f"water-{next(_numbers)}", name="Горводоканал", kind=ServiceKind.WATER, created_at=clock.now()
    )
    session.add(provider)
    session.flush()
    assert provider.id is not None
    return provider.id


def make_account(session: Session, provider_id: int) -> int:
    """Store a personal account and return its id."""
    number = f"{next(_numbers):010d}"
    account = PersonalAccount(
        provider_id=provider_id,
        number=number,
        number_shown=number,
        unified_number="80KX478547",
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    assert account.id is not None
    return account.id


def make_link(session: Session, viewer: Viewer, account_id: int) -> str:
    """Connect an account and return the public id of the link."""
    public_id = uuid.uuid4().hex
    session.add(
        AccountLink(
            public_id=public_id,
            subscriber_id=viewer.require_subscriber(),
            account_id=account_id,
            created_at=clock.now(),
        )
    )
    session.flush()
    return public_id


def make_bill(
    session: Session,
    account_id: int,
    closing: Money = DEBT,
    *,
    period: int = 202610,
    counts_until: datetime | None = None,
) -> None:
    """Store a bill that counts payments up to a moment, by default until a minute ago."""
    now = clock.now()
    account = session.get_one(PersonalAccount, account_id)
    register = Register(
        provider_id=account.provider_id,
        file_name="r.csv",
        file_hash=uuid.uuid4().hex,
        preset="own",
        encoding="utf-8",
        period_from=period,
        period_to=period,
        data_as_of=now,
        accepted_rows=1,
        rejected_rows=0,
        total_kopecks=closing.kopecks,
        loaded_at=now,
    )
    session.add(register)
    session.flush()
    assert register.id is not None
    session.add(
        Bill(
            account_id=account_id,
            period=period,
            closing_kopecks=closing.kopecks,
            due_on=now.date(),
            counts_payments_until=counts_until or now - timedelta(minutes=1),
            register_id=register.id,
        )
    )
    session.flush()


def make_payable(session: Session, *, debt: Money | None = DEBT, shop: NewShop | None = None) -> Payable:
    """Store a provider with a shop, an account with a bill (none for `debt=None`), and who can pay for it.

    `shop` is a pattern; its provider is filled in.
    """
    provider_id = make_provider(session)
    account_id = make_account(session, provider_id)
    viewer = make_viewer(session)
    if debt is not None:
        make_bill(session, account_id, debt)
    shop = shop or NewShop(0, str(500_000 + next(_numbers)), "test_water")
    shown = shops.add_shop(session, Viewer.system(), replace(shop, provider_id=provider_id))
    return Payable(
        viewer=viewer,
        link_id=make_link(session, viewer, account_id),
        account_id=account_id,
        provider_id=provider_id,
        gateway_id=shown.gateway_id,
        webhook_token=shown.notification_url.rpartition("/")[2],
    )


def make_payment(session: Session, payable: Payable, **values: Any) -> Payment:
    """Store a payment that has been sent and waits to be paid, unless told otherwise."""
    shop = repository.shop_by_gateway_id(session, payable.gateway_id)
    assert shop is not None
    now = clock.now()
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "intent_id": new_intent(),
        "shop_id": shop.id,
        "account_id": payable.account_id,
        "subscriber_id": payable.viewer.subscriber_id,
        "amount_kopecks": DEBT.kopecks,
        "status": PaymentStatus.PENDING,
        "provider_id": object_id(),
        "idem_key": str(uuid.uuid4()),
        "body": "{}",
        "sends": 1,
        "first_sent_at": now,
        "created_at": now,
        "next_check_at": now,
    }
    payment = Payment(**(fields | values))
    session.add(payment)
    session.flush()
    return payment


def object_id() -> str:
    """Return an id as the gateway gives them: like a UUID, but not one."""
    number = f"{next(_numbers):012x}"
    return f"2e5f{number[:4]}-000f-5000-8000-{number}"


def seen_of(payment: Payment, shop: str, **changes: Any) -> GatewayPayment:
    """Return the gateway's object that belongs to a payment, with some fields changed."""
    seen = GatewayPayment(
        id=payment.provider_id or object_id(),
        status="pending",
        amount=Money(payment.amount_kopecks),
        currency="RUB",
        is_paid=False,
        is_test=True,
        recipient=shop,
        payment_ref=payment.id,
        confirmation_url="https://bank.example/pay",
        method_type="",
        method_title="",
        cancel_party="",
        cancel_reason="",
        raw="{}",
    )
    return replace(seen, **changes)


class FakeGateway:
    """A gateway inside the process that keeps its word about keys and fails as it is told."""

    def __init__(self) -> None:
        self.payments: dict[str, GatewayPayment] = {}
        self.calls: list[tuple[str, str]] = []
        #: Bodies by key; another body with a known key is refused, as at YooKassa.
        self._bodies: dict[str, tuple[str, str]] = {}
        self._failures: list[tuple[str, GatewayError, bool]] = []
        self._lock = threading.RLock()
        #: Called inside each request, for tests that act in that very moment.
        self.meanwhile: Callable[[], object] = lambda: None

    def fail_next(self, verb: str, error: GatewayError, *, after: bool = False) -> None:
        """Let the next request of this verb fail, before or after it was performed."""
        self._failures.append((verb, error, after))

    def change(self, provider_id: str, **fields: Any) -> None:
        """Change an object, as the payer or time does."""
        with self._lock:
            self.payments[provider_id] = replace(self.payments[provider_id], **fields)

    def pay(self, provider_id: str) -> None:
        """Let the payer pay."""
        self.change(provider_id, status="succeeded", is_paid=True, confirmation_url="", method_type="bank_card")

    def cancel(self, provider_id: str, reason: str = "expired_on_confirmation") -> None:
        """Let the payment end unpaid."""
        self.change(provider_id, status="canceled", cancel_party="yoo_money", cancel_reason=reason)

    def only_id(self) -> str:
        """Return the id of the only payment there is."""
        (provider_id,) = self.payments
        return provider_id

    def connect(self, access: ShopAccess) -> "FakeShop":
        """Return one shop's connection."""
        return FakeShop(self, access)

    def request(self, verb: str, key: str, perform: Callable[[], GatewayPayment]) -> GatewayPayment:
        """Perform a request or fail it."""
        with self._lock:
            self.calls.append((verb, key))
            failure = next((item for item in self._failures if item[0] == verb), None)
            if failure:
                self._failures.remove(failure)
            if failure and not failure[2]:
                raise failure[1]
            made = perform()
        self.meanwhile()
        if failure:
            raise failure[1]
        return made

    def create(self, access: ShopAccess, key: str, body: str) -> GatewayPayment:
        """Create an object once for a key."""
        if key in self._bodies:
            known_body, provider_id = self._bodies[key]
            if known_body != body:
                raise Unknown("Idempotence key duplicated", http=400, is_key_used=True)
            return self.payments[provider_id]
        params = json.loads(body)
        made = GatewayPayment(
            id=object_id(),
            status="pending",
            amount=Money.parse(params["amount"]["value"]),
            currency=params["amount"]["currency"],
            is_paid=False,
            is_test=True,
            recipient=access.gateway_id,
            payment_ref=params["metadata"]["payment_ref"],
            confirmation_url="https://bank.example/pay/1",
            method_type="",
            method_title="",
            cancel_party="",
            cancel_reason="",
            raw=json.dumps({"status": "pending"}),
        )
        self._bodies[key] = (body, made.id)
        self.payments[made.id] = made
        return made


@dataclass(frozen=True)
class FakeShop:
    """One shop at the fake gateway."""

    bank: FakeGateway
    access: ShopAccess

    def create(self, key: str, body: str) -> GatewayPayment:
        return self.bank.request("create", key, lambda: self.bank.create(self.access, key, body))

    def get(self, provider_id: str) -> GatewayPayment:
        def found() -> GatewayPayment:
            if provider_id not in self.bank.payments:
                raise NotFound("HTTP 404 code=not_found", http=404)
            return self.bank.payments[provider_id]

        return self.bank.request("get", provider_id, found)

    def created_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        self.bank.calls.append(("list", moment.isoformat()))
        return iter([seen for seen in self.bank.payments.values() if seen.recipient == self.access.gateway_id])

    def succeeded_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        return (seen for seen in self.created_since(moment) if seen.status == "succeeded")
