"""A YooKassa-compatible bank for the demo, for development and for tests.

Mounted into another application: `Mount("/sandbox/bank", bank := make_bank(config))` together with
`async with bank.running():` around that application's life. Alone:
`python -m lkk_reflex.sandbox.bank_server --port 8090 --storage bank.sqlite3 --shop 100500:test_key`.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from lkk_reflex.sandbox.bank_api import Api
from lkk_reflex.sandbox.bank_clock import VirtualClock
from lkk_reflex.sandbox.bank_config import BankConfig, BankRefusesToStart, Shop
from lkk_reflex.sandbox.bank_control import Control
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_faults import Fault, FaultGate, FaultRule, Faults
from lkk_reflex.sandbox.bank_notifications import Courier
from lkk_reflex.sandbox.bank_page import HostedPage

__all__ = ["Bank", "BankConfig", "BankRefusesToStart", "Fault", "FaultRule", "Shop", "make_bank"]


class Bank(Starlette):
    """The bank as one application: `/v3` for the portal, `/pay/…` for people, `/_control` for tests."""

    def __init__(self, config: BankConfig) -> None:
        self.config = config
        self.core = Core(config)
        self.faults = Faults()
        self.courier = Courier(self.core)
        api: ASGIApp = Api(self.core, self.courier).app()
        routes: list[BaseRoute] = [*HostedPage(self.core, self.courier).routes()]
        if config.control:
            api = FaultGate(api, self.core, self.faults)
            routes.append(Mount("/_control", Control(self.core, self.faults, self.courier).app()))
        super().__init__(routes=[Mount("/v3", api), *routes], lifespan=lambda _: self.running())

    @property
    def clock(self) -> VirtualClock:
        """Return the bank's clock, which can be skipped forward."""
        return self.core.clock

    def register_shop(
        self,
        shop_id: str,
        secret: str,
        notify_url: str | None = None,
        *,
        utilities: bool = False,
        name: str | None = None,
    ) -> None:
        """Add a shop or replace its settings while the bank is open; the storage remembers it.

        Raises:
            BankRefusesToStart: for a key of a real shop.
        """
        shop = Shop(shop_id=shop_id, secret=secret, notify_url=notify_url, utilities=utilities)
        with self.core.storage.books() as books:
            books.save_shop(replace(shop, name=name) if name else shop)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver notifications and let time act in the background for the length of the block."""
        async with self.courier.running():
            yield

    def close(self) -> None:
        """Let go of the storage."""
        self.core.storage.close()


def make_bank(config: BankConfig) -> Bank:
    """Build a bank; `config` has already refused production, live keys and an exposed control."""
    return Bank(config)
