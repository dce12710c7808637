"""A really running bank for the tests of a module, and one inside the process for quick questions."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from yookassa.payment import Payment
from yookassa.receipt import Receipt
from yookassa.refund import Refund
from yookassa.settings import Settings

from lkk_reflex.sandbox.bank import Bank, make_bank
from lkk_reflex.sandbox.bank_config import BankConfig, Shop
from lkk_reflex.sandbox.bank_server import RunningBank, running_bank
from tests.sandbox.receiver import Receiver, listening
from tests.sandbox.sdk import ShopClient, bound, payment_body

SHOP = Shop(shop_id="100500", secret="test_water", name="Горводоканал")
UTILITIES = Shop(shop_id="100501", secret="test_house", name="УК «Уют»", utilities=True)
PREFIX = "/sandbox/bank"
ORIGIN = "http://127.0.0.1:3000"


@pytest.fixture(scope="session")
def bank_process() -> Iterator[RunningBank]:
    """A bank in a process of its own, shared by the tests of this worker."""
    with running_bank(SHOP, UTILITIES, seed=1) as bank:
        yield bank


@pytest.fixture
def bank(bank_process: RunningBank) -> RunningBank:
    """The running bank, empty and without faults."""
    bank_process.reset()
    bank_process.register_shop(SHOP)
    return bank_process


@pytest.fixture
def receiver(bank: RunningBank) -> Iterator[Receiver]:
    """The shop's end of the notifications, known to the running bank."""
    with listening() as receiver:
        bank.point_notifications(SHOP, receiver.url)
        yield receiver
        bank.register_shop(SHOP)


@dataclass(frozen=True)
class Sdk:
    """The SDK's classes bound to the running bank and one shop."""

    payments: type[Payment]
    refunds: type[Refund]
    receipts: type[Receipt]
    settings: type[Settings]


@pytest.fixture
def sdk(bank: RunningBank) -> Sdk:
    """The official SDK speaking to the running bank."""
    client = ShopClient(SHOP, bank.api_url)
    return Sdk(bound(Payment, client), bound(Refund, client), bound(Receipt, client), bound(Settings, client))


@pytest.fixture
def mounted() -> Iterator[Bank]:
    """A bank inside this process."""
    config = BankConfig(public_base_url=f"{ORIGIN}{PREFIX}", shops=(SHOP, UTILITIES), control=True, seed=1)
    bank = make_bank(config)
    yield bank
    bank.close()


class Desk:
    """Speaks to a bank mounted under a prefix, as the portal's own process would."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web = web
        self._keys = 0

    async def call(
        self, verb: str, path: str, body: Any = None, *, key: str | None = None, shop: Shop = SHOP, **more: Any
    ) -> httpx.Response:
        """Make one API call with the shop's credentials and, unless given, a fresh idempotency key."""
        self._keys += 1
        headers = {"Idempotence-Key": key or f"key-{self._keys}", "Content-Type": "application/json"}
        auth = (shop.shop_id, shop.secret)
        return await self.web.request(verb, f"{PREFIX}/v3{path}", json=body, headers=headers, auth=auth, **more)

    async def create(self, *, shop: Shop = SHOP, key: str | None = None, **changes: Any) -> dict[str, Any]:
        """Create a payment that must succeed in being created."""
        answer = await self.call("POST", "/payments", payment_body(**changes), shop=shop, key=key)
        assert answer.status_code == 200, answer.text
        payment: dict[str, Any] = answer.json()
        return payment

    async def read(self, payment_id: str, *, shop: Shop = SHOP) -> dict[str, Any]:
        """Read a payment."""
        payment: dict[str, Any] = (await self.call("GET", f"/payments/{payment_id}", shop=shop)).json()
        return payment

    async def lever(self, path: str, **body: Any) -> dict[str, Any]:
        """Pull a lever of the control."""
        response = await self.web.post(f"{PREFIX}/_control{path}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@asynccontextmanager
async def desk_of(bank: Bank) -> AsyncIterator[Desk]:
    """Open a client of a bank mounted under the demo's prefix."""
    transport = httpx.ASGITransport(Starlette(routes=[Mount(PREFIX, bank)]))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as web:
        yield Desk(web)


@pytest.fixture
async def desk(mounted: Bank) -> AsyncIterator[Desk]:
    """A client of the bank inside this process."""
    async with desk_of(mounted) as desk:
        yield desk
