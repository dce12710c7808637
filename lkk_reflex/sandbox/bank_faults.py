"""Fault injection: rules that spoil chosen requests before or after the bank has acted on them."""

import asyncio
import base64
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_errors import ApiRefusal

#: A proxy in front of the bank turns an answer with this header into a reset of the connection.
RESET_HEADER = b"x-sandbox-fault"
_RECORDED_REQUESTS = 2000


class Fault(StrEnum):
    """What can go wrong with one request."""

    LATENCY = "latency"
    SERVER_ERROR = "server_error"
    RESET = "reset"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    ACCEPTED = "accepted"
    REDIRECT = "redirect"
    TRUNCATED = "truncated"
    EMPTY_OBJECT = "empty_object"
    DRIP = "drip"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_METADATA = "wrong_metadata"
    WRONG_SHOP = "wrong_shop"
    NOT_TEST = "not_test"


_SPOILS_THE_ANSWER = frozenset(
    {
        Fault.TRUNCATED,
        Fault.EMPTY_OBJECT,
        Fault.DRIP,
        Fault.WRONG_AMOUNT,
        Fault.WRONG_METADATA,
        Fault.WRONG_SHOP,
        Fault.NOT_TEST,
    }
)
_REPLACED_FIELDS: dict[Fault, dict[str, Any]] = {
    Fault.WRONG_AMOUNT: {"amount": {"value": "1.00", "currency": "RUB"}},
    Fault.WRONG_METADATA: {"metadata": {"payment_ref": "somebody-else"}},
    Fault.WRONG_SHOP: {"recipient": {"account_id": "999999", "gateway_id": "999999"}},
    Fault.NOT_TEST: {"test": False},
}


@dataclass(slots=True)
class FaultRule:
    """One fault and the requests it falls on.

    `shop`, `verb` and `path` (a regular expression searched in the path after `/v3`) choose requests; the rule
    skips `nth - 1` of them and then fires `count` times (0 = for ever), each time with `probability`.
    `committed` lets the bank act first and spoils the answer only. `seconds` is the length of a latency or the
    pause between the bytes of a drip; `retry_after` adds the header to a 429.
    """

    fault: Fault
    shop: str | None = None
    verb: str | None = None
    path: str | None = None
    nth: int = 1
    count: int = 1
    probability: float = 1.0
    committed: bool = False
    seconds: float = 0.2
    retry_after: int | None = None
    matched: int = field(default=0, init=False)
    fired: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.fault = Fault(self.fault)
        self.committed = self.committed or self.fault in _SPOILS_THE_ANSWER
        re.compile(self.path or "")

    def falls_on(self, shop: str, verb: str, path: str, chance: Callable[[], float]) -> bool:
        """Count a request and say whether the fault falls on it."""
        if self.shop not in (None, shop) or self.verb not in (None, verb):
            return False
        if not re.search(self.path or "", path):
            return False
        self.matched += 1
        if self.matched < self.nth or (self.count and self.fired >= self.count):
            return False
        if self.probability < 1.0 and chance() >= self.probability:
            return False
        self.fired += 1
        return True


@dataclass(slots=True)
class RecordedRequest:
    """One request as it came, without its key; `outcome` is the status answered or the fault that fell on it."""

    shop: str
    verb: str
    path: str
    query: str
    idempotence_key: str
    body: str
    outcome: str = ""


