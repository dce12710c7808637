"""Calling handlers of states without a browser, as the framework and the gate would."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import reflex as rx
from reflex.event import EventSpec
from reflex.istate.data import RouterData

from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer

#: What a socket may send in the place of a form or of a text.
JUNK: list[Any] = [None, 7, 1.5, True, [], {}, {"a": {"b": 1}}, "x" * 100_000, "\x00", b"bytes"]


def run_background_handlers_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `async with self` do nothing: without the framework nobody else holds the state."""

    async def as_it_is(state: Any, *_: object) -> Any:
        return state

    monkeypatch.setattr(rx.State, "__aenter__", as_it_is, raising=False)
    monkeypatch.setattr(rx.State, "__aexit__", as_it_is, raising=False)


def state_at(kind: Any, path: str) -> Any:
    """Return a state whose browser shows this page."""
    state = kind(_reflex_internal_init=True)
    show_page(state, path)
    return state


def show_page(state: Any, path: str) -> None:
    """Let the browser of a state go on to another page."""
    state.router = RouterData.from_router_data({"headers": {}, "asPath": path, "pathname": path, "query": {}})


async def call(viewer: Viewer, state: Any, name: str, *arguments: object) -> list[EventSpec]:
    """Call a handler for this person and return the events that it sends to the browser."""
    with _seen_by(viewer):
        running: AsyncIterator[EventSpec | None] | Awaitable[EventSpec | None]
        running = type(state).event_handlers[name].fn(state, *arguments)
        if isinstance(running, AsyncIterator):
            return [event async for event in running if event is not None]
        event = await running
        return [] if event is None else [event]


def argument(events: list[EventSpec], name: str) -> list[str]:
    """Return this argument of the events that have it."""
    return [str(value).strip('"') for event in events for key, value in event.args if str(key) == name]


@contextmanager
def _seen_by(viewer: Viewer) -> Iterator[None]:
    before = guard._viewer.set(viewer)
    yield
    guard._viewer.reset(before)
