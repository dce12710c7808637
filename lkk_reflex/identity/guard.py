"""The gate before every handler: whoever did not come by the front door is refused.

The framework lets any socket call any function of any state by name. Here nothing passes unless its handler
says who may call it, and who is calling is asked of the session on every event, so a revoked session ends at
once. The framework also gives a state tree to whoever knows its token; so the tree remembers whose session it
serves, and is emptied before another one sees it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, TypeVar

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, OnLoadInternalState, StateUpdate, UpdateVarsInternalState
from reflex_base.registry import RegistrationContext

from lkk_reflex.identity.cookies import CookieNames, browser_of
from lkk_reflex.identity.rules import SIGN_IN_PAGE, sign_in_address
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.bridge import in_thread
from lkk_reflex.kit.tokens import same_hash, token_hash

Handler = TypeVar("Handler", bound=Callable[..., Any])
#: Finds the signed-in person by the session token and the IP address; blocking, called in a worker thread.
ViewerResolver = Callable[[str, str], Viewer | None]

_HOME: Final = {Role.SUBSCRIBER: "/cabinet", Role.CLOSED: "/closed", Role.OPERATOR: "/operators"}
_NOBODY: Final = Viewer()
_NO_SESSION: Final = "anonymous"

_viewer: ContextVar[Viewer] = ContextVar("viewer", default=_NOBODY)


class Access(StrEnum):
    """Who may call a handler."""

    PUBLIC = "public"
    SUBSCRIBER = "subscriber"
    CLOSED = "closed"
    OPERATOR = "operator"


_ROLES: Final = {
    Access.SUBSCRIBER: Role.SUBSCRIBER,
    Access.CLOSED: Role.CLOSED,
    Access.OPERATOR: Role.OPERATOR,
}


def access(level: str) -> Callable[[Handler], Handler]:
    """Say who may call a handler; stands below `@rx.event`. A handler without it is called by nobody.

    Raises:
        ValueError: for a level that does not exist.
    """
    marked = Access(level)

    def mark(handler: Handler) -> Handler:
        # A function may carry attributes, but its declared type knows none.
        handler.__access__ = marked  # type: ignore[attr-defined]
        return handler

    return mark


def access_of(event_name: str) -> Access | None:
    """Return who may call the event of this name; None is nobody."""
    registered = RegistrationContext.get().event_handlers.get(event_name)
    if registered is None:
        return None
    level = getattr(registered.handler.fn, "__access__", None)
    return level if isinstance(level, Access) else None


def current_viewer() -> Viewer:
    """Return who sent the event that is being handled; an anonymous viewer if nobody is signed in."""
    return _viewer.get()


def _framework_events() -> frozenset[str]:
    """Return the only events of the framework that a browser needs; the rest of them are refused."""
    root = rx.State.get_full_name()
    page_load = OnLoadInternalState.get_full_name()
    return frozenset(
        {
            *_hydrate_events(),
            f"{root}.set_is_hydrated",
            f"{page_load}.on_load_internal",
            f"{page_load}.set_is_hydrated",
            f"{UpdateVarsInternalState.get_full_name()}.update_vars_internal",
        }
    )


def _hydrate_events() -> frozenset[str]:
    root = rx.State.get_full_name()
    return frozenset({f"{root}.hydrate", f"{root}.hydrate_and_load"})


class StateOwner(rx.State):
    """Remembers whose session the state tree serves."""

    _owner: str = ""


class AccessGate(Middleware):
    """Runs before every event, with the state tree locked."""

    def __init__(self, resolve_viewer: ViewerResolver, cookies: CookieNames) -> None:
        """Guard with this way to find the signed-in person by one of these cookies."""
        self._resolve_viewer = resolve_viewer
        self._cookies = cookies
        self._framework = _framework_events()
        self._hydrate = _hydrate_events()

    # The framework passes the app by name, whether it is used or not.
    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002
        """Let the event pass (None) or answer in its place."""
        _viewer.set(_NOBODY)
        token = browser_of(state.router.headers.cookie, "", self._cookies).session_token
        owner = token_hash(token) if token else _NO_SESSION
        if not await self._is_owned(state, owner, is_hydrate=event.name in self._hydrate):
            return _go(SIGN_IN_PAGE)
        if event.name in self._framework:
            return None
        address = state.router.session.client_ip
        found = await in_thread(self._resolve_viewer, token, address) if token else None
        viewer = replace(found or _NOBODY, address=address)
        level = access_of(event.name)
        if level is Access.PUBLIC or (level is not None and viewer.role is _ROLES[level]):
            _viewer.set(viewer)
            return None
        return _turned_away(viewer, str(state.router.url.path), had_session=token is not None)

    async def _is_owned(self, state: BaseState, owner: str, *, is_hydrate: bool) -> bool:
        """Tell whether the tree serves this session; at a connection, make it so."""
        record = await state.get_state(StateOwner)
        if record._owner and not same_hash(record._owner, owner):  # noqa: SLF001 - vars with a line stay here.
            if not is_hydrate:
                return False
            # Only this event has the whole tree loaded, with every state manager.
            state.reset()
        record._owner = owner  # noqa: SLF001 - the same.
        return True


def _turned_away(viewer: Viewer, path: str, *, had_session: bool) -> StateUpdate:
    return _go(_HOME.get(viewer.role) or sign_in_address(path, had_session=had_session))


def _go(path: str) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(rx.redirect(path)))
