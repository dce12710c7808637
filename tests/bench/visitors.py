"""People without browsers: they open pages and send events over the raw socket, as a browser's page does."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.raw_socket import RawSocket

_ROOT = "reflex___state____state"
#: The portal cuts off who sends more than forty events at once; a visitor leaves before.
EVENTS_PER_VISIT = 30
PATIENCE_SECONDS = 5.0


@dataclass
class Visitor(RawSocket):
    """A socket that loses no update: the blank app answers so soon that its first one overtakes the handshake's end."""

    _early: list[str] = field(default_factory=list)

    def _next(self, prefix: str, within: float = PATIENCE_SECONDS) -> str:
        if prefix == "42" and self._early:
            return self._early.pop(0)
        if prefix != "40":
            return super()._next(prefix, within)
        while True:
            packet = super()._next("4", within)
            if packet.startswith("40"):
                return packet
            self._early.append(packet)

    def shows(self, text: str) -> bool:
        """Tell whether what came while the page opened holds a text."""
        return text in json.dumps(self.opening, ensure_ascii=False)


def handler(module: str, state: str, name: str) -> str:
    """Return the name by which the wire knows a handler."""
    return f"{_ROOT}.{module.replace('.', '___')}____{state}.{name}"


def answer_to(visitor: Visitor, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Send one event and return the first update that follows."""
    visitor.send(name, payload)
    return visitor.next_update()
