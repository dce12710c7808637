"""The demo's own bank: inside the portal's process, reached only over HTTP, like the real one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

from starlette.routing import Mount

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import bridge
from lkk_reflex.payments.shops import list_shops
from lkk_reflex.sandbox.bank import Bank, BankConfig, make_bank
from lkk_reflex.sandbox.town import SHOPS
from lkk_reflex.settings import get_settings

_PATH: Final = "/sandbox/bank"


@cache
def demo_bank() -> Bank:
    """Return the bank of this process; it refuses to exist in production."""
    settings = get_settings()
    return make_bank(
        BankConfig(
            public_base_url=settings.public_url + _PATH,
            storage=settings.data_dir / "bank.sqlite3",
            host=settings.host,
            production=not settings.is_demo,
        )
    )


def mounted() -> Mount:
    """Return the place of the bank among the routes of the portal."""
    return Mount(_PATH, demo_bank())


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Keep the bank open, knowing the shops of the town and where their notifications go."""
    settings = get_settings()
    known = {shop.gateway_id: shop.notification_url for shop in await bridge.read(list_shops, Viewer.system())}
    for shop in SHOPS:
        if shop.gateway_id in known:
            demo_bank().register_shop(
                shop.gateway_id,
                shop.secret,
                # The machine may not know itself by the name people open the portal under.
                known[shop.gateway_id].replace(settings.public_url, settings.local_url, 1),
                utilities=shop.is_utilities,
                name=shop.name,
            )
    async with demo_bank().running():
        yield
    demo_bank().close()
