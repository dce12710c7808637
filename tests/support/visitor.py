"""A browser without a screen: it speaks HTTP to an application of this process and keeps its cookies."""

import asyncio
from collections.abc import Mapping

import httpx
from starlette.types import ASGIApp


class Visitor:
    """Asks an application, one request after the other."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._base_url = base_url
        self.cookies = httpx.Cookies()

    def get(self, path: str, **request: object) -> httpx.Response:
        """Read a page."""
        return self.ask("GET", path, **request)

    def post(
        self, path: str, data: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post a form."""
        return self.ask("POST", path, data=data or {}, headers=headers)

    def ask(self, method: str, path: str, **request: object) -> httpx.Response:
        """Send any request; redirects are not followed."""

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=("203.0.113.7", 50000))
            async with httpx.AsyncClient(transport=transport, base_url=self._base_url, cookies=self.cookies) as client:
                response = await client.request(method, path, **request)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return response

        return asyncio.run(sent())
