"""Notifications: first, twice, late, forged, never, out of order, too large, to a wrong address, into a full disk."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.applications import Starlette

from lkk_reflex.kit import wake
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import inbox, repository, routes
from lkk_reflex.payments.gateways.base import Unknown
from lkk_reflex.payments.models import GatewayEvent, PaymentStatus, Review
from tests.factories.payments import make_payable, object_id
from tests.payments.conftest import Desk


@pytest.fixture
async def post(desk: Desk) -> AsyncIterator["Post"]:
    app = httpx.ASGITransport(Starlette(routes=routes.routes()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=app, base_url="http://portal") as client:
        yield Post(client, desk)


class Post:
    """Sends notifications as the gateway does."""

    def __init__(self, client: httpx.AsyncClient, desk: Desk) -> None:
        self.client, self.desk = client, desk
        self.address = f"/hooks/yookassa/{desk.payable.webhook_token}"

    async def __call__(self, event: str, provider_id: str, payment_ref: str = "", **fields: object) -> int:
        content = {"id": provider_id, "metadata": {"payment_ref": payment_ref}, **fields}
        body = {"type": "notification", "event": event, "object": content}
        return (await self.client.post(self.address, json=body)).status_code

    async def raw(self, content: bytes, address: str | None = None) -> int:
        return (await self.client.post(address or self.address, content=content)).status_code


def work(desk: Desk) -> int:
    return inbox.work_on_due(desk.gateway.connect)


def events() -> list[GatewayEvent]:
    with reading() as session:
        return list(session.exec(select(GatewayEvent)).all())


async def test_a_notification_is_stored_and_the_gateway_asked_afterwards(post: Post, desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    calls = len(desk.gateway.calls)
    assert await post("payment.succeeded", desk.gateway.only_id()) == 200
    assert len(desk.gateway.calls) == calls
    assert wake.bell(routes.INBOX_BELL).is_set()
    work(desk)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert len(desk.ledger()) == 1
    assert [event.outcome for event in events()] == ["final"]


async def test_the_state_in_the_body_is_not_believed(post: Post, desk: Desk) -> None:
    payment_id = desk.pay()
    await post("payment.succeeded", desk.gateway.only_id(), status="succeeded", paid=True)
    work(desk)
    assert desk.payment(payment_id).status is PaymentStatus.PENDING
    assert desk.ledger() == []
    assert events()[0].next_try_at is not None


async def test_fifty_at_once_are_one_line_and_one_credit(post: Post, desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    codes = await asyncio.gather(*(post("payment.succeeded", desk.gateway.only_id()) for _ in range(50)))
    assert set(codes) == {200}
    assert [event.times for event in events()] == [50]
    work(desk)
    await post("payment.succeeded", desk.gateway.only_id())
    desk.time.advance(hours=1)
    assert work(desk) == 0
    assert len(desk.ledger()) == 1


async def test_a_notification_before_the_answer_to_our_own_request_is_good(post: Post, desk: Desk) -> None:
    """The gateway is quicker than its own answer: the payment is known by our id only."""
    desk.gateway.fail_next("create", Unknown("ReadTimeout"), after=True)
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    assert await post("payment.succeeded", desk.gateway.only_id(), payment_id) == 200
    work(desk)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert len(desk.gateway.payments) == 1


async def test_a_notification_while_somebody_else_is_asking_is_kept(post: Post, desk: Desk) -> None:
    payment_id = desk.pay()
    provider_id = desk.gateway.only_id()
    await post("payment.succeeded", provider_id)

    def work_once() -> None:
        desk.gateway.meanwhile = lambda: None
        work(desk)

    desk.gateway.meanwhile = work_once
    desk.poll(seconds=10)
    assert desk.payment(payment_id).status is PaymentStatus.PENDING
    desk.gateway.pay(provider_id)
    desk.time.advance(seconds=1)
    assert work(desk) == 1
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


@pytest.mark.parametrize(
    "order", [("payment.canceled", "payment.succeeded"), ("payment.succeeded", "payment.canceled")]
)
async def test_the_order_of_notifications_does_not_matter(post: Post, desk: Desk, order: tuple[str, str]) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    for event in order:
        assert await post(event, desk.gateway.only_id()) == 200
    work(desk)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert desk.payment(payment_id).review is None
    assert len(desk.ledger()) == 1


async def test_a_late_notification_changes_nothing(post: Post, desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    before = desk.payment(payment_id)
    desk.time.advance(hours=20)
    await post("payment.succeeded", desk.gateway.only_id())
    work(desk)
    assert desk.payment(payment_id) == before


async def test_an_unknown_object_is_kept_and_raises_an_alarm(
    post: Post, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    assert await post("payment.succeeded", object_id()) == 200
    work(desk)
    assert "ALARM" in caplog.text
    desk.time.advance(hours=25)
    work(desk)
    assert [event.outcome for event in events()] == ["unknown"]
    assert work(desk) == 0


async def test_another_shops_notification_about_our_payment_leads_nowhere(
    post: Post, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    payment_id = desk.pay()
    with unit_of_work() as session:
        other = make_payable(session)
    calls = len(desk.gateway.calls)
    post.address = f"/hooks/yookassa/{other.webhook_token}"
    assert await post("payment.succeeded", desk.gateway.only_id(), payment_id) == 200
    work(desk)
    assert len(desk.gateway.calls) == calls
    assert "unknown object" in caplog.text


async def test_a_forged_notification_of_a_payment_under_review_is_closed(post: Post, desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.change(desk.gateway.only_id(), payment_ref="somebody-else")
    await post("payment.succeeded", desk.gateway.only_id())
    work(desk)
    assert desk.payment(payment_id).review is Review.MISMATCH
    assert [event.outcome for event in events()] == ["review"]


async def test_an_event_nobody_handles_raises_an_alarm(
    post: Post, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    assert await post("refund.succeeded", object_id()) == 200
    work(desk)
    assert "refund.succeeded" in caplog.text
    assert [event.outcome for event in events()] == ["not ours"]


async def test_a_wrong_address_is_not_found(post: Post) -> None:
    post.address = "/hooks/yookassa/guess"
    assert await post("payment.succeeded", object_id()) == 404
    assert events() == []


OBJECT: dict[str, Any] = {"id": "2e5f0000-000f-5000-8000-000000000000"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"event": "payment.succeeded"}',
        b'{"event": "payment.succeeded", "object": []}',
        b"[" * 60_000,
        json.dumps({"event": "payment.succeeded", "object": {"id": "../me"}}).encode(),
        json.dumps({"event": "payment.succeeded", "object": {"id": {"a": 1}}}).encode(),
        json.dumps({"event": {"a": 1}, "object": OBJECT}).encode(),
        json.dumps({"event": "E" * 65, "object": OBJECT}).encode(),
        json.dumps({"event": "a\x00b", "object": OBJECT}).encode(),
    ],
    ids=lambda body: body[:60].decode(errors="replace"),
)
async def test_what_is_no_notification_is_refused(post: Post, body: bytes) -> None:
    assert await post.raw(body) == 400
    assert events() == []


@pytest.mark.parametrize(
    "metadata", [None, [], {"payment_ref": {"a": 1}}, {"payment_ref": "a\x00"}, {"payment_ref": "x" * 99}]
)
async def test_a_strange_reference_is_ignored(post: Post, metadata: object) -> None:
    body = {"event": "payment.succeeded", "object": OBJECT | {"metadata": metadata}}
    assert await post.raw(json.dumps(body).encode()) == 200
    assert [event.payment_ref for event in events()] == [""]


async def test_a_body_of_ten_megabytes_is_cut_off(post: Post) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(10_000):
            taken += 1024
            yield b" " * 1024

    assert (await post.client.post(post.address, content=endless())).status_code == 413
    assert events() == []


async def test_a_slow_body_is_given_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_BODY_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    assert (await post.client.post(post.address, content=slow())).status_code in {400, 408}


async def test_what_could_not_be_stored_is_asked_for_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(repository, "keep_event", full_disk)
    assert await post("payment.succeeded", object_id()) == 500


async def test_one_notification_that_makes_trouble_does_not_hold_up_the_others(
    post: Post, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    await post("payment.canceled", object_id())
    await post("payment.succeeded", desk.gateway.only_id())
    honest = repository.find_payment

    def trouble(session: Any, shop_id: int, provider_id: str, payment_ref: str) -> Any:
        if provider_id != desk.gateway.only_id():
            raise ZeroDivisionError
        return honest(session, shop_id, provider_id, payment_ref)

    monkeypatch.setattr(repository, "find_payment", trouble)
    work(desk)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
