"""A server on loopback that behaves as badly as it is told: what the transport of the gateway is held against."""

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROVIDER_ID = "22e12f66-000f-5000-8000-18db351245c7"


def payment_object(**changes: object) -> dict[str, object]:
    """Return a payment object as YooKassa sends it."""
    made: dict[str, object] = {
        "id": PROVIDER_ID,
        "status": "pending",
        "paid": False,
        "amount": {"value": "1542.30", "currency": "RUB"},
        "confirmation": {"type": "redirect", "confirmation_url": "https://yoomoney.ru/checkout/1"},
        "created_at": "2026-11-20T09:00:00.000Z",
        "metadata": {"payment_ref": "our-id"},
        "recipient": {"account_id": "500001", "gateway_id": "1"},
        "refundable": False,
        "test": True,
    }
    return made | changes


def error_object(code: str, parameter: str = "") -> dict[str, str]:
    """Return YooKassa's error object."""
    made = {"type": "error", "id": "ab5a11cd-13cc-4e33-af8b-75a74e18dd09", "code": code, "description": "No."}
    return made | ({"parameter": parameter} if parameter else {})


@dataclass
class Answer:
    """One way to answer. `body` may be bytes, or anything that JSON can hold."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    #: Reset the connection once the request has been read.
    resets: bool = False

    @property
    def name(self) -> str:
        """Return a short name for the list of tests."""
        manner = "reset" if self.resets else f"after {self.delay} s" if self.delay else ""
        return " ".join(filter(None, (str(self.status), manner, *self.headers, self.content().decode()[:60])))

    def content(self) -> bytes:
        """Return the bytes to send."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Request:
    """One request as it came."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def shop(self) -> str:
        """Return `shopId:key` of the Authorization header."""
        return base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()


class Stub:
    """Gives the answers of `answers` in turn, the last one for ever; keeps the requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.lock = threading.Lock()

    def next_answer(self, request: Request) -> Answer:
        """Keep a request and choose the answer."""
        with self.lock:
            self.requests.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def misbehaving(certificate: Path | None = None) -> Iterator[Stub]:
    """Run the server for the length of the block, over TLS with a certificate."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = stub.next_answer(Request(self.command, self.path, headers, body))
            time.sleep(answer.delay)
            if answer.resets:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = answer.content()
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(content))} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_CONNECT = handle_any  # noqa: N815 - the names are the base class's.

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's.
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is expected here."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    stub = Stub(f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/v3")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def own_certificate(directory: Path) -> Path:
    """Make a certificate for loopback that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # noqa: TID251 - TLS knows no other clock.
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = directory / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
