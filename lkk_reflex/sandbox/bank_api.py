"""The doors of API v3: who knocks, which verb and path, idempotency, the error object."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lkk_reflex.sandbox import bank_payments, bank_refunds
from lkk_reflex.sandbox.bank_cards import GOOD_CARD, TEST_CARDS
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_errors import ApiRefusal, invalid, not_found
from lkk_reflex.sandbox.bank_lifecycle import let_time_act
from lkk_reflex.sandbox.bank_lists import page_of
from lkk_reflex.sandbox.bank_notifications import Courier
from lkk_reflex.sandbox.bank_payments import seen
from lkk_reflex.sandbox.bank_storage import Books, Item, Json, Kind, Remembered, secret_hash

_KEY = re.compile(r"[0-9A-Za-z+_.\-]{1,64}")
_LARGEST_BODY = 256 * 1024

Handler = Callable[[Request], Awaitable[Response]]
#: Performs a POST inside the books: shop, body, id out of the path.
Action = Callable[[Books, str, Json, str], Item]
#: Answers a GET inside the books.
Question = Callable[[Books, Request, str], Json]


def refusal_response(core: Core, refusal: ApiRefusal) -> Response:
    """Return the error object with a fresh id."""
    return JSONResponse(refusal.body(core.new_id()), status_code=refusal.status)


class Door:
    """Lets in only a known shop with its key and, before anything is looked at, lets time act."""

    def __init__(self, app: ASGIApp, core: Core) -> None:
        self._app, self._core = app, core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 401."""
        request = Request(scope)
        shop_id = await anyio.to_thread.run_sync(self._identify, request.headers.get("authorization", ""))
        if shop_id is None:
            refusal = ApiRefusal(
                401, "invalid_credentials", "Basic authentication failed: incorrect shopId or secret key"
            )
            await refusal_response(self._core, refusal)(scope, receive, send)
            return
        scope["shop_id"] = shop_id
        await self._app(scope, receive, send)

    def _identify(self, header: str) -> str | None:
        let_time_act(self._core)
        scheme, _, token = header.partition(" ")
        try:
            shop_id, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        with self._core.storage.books() as books:
            shop = books.shop(shop_id)
        known = shop["secret_hash"] if shop else ""
        matches = hmac.compare_digest(known, secret_hash(secret))
        return shop_id if scheme.lower() == "basic" and matches else None


