"""A portal with one page and one state, served the way the real one is: what the tests of the shell talk to.

Run as a program: `small_portal.py PORT` in an environment of its own.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import reflex as rx
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lkk_reflex.identity.cookies import cookie_names
from lkk_reflex.identity.guard import AccessGate, access, current_viewer
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import log
from lkk_reflex.server import run, screens
from lkk_reflex.server.delivery import delivery
from lkk_reflex.server.environment import PROJECT, serve_prebuilt
from lkk_reflex.server.event_limit import limit_events
from lkk_reflex.server.framework_log import keep_values_out
from lkk_reflex.settings import get_settings

_PEOPLE = {"anna": Role.SUBSCRIBER, "boris": Role.SUBSCRIBER, "olga": Role.OPERATOR}


class Desk(rx.State):
    """One handler of every kind."""

    note: str = ""
    count: int = 0
    is_busy: bool = False
    _hidden: str = ""

    @rx.event
    @access("public")
    async def write(self, text: str) -> None:
        self.note = str(text)

    @rx.event
    @access("public")
    async def fail(self, secret: str) -> None:
        raise RuntimeError("a handler broke")

    @rx.event
    @access("public")
    async def fail_at_work(self) -> AsyncIterator[None]:
        self.is_busy = True
        yield
        raise RuntimeError("a handler broke at its work")

    @rx.event
    @access("public")
    async def add(self, number: int) -> None:
        self.count = number

    @rx.event
    @access("subscriber")
    async def whoami(self) -> None:
        viewer = current_viewer()
        self.note = f"{viewer.role} {viewer.subscriber_id} {viewer.address}"

    @rx.event(background=True)
    @access("subscriber")
    async def later(self) -> None:
        async with self:
            self.note = f"later {current_viewer().role}"

    @rx.event
    @access("operator")
    async def operate(self) -> None:
        self.note = "operated"

    @rx.event
    async def unmarked(self) -> None:
        self.note = "unmarked"

    def helper(self) -> None:
        self.note = "helper"

    def set_note(self, value: str) -> None:
        self.note = value


def resolve(token: str, _address: str) -> Viewer | None:
    """Stand in for the sessions: the token is the name."""
    if token not in _PEOPLE:
        return None
    return Viewer(role=_PEOPLE[token], subscriber_id=list(_PEOPLE).index(token) + 1)


async def echo(_request: Request) -> PlainTextResponse:
    """Accept a post."""
    return PlainTextResponse("done")


async def fail(_request: Request) -> PlainTextResponse:
    """Break, as a route with a fault would."""
    raise RuntimeError("a route broke")


def build() -> rx.App:
    settings = get_settings()
    app = rx.App(toaster=None, app_wraps=screens.app_wraps(), backend_exception_handler=screens.on_handler_fault)
    app.add_page(rx.el.main("Стол"), route="/", title="Стол")
    app.add_page(rx.el.main("Счёт"), route="/account/[id]", title="Счёт")
    app.add_middleware(AccessGate(resolve, cookie_names(is_https=False)))
    app.add_middleware(screens.FaultEnds())

    async def held(_request: Request) -> PlainTextResponse:
        """Tell how many sockets hold a state tree now."""
        return PlainTextResponse(str(len(app.event_namespace.sid_to_token) if app.event_namespace else 0))

    inner = [Route("/echo", echo, methods=["POST"]), Route("/fail", fail), Route("/held", held)]
    app.api_transformer = delivery(settings, lambda: inner, app)
    limit_events(app)
    keep_values_out()
    return app


def main() -> None:
    os.chdir(PROJECT)
    sys.path.insert(0, str(PROJECT))
    serve_prebuilt(Path(os.environ["REFLEX_WEB_WORKDIR"]))
    log.configure()
    port = int(sys.argv[1])
    application = build()
    asyncio.run(run.serve(application, "127.0.0.1", port, lambda: print("ready", flush=True)))


if __name__ == "__main__":
    main()
