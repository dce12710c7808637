"""A client that speaks to the portal's socket without a browser, as somebody with bad intentions would.

It knows the wire only: Engine.IO over a websocket, Socket.IO packets, events of the framework as JSON. Nothing of
the portal stands between a test and what the server really answers.
"""

import json
import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import simple_websocket  # type: ignore[import-untyped]  # Comes with the framework, without types.

from tests.support import patience

_NAMESPACE = "/_event"
_ROOT = "reflex___state____state"
HYDRATE = f"{_ROOT}.hydrate_and_load"
_BARRIER = f"{_ROOT}.set_is_hydrated"


class Refused(Exception):
    """The server did not accept the connection."""


class _Client(simple_websocket.Client):
    """Names the port in the Host header, as browsers do, and leaves nothing open when it is refused."""

    host: str
    port: int

    def handshake(self) -> None:
        self.host = f"{self.host}:{self.port}"
        try:
            super().handshake()
        except simple_websocket.ConnectionError as refusal:
            self.sock.close()
            raise Refused(str(refusal)) from None
        # The first packet may have arrived together with the answer to the handshake.
        self._handle_events()


@dataclass
class RawSocket:
    """One connection; use it as a context manager."""

    address: str
    cookie: str = ""
    #: None sends the origin of the portal itself; an empty text sends no Origin at all.
    origin: str | None = None
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    path: str = "/"
    is_hydrating: bool = True
    #: What the server sent while the page opened: the whole tree, then what its `on_load` changed.
    opening: list[dict[str, Any]] = field(default_factory=list)
    _barrier: bool = True

    def __enter__(self) -> Self:
        query = urlencode({"EIO": "4", "transport": "websocket", "token": self.token})
        origin = self.address if self.origin is None else self.origin
        headers = {"Cookie": self.cookie, "Origin": origin}
        url = f"{self.address.replace('http', 'ws', 1)}/_event/?{query}"
        self._client = _Client(url, headers={name: value for name, value in headers.items() if value})
        self._next("0")
        auth = {"event": self._event(HYDRATE, {})} if self.is_hydrating else {}
        self._client.send(f"40{_NAMESPACE},{json.dumps(auth)}")
        self._next("40")
        if self.is_hydrating:
            self.opening = self._until_hydrated_is(True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._client.close()
        except simple_websocket.ConnectionClosed:
            return

    def send(self, name: str, payload: Any = None, **fields: Any) -> None:
        """Send one event and do not wait. `fields` override what a browser would send beside it."""
        event = {**self._event(name, {} if payload is None else payload), **fields}
        self.send_packet("event", event)

    def send_packet(self, kind: str, data: Any) -> None:
        """Send any Socket.IO event."""
        self._client.send(f"42{_NAMESPACE},{json.dumps([kind, data])}")

    def ask(self, name: str, payload: Any = None, **fields: Any) -> list[dict[str, Any]]:
        """Send one event and return every update up to the moment its handler is done.

        Handlers of one token run one after another, so the answer to a second, harmless event marks that moment.
        """
        self.send(name, payload, **fields)
        return self.settle()

    def settle(self) -> list[dict[str, Any]]:
        """Return the updates of everything sent so far, once all of it is done."""
        self._barrier = not self._barrier
        self.send(_BARRIER, {"value": self._barrier})
        return self._until_hydrated_is(self._barrier)

    def linger(self, seconds: float) -> list[dict[str, Any]]:
        """Return the updates of work in the background: those that come until nothing came for so long."""
        updates = []
        while True:
            try:
                updates.append(self.next_update(within=seconds))
            except TimeoutError:
                return updates

    def is_cut_off(self) -> bool:
        """Tell whether the server ends the connection within the patience of a test."""
        try:
            self._next("41")
        except (simple_websocket.ConnectionClosed, TimeoutError) as end:
            return isinstance(end, simple_websocket.ConnectionClosed)
        return True

    def _event(self, name: str, payload: Any) -> dict[str, Any]:
        router_data = {"pathname": self.path, "query": {}, "asPath": self.path}
        return {"name": name, "payload": payload, "router_data": router_data, "token": self.token}

    def _until_hydrated_is(self, value: bool) -> list[dict[str, Any]]:
        updates = []
        while True:
            update = self.next_update()
            states = update.get("delta") or {}
            hydrated = states.get(_ROOT, {}).pop("is_hydrated_rx_state_", None)
            if any(states.values()) or update.get("events"):
                updates.append(update)
            if hydrated is value:
                return updates

    def next_update(self, *, within: float = patience.SECONDS) -> dict[str, Any]:
        """Wait for one update."""
        packet = self._next("42", within)
        kind, data = json.loads(packet.removeprefix(f"42{_NAMESPACE},"))
        update: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
        return update if kind == "event" else {"packet": kind, "data": update}

    def _next(self, prefix: str, within: float = patience.SECONDS) -> str:
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            packet = self._client.receive(timeout=left)
            if packet == "2":
                self._client.send("3")
            elif isinstance(packet, str) and packet.startswith("44"):
                raise Refused(packet)
            elif isinstance(packet, str) and packet.startswith(prefix):
                return packet
        raise TimeoutError(f"no packet {prefix} within {within} s")


def redirects(updates: list[dict[str, Any]]) -> list[str]:
    """Return the addresses to which the updates send the browser."""
    events = [event for update in updates for event in update.get("events") or []]
    return [event["payload"]["path"] for event in events if event["name"] == "_redirect"]


def values(updates: list[dict[str, Any]], var: str) -> list[Any]:
    """Return every value that the updates give to the var of this name, of whatever state."""
    states = [state for update in updates for state in (update.get("delta") or {}).values()]
    return [value for state in states for name, value in state.items() if name == f"{var}_rx_state_"]
