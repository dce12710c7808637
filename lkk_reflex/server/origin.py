"""Which sites may speak to the portal from a browser: only its own pages."""

from collections.abc import Callable, Mapping

import reflex as rx
from starlette.types import ASGIApp, Receive, Scope, Send

from lkk_reflex.kit.own_origin import is_own_origin
from lkk_reflex.settings import Settings

#: Tells whether an Origin header may speak to the host named by the Host header.
OriginRule = Callable[[str, str], bool]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def origin_rule(settings: Settings) -> OriginRule:
    """Return the rule of this installation: the one public address, in a demo any name of its machine."""
    return lambda origin, host: is_own_origin(
        origin, host=host, public_url=settings.public_url, any_name=settings.is_demo
    )


def trust_own_pages(app: rx.App, is_own: OriginRule) -> None:
    """Give the framework's socket server the same rule; a list of addresses would not know a demo's names."""
    if app.sio is not None:
        app.sio.eio.cors_allowed_origins = lambda origin, environ: (
            origin is None or is_own(origin, environ.get("HTTP_HOST", ""))
        )


class OriginGate:
    """Refuses websockets and changing requests that a foreign page makes a browser send.

    A request without an Origin comes from no page: a billing system, a notification of the bank. Browsers
    name the origin of everything but plain reading.
    """

    def __init__(self, app: ASGIApp, is_own: OriginRule) -> None:
        self._app = app
        self._is_own = is_own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403."""
        if scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _SAFE_METHODS):
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            if not self._is_welcome(headers):
                await _refuse(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_welcome(self, headers: Mapping[bytes, str]) -> bool:
        origin = headers.get(b"origin")
        if origin is None:
            return headers.get(b"sec-fetch-site", "none") in ("none", "same-origin")
        return self._is_own(origin, headers.get(b"host", ""))


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    await send({"type": "http.response.body", "body": "Запрос пришёл с чужого сайта.".encode()})
