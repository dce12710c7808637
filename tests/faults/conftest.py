"""A bank in a process of its own, and the portal's end of it: the routes, the jobs, a quick clock."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import Engine
from starlette.applications import Starlette

from lkk_reflex.kit import clock, crypto
from lkk_reflex.kit.clock import clock_from
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.payments.gateways.base import ShopAccess
from lkk_reflex.payments.gateways.yookassa import YooKassa
from lkk_reflex.payments.routes import routes
from lkk_reflex.payments.shops import NewShop
from lkk_reflex.sandbox.bank_config import Shop
from lkk_reflex.sandbox.bank_server import RunningBank, running_bank
from tests.factories.payments import Payable, make_payable
from tests.support import patience
from tests.support.patience import until
from tests.support.ports import free_port

SECRET = "a secret of this test run only, long enough"
#: So long the bank keeps the answers waiting that are to be lost.
LATE_SECONDS = 2.0
SHOP = Shop(shop_id="100500", secret="test_water", name="Горводоканал")


@pytest.fixture(scope="session")
def bank_process() -> Iterator[RunningBank]:
    """A bank in a process of its own, shared by the tests of this worker."""
    with running_bank(SHOP, seed=7) as bank:
        yield bank


@pytest.fixture
def bank(bank_process: RunningBank) -> RunningBank:
    """The running bank, empty and without faults."""
    bank_process.reset()
    bank_process.no_faults()
    bank_process.register_shop(SHOP)
    return bank_process


@dataclass(frozen=True)
class Portal:
    """The portal's side of the payments."""

    payable: Payable
    bank: RunningBank

    def connect(self, access: ShopAccess) -> YooKassa:
        """Reach the bank, however slow the machine."""
        return YooKassa(access, self.bank.api_url, timeouts=(patience.SECONDS, patience.SECONDS))

    def connect_hastily(self, access: ShopAccess) -> YooKassa:
        """Reach the bank with little patience, so that an answer that comes after `LATE_SECONDS` is a lost one."""
        return YooKassa(access, self.bank.api_url, timeouts=(LATE_SECONDS / 2, LATE_SECONDS / 2))


@pytest.fixture
def portal(engine: Engine, bank: RunningBank) -> Portal:
    """A subscriber with a debt, a provider whose shop is at the bank."""
    crypto.bind(Keyring((SECRET,)))
    with unit_of_work() as session:
        payable = make_payable(session, shop=NewShop(0, SHOP.shop_id, SHOP.secret))
    return Portal(payable, bank)


@contextmanager
def quick_clock(times: float) -> Iterator[None]:
    """Let the portal's time pass so many times as fast."""
    began = clock.now()
    system = clock._source

    def quick() -> datetime:
        return began + timedelta(seconds=(system() - began).total_seconds() * times)

    with clock_from(quick):
        yield


@contextmanager
def serving_hooks() -> Iterator[str]:
    """Serve the routes for the gateway's notifications; yield their address."""
    port = free_port()
    server = Server(
        Starlette(routes=routes()), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    loop = asyncio.new_event_loop()

    def serve() -> None:
        loop.run_until_complete(server.serve())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    until(lambda: _listens(port))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def objects_of(bank: RunningBank) -> dict[str, list[dict[str, object]]]:
    """Return the bank's payments by our own ids."""
    found: dict[str, list[dict[str, object]]] = {}
    for payment in bank.snapshot()["payments"]:
        found.setdefault(payment["metadata"]["payment_ref"], []).append(payment)
    return found


def paid_kopecks(bank: RunningBank) -> int:
    """Return what the bank has taken from the payers."""
    paid = [payment for payment in bank.snapshot()["payments"] if payment["status"] == "succeeded"]
    return sum(int(payment["amount"]["value"].replace(".", "")) for payment in paid)
