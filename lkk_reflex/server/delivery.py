"""Puts together what stands between the network and the framework."""

from collections.abc import Callable, Sequence

import reflex as rx
from reflex_base import constants
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from lkk_reflex.server.environment import prebuilt_client
from lkk_reflex.server.faults import Faults
from lkk_reflex.server.headers import SecurityHeaders
from lkk_reflex.server.origin import OriginGate, origin_rule, trust_own_pages
from lkk_reflex.server.proxy import TrustedProxies
from lkk_reflex.server.static import Pages, StaticSite
from lkk_reflex.settings import Settings

#: All that is reachable of the framework's own HTTP interface; health, uploads and the list of pages are not.
_FRAMEWORK_PATHS = ("/ping", "/_event")


def delivery(
    settings: Settings, routes: Callable[[], Sequence[BaseRoute]], app: rx.App
) -> Callable[[ASGIApp], ASGIApp]:
    """Return the transformer of the framework's ASGI application.

    From outside in: who the client is (behind proxies), security headers, faults, refusal of foreign pages,
    files and prerendered pages, the `routes` of the slices, the framework, pages with a variable part, not found.
    Without a built front end (development) only the routes and the framework are served.
    """
    client = prebuilt_client()
    is_own = origin_rule(settings)
    trust_own_pages(app, is_own)

    def is_page(path: str) -> bool:
        return app.router(path) not in (None, constants.Page404.SLUG)

    def transform(framework: ASGIApp) -> ASGIApp:
        site = StaticSite(client) if client else None
        router = Router(routes(), redirect_slashes=False, default=Pages(site, is_page) if site else None)
        doors = OriginGate(_Doors(site, framework, router), is_own)
        return TrustedProxies(SecurityHeaders(Faults(doors), is_https=settings.is_https), settings.proxy_hops)

    return transform


class _Doors:
    """Sends a request to the one that answers it: files, the framework, or the routes."""

    def __init__(self, site: StaticSite | None, framework: ASGIApp, router: ASGIApp) -> None:
        self._site, self._framework, self._router = site, framework, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if self._site and scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            asset = self._site.find(path)
            if asset is not None:
                await asset.send(scope, send)
                return
        is_framework = path.rstrip("/") in _FRAMEWORK_PATHS
        await (self._framework if is_framework else self._router)(scope, receive, send)
