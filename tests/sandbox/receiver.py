"""A shop: a small server on loopback that takes notifications and has a page to come back to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support import patience


class Receiver:
    """Keeps what arrives; answers with the statuses of `answers` in turn, then with 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self._arrived = threading.Condition()

    def take(self, notification: dict[str, Any]) -> int:
        """Keep a notification and return the status to answer with."""
        with self._arrived:
            self.received.append(notification)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many have arrived in all, and return them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, patience.SECONDS), self.received
            return list(self.received)

    def stays_at(self, count: int, seconds: float = 0.8) -> bool:
        """Watch for a while that nothing more arrives."""
        time.sleep(seconds)
        return len(self.received) == count


@contextmanager
def listening() -> Iterator[Receiver]:
    """Run a receiver for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(json.loads(body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write("<!doctype html><title>Магазин</title><p>Вы вернулись".encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's.
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hooks/secret")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