class Faults:
    """The rules in force and the requests seen. Lives in memory: a restart begins without faults."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []
        self.requests: deque[RecordedRequest] = deque(maxlen=_RECORDED_REQUESTS)

    def reset(self) -> None:
        """Forget the rules and the requests."""
        self.rules.clear()
        self.requests.clear()

    def snapshot(self) -> list[dict[str, Any]]:
        """Return the rules with their counters."""
        return [asdict(rule) for rule in self.rules]


@dataclass(slots=True)
class _Answer:
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def replace_body(self, body: bytes) -> None:
        self.body = body
        self.headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        self.headers.append((b"content-length", str(len(body)).encode()))

    def replace_fields(self, fields: dict[str, Any]) -> None:
        try:
            answer = json.loads(self.body)
        except ValueError:
            return
        objects = answer["items"] if answer.get("type") == "list" else [answer]
        for spoiled in objects:
            if spoiled.get("type") != "error":
                spoiled.update(fields)
        self.replace_body(json.dumps(answer).encode())

    async def send(self, send: Send, byte_pause: float | None) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if byte_pause is None:
            await send({"type": "http.response.body", "body": self.body})
            return
        for byte in self.body:
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(byte_pause)
        await send({"type": "http.response.body", "body": b""})


class FaultGate:
    """Stands in front of the API and lets the rules fall on requests."""

    def __init__(self, app: ASGIApp, core: Core, faults: Faults) -> None:
        self._app, self._core, self._faults = app, core, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through the rules."""
        body = await _read_body(receive)
        record = _record(scope, body)
        self._faults.requests.append(record)
        chosen = [
            rule
            for rule in list(self._faults.rules)
            if rule.falls_on(record.shop, record.verb, record.path, self._core.random.random)
        ]
        if await self._fail([rule for rule in chosen if not rule.committed], record, scope, receive, send):
            return
        answer = _Answer()
        await self._app(scope, _replayed(body), answer.collect)
        record.outcome = str(answer.status)
        if await self._fail([rule for rule in chosen if rule.committed], record, scope, receive, send, answer):
            return
        dripping = next((rule.seconds for rule in chosen if rule.fault is Fault.DRIP), None)
        await answer.send(send, dripping)

    async def _fail(
        self,
        rules: list[FaultRule],
        record: RecordedRequest,
        scope: Scope,
        receive: Receive,
        send: Send,
        answer: _Answer | None = None,
    ) -> bool:
        """Apply rules in order; say whether one of them has answered instead of the bank."""
        for rule in rules:
            record.outcome = f"{record.outcome} {rule.fault}".strip()
            if rule.fault is Fault.LATENCY:
                await asyncio.sleep(rule.seconds)
            elif rule.fault is Fault.RESET:
                await _break_connection(send)
            elif rule.fault in _SPOILS_THE_ANSWER and answer is not None:
                _spoil(rule.fault, answer)
            else:
                await self._instead(rule)(scope, receive, send)
                return True
        return False

    def _instead(self, rule: FaultRule) -> Response:
        match rule.fault:
            case Fault.BAD_GATEWAY:
                page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
                return Response(page, status_code=502, media_type="text/html")
            case Fault.UNAVAILABLE:
                return Response(status_code=503)
            case Fault.REDIRECT:
                return Response(status_code=301, headers={"Location": self._core.config.url("/v3/me")})
            case Fault.ACCEPTED:
                return JSONResponse({"type": "processing", "retry_after": 1800}, status_code=202)
            case Fault.THROTTLED:
                headers = {"Retry-After": str(rule.retry_after)} if rule.retry_after is not None else None
                return self._refusal(429, "too_many_requests", "Too many requests", headers)
            case Fault.UNAUTHORIZED:
                return self._refusal(401, "invalid_credentials", "Basic authentication failed")
            case _:
                return self._refusal(500, "internal_server_error", "Internal server error")

    def _refusal(self, status: int, code: str, description: str, headers: dict[str, str] | None = None) -> Response:
        body = ApiRefusal(status, code, description).body(self._core.new_id())
        return JSONResponse(body, status_code=status, headers=headers)


def _spoil(fault: Fault, answer: _Answer) -> None:
    if fault is Fault.TRUNCATED:
        answer.replace_body(answer.body[: len(answer.body) // 2])
    elif fault is Fault.EMPTY_OBJECT:
        answer.replace_body(b"{}")
    elif fault in _REPLACED_FIELDS:
        answer.replace_fields(_REPLACED_FIELDS[fault])


async def _break_connection(send: Send) -> None:
    """Lose the answer. Behind the fault proxy the connection is reset; a bare server cuts the body short."""
    headers = [(RESET_HEADER, b"reset"), (b"content-length", b"4096")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionResetError("a fault rule has broken the connection")


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _record(scope: Scope, body: bytes) -> RecordedRequest:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    token = headers.get(b"authorization", "").partition(" ")[2]
    try:
        shop = base64.b64decode(token).decode(errors="replace").partition(":")[0]
    except ValueError:
        shop = ""
    return RecordedRequest(
        shop=shop,
        verb=scope["method"],
        path=scope["path"].removeprefix(scope.get("root_path", "")),
        query=scope["query_string"].decode("latin-1"),
        idempotence_key=headers.get(b"idempotence-key", ""),
        body=body.decode(errors="replace"),
    )