class Api:
    """The calls of API v3 as Starlette endpoints."""

    def __init__(self, core: Core, courier: Courier) -> None:
        self._core, self._courier = core, courier

    def app(self) -> Starlette:
        """Return the application to mount at `/v3`."""
        core = self._core
        routes = [
            self._collection("/payments", "payment", self._create_payment),
            self._one("/payments/{id}", "payment"),
            self._post("/payments/{id}/capture", self._capture),
            self._post("/payments/{id}/cancel", self._cancel),
            self._collection("/refunds", "refund", self._create_refund),
            self._one("/refunds/{id}", "refund"),
            self._collection("/receipts", "receipt", self._create_receipt),
            self._one("/receipts/{id}", "receipt"),
            Route("/me", self._answering(self._me), methods=["GET"]),
            Route("/webhooks", self._webhooks, methods=["GET", "POST", "DELETE"]),
        ]
        app = Starlette(
            routes=routes,
            middleware=[Middleware(Door, core=core)],
            exception_handlers={HTTPException: self._http_refusal, ApiRefusal: self._refusal},
        )
        app.router.redirect_slashes = False
        return app

    async def _refusal(self, _: Request, error: Exception) -> Response:
        if not isinstance(error, ApiRefusal):
            raise error
        return refusal_response(self._core, error)

    async def _http_refusal(self, _: Request, error: Exception) -> Response:
        # A wrong verb is answered without a body, an unknown path with the error object, as in life.
        if isinstance(error, HTTPException) and error.status_code == 404:
            return refusal_response(self._core, not_found("Resource"))
        return Response(status_code=error.status_code if isinstance(error, HTTPException) else 500)

    def _collection(self, path: str, kind: Kind, create: Action) -> Route:
        def listing(books: Books, request: Request, shop_id: str) -> Json:
            return page_of(self._core, books, kind, shop_id, request.query_params)

        answer, perform = self._answering(listing), self._performing(create)

        async def endpoint(request: Request) -> Response:
            return await (perform if request.method == "POST" else answer)(request)

        return Route(path, endpoint, methods=["GET", "POST"])

    def _one(self, path: str, kind: Kind) -> Route:
        def question(books: Books, request: Request, shop_id: str) -> Json:
            return seen(_existing(books, kind, request.path_params["id"], shop_id))

        return Route(path, self._answering(question), methods=["GET"])

    def _post(self, path: str, action: Action) -> Route:
        return Route(path, self._performing(action), methods=["POST"])

    def _answering(self, question: Question) -> Handler:
        def work(request: Request) -> Json:
            with self._core.storage.books() as books:
                return question(books, request, request.scope["shop_id"])

        async def endpoint(request: Request) -> Response:
            return JSONResponse(await anyio.to_thread.run_sync(work, request))

        return endpoint

    def _performing(self, action: Action) -> Handler:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return Response(status_code=415)
            raw = await request.body()
            answer = await anyio.to_thread.run_sync(self._once, request, raw, action)
            if await self._courier.overtakes_answers():
                await self._courier.deliver_due()
            self._courier.wake()
            return JSONResponse(answer)

        return endpoint

    def _once(self, request: Request, raw: bytes, action: Action) -> Json:
        """Perform an action once per idempotency key; a single transaction makes simultaneous copies wait."""
        key, shop_id = _idempotence_key(request), request.scope["shop_id"]
        body = _json_object(raw)
        with self._core.storage.books() as books:
            fingerprint = _fingerprint(request, body)
            known = books.recall(shop_id, key)
            if known is not None:
                return self._replay(books, known, fingerprint)
            item = action(books, shop_id, body, request.path_params.get("id", ""))
            answer = seen(item)
            books.remember(shop_id, key, Remembered(fingerprint, item.id, answer), self._core.now())
            if item.kind == "payment" and item.status == "pending" and self._core.switches(books).pay_on_create:
                means = bank_payments.Means(TEST_CARDS[GOOD_CARD])
                bank_payments.pay(self._core, books, item, means)
            return answer

    def _replay(self, books: Books, known: Remembered, fingerprint: str) -> Json:
        if known.fingerprint != fingerprint:
            raise invalid("Idempotence-Key", "Idempotence key duplicated")
        if not self._core.config.replay_current:
            return known.answer
        kinds: tuple[Kind, ...] = ("payment", "refund", "receipt")
        found = (books.find(kind, known.item_id) for kind in kinds)
        return next((seen(item) for item in found if item), known.answer)

    def _create_payment(self, books: Books, shop_id: str, body: Json, _: str) -> Item:
        return bank_payments.create(self._core, books, shop_id, body)

    def _capture(self, books: Books, shop_id: str, body: Json, payment_id: str) -> Item:
        payment = _existing(books, "payment", payment_id, shop_id)
        bank_payments.capture(self._core, books, payment, body)
        return payment

    def _cancel(self, books: Books, shop_id: str, _: Json, payment_id: str) -> Item:
        payment = _existing(books, "payment", payment_id, shop_id)
        bank_payments.cancel(self._core, books, payment)
        return payment

    def _create_refund(self, books: Books, shop_id: str, body: Json, _: str) -> Item:
        return bank_refunds.create(self._core, books, shop_id, body)

    def _create_receipt(self, books: Books, shop_id: str, body: Json, _: str) -> Item:
        return bank_refunds.create_receipt(self._core, books, shop_id, body)

    def _me(self, _: Books, __: Request, shop_id: str) -> Json:
        return {
            "account_id": shop_id,
            "status": "enabled",
            "test": True,
            "fiscalization": {"enabled": False},
            "payment_methods": ["bank_card", "sbp"],
        }

    async def _webhooks(self, _: Request) -> Response:
        refusal = ApiRefusal(403, "forbidden", "Webhooks are available with an OAuth token only")
        return refusal_response(self._core, refusal)


def _existing(books: Books, kind: Kind, item_id: str, shop_id: str) -> Item:
    item = books.find(kind, item_id, shop_id)
    if item is None:
        raise not_found(kind.capitalize())
    return item


def _idempotence_key(request: Request) -> str:
    key = request.headers.get("idempotence-key", "")
    if not _KEY.fullmatch(key):
        raise invalid("Idempotence-Key", "Idempotence key is missing or has a wrong format")
    return key


def _json_object(raw: bytes) -> Json:
    if len(raw) > _LARGEST_BODY:
        raise ApiRefusal(400, "invalid_request", "Request body is too large")
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        body = None
    # The SDK sends `null` where a call needs no body.
    body = {} if raw.strip() == b"null" else body
    if not isinstance(body, dict):
        raise ApiRefusal(400, "invalid_request", "Request body isn't a JSON object")
    return body


def _fingerprint(request: Request, body: Json) -> str:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{request.method} {request.url.path} {canonical}".encode()).hexdigest()
