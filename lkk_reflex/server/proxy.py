"""Who the client is and how he came, when a reverse proxy stands in front."""

from starlette.types import ASGIApp, Receive, Scope, Send

_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class TrustedProxies:
    """Takes the address and the scheme from the proxies, if the settings say that there are any.

    With N proxies the N-th address from the right of `X-Forwarded-For` was written by the outermost one
    of them; everything to the left of it is what the client claims about itself, and is ignored.
    """

    def __init__(self, app: ASGIApp, hops: int) -> None:
        self._app = app
        self._hops = hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the client and the scheme set."""
        if self._hops and scope["type"] in ("http", "websocket"):
            scope = {**scope, **self._seen_by_proxy(scope)}
        await self._app(scope, receive, send)

    def _seen_by_proxy(self, scope: Scope) -> Scope:
        seen: Scope = {}
        addresses = _values(scope, b"x-forwarded-for")
        if len(addresses) >= self._hops:
            seen["client"] = (addresses[-self._hops], 0)
        schemes = _values(scope, b"x-forwarded-proto")
        if len(schemes) == 1 or len(schemes) >= self._hops:
            scheme = schemes[-min(self._hops, len(schemes))].lower()
            if scheme in _WEBSOCKET_SCHEMES:
                seen["scheme"] = _WEBSOCKET_SCHEMES[scheme] if scope["type"] == "websocket" else scheme
        return seen


def _values(scope: Scope, header: bytes) -> list[str]:
    joined = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == header)
    return [value.strip() for value in joined.split(",") if value.strip()]
