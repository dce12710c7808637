"""What a socket may send: known events, of a sane shape, at the pace of a person."""

import time
from collections.abc import Awaitable, Callable, KeysView
from functools import cache
from inspect import Parameter, signature
from typing import Any, Final

import reflex as rx
from reflex_base.registry import RegistrationContext

#: A page that opens sends a handful at once; a person clicks and types a few times a second.
EVENTS_PER_SECOND: Final = 20.0
BURST: Final = 40.0


class Bucket:
    """A token bucket: `burst` at once, `rate` a second after that."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._seen_at = burst, clock()

    def take(self) -> bool:
        """Take one token; False if there is none left."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._seen_at) * self._rate)
        self._seen_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def limit_events(app: rx.App, *, rate: float = EVENTS_PER_SECOND, burst: float = BURST) -> None:
    """Cut off sockets that flood, and drop events before the framework logs them with cookies and payloads.

    The framework has no place for this in its public interface, so the two methods of its socket namespace
    are wrapped; tests/server/test_sockets.py notices if they move.
    """
    namespace, sio = app.event_namespace, app.sio
    if namespace is None or sio is None:
        raise RuntimeError("the application has no states")
    on_event: Callable[[str, Any], Awaitable[None]] = namespace.on_event
    on_disconnect: Callable[[str], Any] = namespace.on_disconnect
    buckets: dict[str, Bucket] = {}

    async def limited_event(sid: str, data: Any) -> None:  # noqa: ANN401 - whatever a socket sends.
        if not buckets.setdefault(sid, Bucket(rate, burst)).take():
            await sio.disconnect(sid, namespace=namespace.namespace)
        elif sid in namespace.sid_to_token and _is_event(data):
            await on_event(sid, data)

    def forget(sid: str) -> Any:  # noqa: ANN401 - as the framework's.
        buckets.pop(sid, None)
        return on_disconnect(sid)

    namespace.on_event, namespace.on_disconnect = limited_event, forget  # type: ignore[method-assign]


def _is_event(data: Any) -> bool:  # noqa: ANN401 - whatever a socket sends.
    if not (isinstance(data, dict) and isinstance(data.get("name"), str)):
        return False
    registered = RegistrationContext.get().event_handlers.get(data["name"])
    payload = data.get("payload", {})
    return (
        registered is not None
        and isinstance(payload, dict)
        and isinstance(data.get("router_data", {}), dict)
        and _fits(payload.keys(), registered.handler.fn)
    )


def _fits(names: KeysView[Any], handler: Callable[..., Any]) -> bool:
    """Tell whether these are the arguments of a handler; of any others the framework would log a trace each time."""
    needed, taken = _arguments(handler)
    return needed <= names <= taken


@cache
def _arguments(handler: Callable[..., Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of what a handler needs and of all that it takes, besides its state."""
    taken = list(signature(handler).parameters.values())[1:]
    needed = [each.name for each in taken if each.default is Parameter.empty]
    return frozenset(needed), frozenset(each.name for each in taken)
