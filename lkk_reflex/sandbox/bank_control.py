"""The levers of the bank for tests and demonstrations, under `/_control`, for this machine only."""

import json
from collections.abc import Callable
from dataclasses import asdict

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lkk_reflex.sandbox import bank_payments
from lkk_reflex.sandbox.bank_cards import GOOD_CARD, TEST_CARDS
from lkk_reflex.sandbox.bank_config import Shop, is_loopback
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_faults import FaultRule, Faults
from lkk_reflex.sandbox.bank_lifecycle import let_time_act
from lkk_reflex.sandbox.bank_notifications import Courier
from lkk_reflex.sandbox.bank_storage import Books, Filters, Item, Json, Notification

_FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")
_EVERYTHING = 100_000


class LocalOnly:
    """Hides the levers from everybody but a direct caller on this machine who speaks JSON.

    A page in a browser cannot send JSON across origins without asking first, and a reverse proxy betrays
    itself by its headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a local request on, answer 404 to any other."""
        request = Request(scope)
        host = request.client.host if request.client else ""
        forwarded = any(name in request.headers for name in _FORWARDING_HEADERS)
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if not is_loopback(host) or forwarded or (request.method != "GET" and not is_json):
            await Response(status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class Control:
    """What can be asked of the levers."""

    def __init__(self, core: Core, faults: Faults, courier: Courier) -> None:
        self._core, self._faults, self._courier = core, faults, courier

    def app(self) -> Starlette:
        """Return the application to mount at `/_control`."""
        routes = [
            self._lever("/snapshot", "GET", self._snapshot),
            self._lever("/requests", "GET", self._requests),
            self._lever("/reset", "POST", self._reset),
            self._lever("/clock", "POST", self._advance),
            self._lever("/faults", "POST", self._add_fault),
            self._lever("/faults", "DELETE", self._drop_faults),
            self._lever("/switches", "POST", self._turn),
            self._lever("/shops", "POST", self._register_shop),
            self._lever("/notifications/release", "POST", self._release),
            self._lever("/notifications/forged", "POST", self._forge),
            self._lever("/payments/{id}/pay", "POST", self._pay),
            self._lever("/payments/{id}/refuse", "POST", self._refuse),
        ]
        return Starlette(routes=routes, middleware=[Middleware(LocalOnly)])

    def _lever(self, path: str, verb: str, work: Callable[[Json, str], Json]) -> Route:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else {}
                answer = await anyio.to_thread.run_sync(work, body, request.path_params.get("id", ""))
            except (ValueError, TypeError, KeyError) as mistake:
                raise HTTPException(400, f"{type(mistake).__name__}: {mistake}") from mistake
            except bank_payments.PaymentIsOver as over:
                raise HTTPException(409, "The payment no longer waits for the payer.") from over
            self._courier.wake()
            return JSONResponse(answer)

        return Route(path, endpoint, methods=[verb])

    def _snapshot(self, _: Json, __: str) -> Json:
        let_time_act(self._core)
        with self._core.storage.books() as books:
            return {
                "now": self._core.now(),
                "switches": asdict(self._core.switches(books)),
                "payments": _objects(books.newest("payment", None, Filters(), _EVERYTHING)),
                "refunds": _objects(books.newest("refund", None, Filters(), _EVERYTHING)),
                "receipts": _objects(books.newest("receipt", None, Filters(), _EVERYTHING)),
                "notifications": [asdict(note) for note in books.notifications()],
                "attempts": books.attempts(),
                "faults": self._faults.snapshot(),
            }

    def _requests(self, _: Json, __: str) -> Json:
        return {"requests": [asdict(request) for request in list(self._faults.requests)]}

    def _reset(self, _: Json, __: str) -> Json:
        with self._core.storage.books() as books:
            books.wipe()
        self._core.clock.reset()
        self._faults.reset()
        return {}

    def _advance(self, body: Json, _: str) -> Json:
        self._core.clock.advance(float(body["seconds"]))
        let_time_act(self._core)
        return {"now": self._core.now()}

    def _add_fault(self, body: Json, _: str) -> Json:
        self._faults.rules.append(FaultRule(**body))
        return {"faults": self._faults.snapshot()}

    def _drop_faults(self, _: Json, __: str) -> Json:
        self._faults.rules.clear()
        return {}

    def _turn(self, body: Json, _: str) -> Json:
        with self._core.storage.books() as books:
            return asdict(self._core.turn(books, body))

    def _register_shop(self, body: Json, _: str) -> Json:
        with self._core.storage.books() as books:
            books.save_shop(Shop(**body))
        return {}

    def _release(self, _: Json, __: str) -> Json:
        with self._core.storage.books() as books:
            return {"released": books.release_notifications(self._core.now())}

    def _forge(self, body: Json, _: str) -> Json:
        """Queue a notification the bank never had a reason for; nothing stops an enemy from sending such."""
        content = {"type": "notification", "event": body["event"], "object": body["object"]}
        now = self._core.now()
        with self._core.storage.books() as books:
            books.post(
                Notification(
                    seq=0,
                    shop_id=body["shop_id"],
                    event=body["event"],
                    item_id="",
                    body=json.dumps(content, ensure_ascii=False),
                    event_at=now,
                    due_at=now,
                    state="waiting",
                    attempts=0,
                )
            )
        return {}

    def _pay(self, body: Json, payment_id: str) -> Json:
        number = body.get("card", GOOD_CARD)
        card = None if body.get("method") == "sbp" else TEST_CARDS[number]
        with self._core.storage.books() as books:
            payment = _payment(books, payment_id)
            if card is not None and card.refusal:
                bank_payments.refuse(self._core, books, payment, card.refusal)
            else:
                bank_payments.pay(self._core, books, payment, bank_payments.Means(card))
            return payment.object

    def _refuse(self, body: Json, payment_id: str) -> Json:
        with self._core.storage.books() as books:
            payment = _payment(books, payment_id)
            reason = body.get("reason", "general_decline")
            bank_payments.refuse(self._core, books, payment, reason, final=bool(body.get("final", False)))
            return payment.object


def _objects(items: list[Item]) -> list[Json]:
    return [bank_payments.seen(item) for item in items]


def _payment(books: Books, payment_id: str) -> Item:
    payment = books.find("payment", payment_id)
    if payment is None:
        raise HTTPException(404, "No such payment.")
    return payment
