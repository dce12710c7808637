"""The official SDK aimed at one bank and one shop, without its process-wide configuration."""

from types import SimpleNamespace
from typing import Any, TypeVar

import requests
from yookassa.client import ApiClient
from yookassa.domain.common.request_object import RequestObject
from yookassa.domain.common.user_agent import UserAgent

from lkk_reflex.sandbox.bank_config import Shop
from tests.support import patience

Resource = TypeVar("Resource")


class ShopClient(ApiClient):
    """The SDK's client with one shop's key, its own address and a time-out."""

    def __init__(self, shop: Shop, api_url: str) -> None:
        self.endpoint = api_url
        self.shop_id, self.shop_password, self.auth_token = shop.shop_id, shop.secret, None
        self.configuration = SimpleNamespace(verify=True)
        self.user_agent = UserAgent()

    def execute(self, body: Any, method: Any, path: Any, query_params: Any, request_headers: Any) -> requests.Response:
        """Send one request, past proxies and without following anybody elsewhere."""
        body = dict(body) if isinstance(body, RequestObject) else body
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                str(method),
                f"{self.endpoint}{path}",
                params=query_params,
                headers=request_headers,
                json=body,
                timeout=patience.SECONDS,
                allow_redirects=False,
            )


def bound(resource: type[Resource], client: ShopClient) -> type[Resource]:
    """Return an SDK resource such as `Payment` that always speaks through this client."""

    def take_client(self: Any) -> None:
        self.client = client

    return type(f"Shop{resource.__name__}", (resource,), {"__init__": take_client})


def payment_body(value: str = "1542.30", **changes: Any) -> dict[str, Any]:
    """Return the body of an ordinary payment."""
    return {
        "amount": {"value": value, "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": "https://portal.example/pay/return/1?from=bank"},
        "description": "Оплата по лицевому счёту",
        "metadata": {"payment_ref": "ref-1"},
    } | changes
