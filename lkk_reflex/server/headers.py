"""Headers that every answer carries, whoever wrote it."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lkk_reflex.server.csp import content_security_policy

_ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    # An empty value keeps the server from naming itself; a missing one makes it do so.
    b"server": b"",
}
#: Used where the answer says nothing itself: personal data must not stay in caches.
_UNLESS_SAID: Final = (b"cache-control", b"no-store")
_POLICY: Final = b"content-security-policy"
_OF_A_PAGE: Final = (_POLICY, content_security_policy().encode())
#: A script, a font or a line of JSON loads nothing; a dozen of them come with every first visit.
_OF_ANYTHING_ELSE: Final = (_POLICY, b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaders:
    """Adds the security headers to every HTTP answer."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        """Wrap an application; `is_https` tells whether people reach the portal over https."""
        self._app = app
        self._always = [*_ALWAYS.items(), *([_HSTS] if is_https else [])]
        self._names = {name for name, _ in self._always}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [header for header in message.get("headers", []) if header[0].lower() not in self._names]
                message = {**message, "headers": [*said, *self._always, *_unsaid(said)]}
            await send(message)

        await self._app(scope, receive, send_complete)


def _unsaid(said: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return what the answer has left to us: whether it may be kept, and what it may load."""
    by_name = {name.lower(): value for name, value in said}
    policy = _OF_A_PAGE if by_name.get(b"content-type", b"").startswith(b"text/html") else _OF_ANYTHING_ELSE
    return [header for header in (_UNLESS_SAID, policy) if header[0] not in by_name]
