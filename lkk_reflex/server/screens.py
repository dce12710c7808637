"""What the shell itself shows in place of the framework's English: no connection, a fault."""

import logging
import re
from collections.abc import Callable, Iterator
from traceback import walk_tb
from typing import cast

import reflex as rx
from reflex.event import Event, EventSpec
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, OnLoadInternalState
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from lkk_reflex.identity.guard import access
from lkk_reflex.kit.log import report_fault

logger = logging.getLogger(__name__)

#: How states call it.
_BUSY = ("is_busy", "busy")
_REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{2}")


def _busy_flags() -> Iterator[tuple[type[BaseState], str]]:
    """Yield every state whose button waits for its handler, with the name of the var that says so."""
    waiting: list[type[BaseState]] = [rx.State]
    while waiting:
        kind = waiting.pop()
        waiting += kind.get_substates()
        yield from ((kind, flag) for flag in _BUSY if flag in kind.base_vars)


class FaultNotice(rx.State):
    """The reference number of the last unexpected error in this tab."""

    reference: str = ""

    @rx.event
    @access("public")
    async def show(self, reference: str) -> None:
        """Show the notice, and free the buttons: who is told to try again must be able to."""
        if not _REFERENCE.fullmatch(str(reference)):
            return
        self.reference = reference
        for kind, flag in _busy_flags():
            state = await self.get_state(kind)
            if getattr(state, flag):
                setattr(state, flag, False)

    @rx.event
    @access("public")
    async def dismiss(self) -> None:
        """Put the notice away."""
        self.reference = ""


class FaultEnds(Middleware):
    """Puts the notice away when a page opens: what went wrong belonged to the page before.

    The framework sends one of these events at every step to another page and at every connection, before anything that
    the new page does, so a fault of that page is shown.
    """

    def __init__(self) -> None:
        """Know the events by which a page opens."""
        root, page_load = rx.State.get_full_name(), OnLoadInternalState.get_full_name()
        self._openings = frozenset({f"{root}.hydrate", f"{root}.hydrate_and_load", f"{page_load}.on_load_internal"})

    # The framework passes the app by name, whether it is used or not.
    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> None:  # noqa: ARG002
        """Let every event pass."""
        if event.name not in self._openings:
            return
        notice = await state.get_state(FaultNotice)
        if notice.reference:
            notice.reference = ""


def on_handler_fault(exception: Exception) -> EventSpec:
    """Log an exception that no handler expected and show its reference number."""
    # The decorator's declared type hides that a handler becomes callable.
    return cast("EventSpec", FaultNotice.show(report_fault(logger, _without_values(exception))))  # type: ignore[operator]


def _without_values(exception: Exception) -> Exception:
    """Hide the message of an exception that the framework raised: it quotes the values that people typed."""
    *_, (innermost, _) = walk_tb(exception.__traceback__)
    if not innermost.f_globals.get("__name__", "").startswith("reflex"):
        return exception
    return RuntimeError(f"{type(exception).__name__} in the framework").with_traceback(exception.__traceback__)


def connection_strip() -> rx.Component:
    """Return the strip that says the connection is lost; the live region stands there before it speaks."""
    lost = rx.el.div("Нет связи с сервером. Пробуем снова…", class_name="connection-strip")
    return rx.el.div(rx.cond(has_too_many_connection_errors, lost), role="status", aria_live="polite")


def fault_strip() -> rx.Component:
    """Return the strip that names the reference number of an unexpected error."""
    notice = rx.el.div(
        rx.el.p(
            "Не получилось: ошибка на нашей стороне. Попробуйте ещё раз. Если не поможет, назовите поддержке номер ",
            rx.el.b(FaultNotice.reference, class_name="figures"),
            ".",
        ),
        rx.el.button("Закрыть", type="button", on_click=FaultNotice.dismiss, class_name="button-quiet"),
        class_name="fault-strip",
    )
    return rx.el.div(rx.cond(FaultNotice.reference != "", notice), role="alert")


def broken_page() -> rx.Component:
    """Return what stands in place of a page whose scripts failed in the browser."""
    return rx.el.main(
        rx.el.h1("Страница не открылась"),
        rx.el.p("Обновите её. Если не поможет, напишите в поддержку, что вы делали перед этим."),
        rx.el.p(rx.el.a("На главную", href="/")),
        class_name="page-message",
    )


def loading() -> rx.Component:
    """Return what a page with a variable part shows until its scripts have started."""
    return rx.el.main(
        rx.el.p("Открываем страницу…"),
        rx.el.noscript(rx.el.p("Включите JavaScript в браузере: без него кабинет не работает.")),
        class_name="page-message",
    )


def app_wraps() -> dict[tuple[int, str], Callable[[bool], rx.Component | None]]:
    """Return the layers around every page, outermost first."""
    return {
        (55, "ErrorBoundary"): lambda _: ErrorBoundary.create(
            fallback_render=rx.Var.create(broken_page()),
            on_error=rx.noop(),  # noqa: TID251 - compiled into the page, where nothing is evaluated.
        ),
        (5, "Overlay"): lambda _: rx.fragment(connection_strip(), fault_strip()),
    }
