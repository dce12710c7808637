"""Every row of what the SDK's own transport does wrong, done right by ours, against a server that misbehaves."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yookassa.configuration import Configuration

from lkk_reflex.kit.money import Money
from lkk_reflex.payments.gateways.base import (
    GatewayError,
    GatewayPayment,
    Misconfigured,
    NotFound,
    Rejected,
    ShopAccess,
    Throttled,
    Unknown,
)
from lkk_reflex.payments.gateways.yookassa import YooKassa, freeze, is_object_id
from tests.payments.stub import (
    PROVIDER_ID,
    Answer,
    Stub,
    error_object,
    misbehaving,
    own_certificate,
    payment_object,
)
from tests.support import patience
from tests.support.patience import settled

ACCESS = ShopAccess("500001", "test_secret", is_test=True)
TIMEOUTS = (patience.SECONDS, patience.SECONDS)
BODY = '{"amount": {"currency": "RUB", "value": "1542.30"}, "description": "Счёт"}'


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    with misbehaving() as stub:
        yield stub


@pytest.fixture
def stub(server: Stub) -> Stub:
    server.answers, server.requests = [Answer(body=payment_object())], []
    return server


@pytest.fixture
def shop(stub: Stub) -> YooKassa:
    return YooKassa(ACCESS, stub.url, timeouts=TIMEOUTS)


def create(shop: YooKassa) -> GatewayPayment:
    return shop.create("key-1", BODY)


def failure_of(shop: YooKassa) -> GatewayError:
    with pytest.raises(GatewayError) as failure:
        create(shop)
    return failure.value


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, error_object("invalid_request", "amount.value")), Rejected),
        (Answer(401, error_object("invalid_credentials")), Misconfigured),
        (Answer(403, error_object("forbidden")), Misconfigured),
        (Answer(404, error_object("not_found")), NotFound),
        (Answer(405), Rejected),
        (Answer(410, error_object("gone")), NotFound),
        (Answer(415), Rejected),
        (Answer(429, error_object("too_many_requests")), Throttled),
        (Answer(500, error_object("internal_server_error")), Unknown),
        (Answer(500), Unknown),
        (Answer(502, b"<html>502 Bad Gateway</html>"), Unknown),
        (Answer(503), Unknown),
        (Answer(200, b'{"id": "22e1'), Unknown),
        (Answer(200, b""), Unknown),
        (Answer(200, {}), Unknown),
        (Answer(200, []), Unknown),
        (Answer(201, payment_object()), Unknown),
        (Answer(202, {"type": "processing", "retry_after": 1800}), Unknown),
        (Answer(204), Unknown),
        (Answer(301, headers={"Location": "/v3/me"}), Unknown),
        (Answer(302, headers={"Location": "/v3/me"}), Unknown),
        (Answer(404, b"<html>nginx</html>"), Unknown),
        (Answer(401, b"<html>proxy</html>"), Unknown),
        (Answer(429, b"slow down"), Unknown),
        (Answer(400, error_object("invalid_request", "Idempotence-Key")), Unknown),
        (Answer(resets=True), Unknown),
        (Answer(200, payment_object(), headers={"Content-Length": "4096"}), Unknown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.name,
)
def test_every_answer_says_what_is_known_of_the_outcome(
    shop: YooKassa, stub: Stub, answer: Answer, kind: type[GatewayError]
) -> None:
    stub.answers = [answer]
    failure = failure_of(shop)
    assert type(failure) is kind
    assert len(stub.requests) == 1, "nothing is repeated behind our back"
    if isinstance(failure, Unknown):
        assert failure.was_sent


def test_an_answer_that_is_not_waited_for_may_have_been_sent_for(stub: Stub) -> None:
    stub.answers = [Answer(200, payment_object(), delay=1.0)]
    failure = failure_of(YooKassa(ACCESS, stub.url, timeouts=(0.5, 0.5)))
    assert type(failure) is Unknown
    assert failure.was_sent
    assert settled(lambda: len(stub.requests), 1) == 1, "nothing is repeated behind our back"


def test_a_refusal_keeps_what_support_asks_for(shop: YooKassa, stub: Stub) -> None:
    stub.answers = [Answer(400, error_object("invalid_request", "amount.value"))]
    refusal = failure_of(shop)
    assert (refusal.http, refusal.code, refusal.parameter) == (400, "invalid_request", "amount.value")
    assert "id=ab5a11cd-13cc-4e33-af8b-75a74e18dd09" in refusal.text


@pytest.mark.parametrize(("parameter", "is_key_used"), [("Idempotence-Key", True), ("idempotence-key", True)])
def test_a_used_key_is_told_apart(shop: YooKassa, stub: Stub, parameter: str, is_key_used: bool) -> None:
    stub.answers = [Answer(400, error_object("invalid_request", parameter))]
    failure = failure_of(shop)
    assert isinstance(failure, Unknown)
    assert failure.is_key_used is is_key_used


def test_retry_after_does_not_put_the_worker_to_sleep(shop: YooKassa, stub: Stub) -> None:
    stub.answers = [Answer(429, error_object("too_many_requests"), headers={"Retry-After": "21600"})]
    started = time.monotonic()
    assert isinstance(failure_of(shop), Throttled)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_refused_connection_carries_nothing_and_fails_at_once(scheme: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
        started = time.monotonic()
        failure = failure_of(YooKassa(ACCESS, f"{scheme}://127.0.0.1:{closed}/v3", timeouts=TIMEOUTS))
    assert isinstance(failure, Unknown)
    assert not failure.was_sent
    assert time.monotonic() - started < 1


def test_a_name_that_does_not_exist_carries_nothing() -> None:
    failure = failure_of(YooKassa(ACCESS, "http://no-such-host.invalid/v3", timeouts=TIMEOUTS))
    assert isinstance(failure, Unknown)
    assert not failure.was_sent


def test_a_certificate_nobody_has_signed_is_not_trusted(tmp_path: Path) -> None:
    with misbehaving(own_certificate(tmp_path)) as stub:
        stub.answers = [Answer(body=payment_object())]
        failure = failure_of(YooKassa(ACCESS, stub.url, timeouts=TIMEOUTS))
        assert isinstance(failure, Unknown)
        assert not failure.was_sent
        assert stub.requests == []


def test_proxies_and_netrc_of_the_machine_are_ignored(
    shop: YooKassa, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    create(shop)
    assert stub.requests[0].shop == "500001:test_secret"


def test_the_stored_bytes_are_sent_as_they_are(shop: YooKassa, stub: Stub) -> None:
    create(shop)
    create(shop)
    assert [request.body for request in stub.requests] == [BODY.encode()] * 2
    assert [request.headers["idempotence-key"] for request in stub.requests] == ["key-1"] * 2
    assert {request.headers["content-type"] for request in stub.requests} == {"application/json"}
    assert {(request.verb, request.path) for request in stub.requests} == {("POST", "/v3/payments")}


@pytest.mark.parametrize("key", ["ключ", "a b", "x" * 65, "a\r\nX: 1"])
def test_a_key_the_api_would_not_take_is_never_sent(shop: YooKassa, stub: Stub, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        shop.create(key, BODY)
    assert stub.requests == []


@pytest.mark.parametrize("provider_id", ["../me", "?limit=1", "", "a/b", PROVIDER_ID + "\n", "я" * 36, "x" * 40])
def test_a_text_that_is_no_id_is_never_put_into_an_address(shop: YooKassa, stub: Stub, provider_id: str) -> None:
    assert not is_object_id(provider_id)
    with pytest.raises(ValueError, match="not an id"):
        shop.get(provider_id)
    assert stub.requests == []


def test_an_answer_is_read_with_what_the_model_does_not_know(shop: YooKassa, stub: Stub) -> None:
    stub.answers = [
        Answer(
            body=payment_object(
                status="canceled",
                payment_method={"type": "alfa_pay_2", "id": "1", "saved": False, "title": "Альфа"},
                cancellation_details={"party": "yoo_money", "reason": "never_heard_of"},
                brand_new_field=[1, 2],
            )
        )
    ]
    seen = shop.get(PROVIDER_ID)
    assert (seen.method_type, seen.cancel_reason) == ("alfa_pay_2", "never_heard_of")
    assert json.loads(seen.raw)["brand_new_field"] == [1, 2]


def test_an_ordinary_answer_is_read(shop: YooKassa) -> None:
    seen = create(shop)
    assert (seen.id, seen.status, seen.amount, seen.currency) == (PROVIDER_ID, "pending", Money(154230), "RUB")
    assert (seen.is_paid, seen.is_test, seen.recipient, seen.payment_ref) == (False, True, "500001", "our-id")
    assert seen.confirmation_url == "https://yoomoney.ru/checkout/1"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": {"a": 1}},
        {"id": "../me"},
        {"amount": None},
        {"amount": {"value": "NaN", "currency": "RUB"}},
        {"amount": {"value": "1e3", "currency": "RUB"}},
        {"amount": {"value": 1542.3, "currency": "RUB"}},
        {"amount": {"value": "1542.305", "currency": "RUB"}},
        {"amount": {"currency": "RUB"}},
    ],
    ids=str,
)
def test_an_unreadable_object_is_no_answer(shop: YooKassa, stub: Stub, changes: dict[str, object]) -> None:
    stub.answers = [Answer(body=payment_object(**changes))]
    assert isinstance(failure_of(shop), Unknown)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "", "https://x/" + "a" * 2048])
def test_only_a_web_address_is_taken_for_the_gateways_page(shop: YooKassa, stub: Stub, url: str) -> None:
    stub.answers = [Answer(body=payment_object(confirmation={"type": "redirect", "confirmation_url": url}))]
    assert create(shop).confirmation_url == ""


def test_a_list_is_walked_page_by_page(shop: YooKassa, stub: Stub) -> None:
    stub.answers = [
        Answer(body={"type": "list", "items": [payment_object()], "next_cursor": "c-2"}),
        Answer(body={"type": "list", "items": [payment_object()]}),
    ]
    assert len(list(shop.created_since(datetime(2026, 11, 19, 9, 0, 0, 5000, tzinfo=UTC)))) == 2
    first, second = (request.path for request in stub.requests)
    assert "created_at.gte=2026-11-19T09%3A00%3A00.005Z" in first
    assert "limit=100" in first
    assert "cursor=c-2" in second


def test_a_list_of_paid_payments_asks_for_them_only(shop: YooKassa, stub: Stub) -> None:
    stub.answers = [Answer(body={"type": "list", "items": []})]
    assert list(shop.succeeded_since(datetime(2026, 11, 19, tzinfo=UTC))) == []
    assert "status=succeeded" in stub.requests[0].path
    assert "captured_at.gte" in stub.requests[0].path


def test_shops_in_many_threads_never_mix_their_keys(stub: Stub) -> None:
    before = dict(vars(Configuration))

    def ask(number: int) -> None:
        shop = str(600_000 + number % 3)
        YooKassa(ShopAccess(shop, f"test_{shop}", is_test=True), stub.url, timeouts=TIMEOUTS).create(shop, BODY)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(60)))
    assert len(stub.requests) == 60
    for request in stub.requests:
        shop = request.headers["idempotence-key"]
        assert request.shop == f"{shop}:test_{shop}"
    assert vars(Configuration) == before


def test_the_log_tells_the_story_without_secrets(shop: YooKassa, stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stub.answers = [Answer(400, error_object("invalid_request", "amount.value"))]
    failure_of(shop)
    (line,) = [record.getMessage() for record in caplog.records if record.name.endswith("gateways.yookassa")]
    for part in ("shop=500001", "POST /payments", "key=key-1", "HTTP 400", "code=invalid_request", "ms"):
        assert part in line
    assert "test_secret" not in caplog.text
    assert "Basic" not in caplog.text
    assert "1542.30" not in caplog.text
    assert "test_secret" not in repr(ACCESS) + repr(vars(shop))


PARAMS: dict[str, Any] = {
    "amount": {"value": "1542.30", "currency": "RUB"},
    "capture": True,
    "confirmation": {"type": "redirect", "return_url": "https://lk.example.ru/pay/return/1", "locale": "ru_RU"},
    "description": "Лицевой счёт 0012345",
    "metadata": {"payment_ref": "our-id"},
}


def test_freezing_keeps_everything_and_adds_nothing() -> None:
    frozen = freeze(PARAMS)
    assert json.loads(frozen) == PARAMS
    assert frozen == freeze(dict(reversed(PARAMS.items())))


@pytest.mark.parametrize(
    "changes",
    [
        {"descripton": "опечатка"},
        {"amount": {"value": "10.005", "currency": "RUB"}},
        {"amount": {"value": "1e3", "currency": "RUB"}},
        {"amount": {"value": "0.00", "currency": "RUB"}},
        {"confirmation": {"return_url": "https://lk.example.ru"}},
        {"confirmation": {"type": "redirect", "retun_url": "https://lk.example.ru"}},
        {"metadata": None},
        {"capture": "false"},
        {"description": "x" * 129},
        {"description": None},
        {"payment_order": {"type": "utilities", "acount_number": "1"}},
    ],
    ids=str,
)
def test_what_the_model_would_silently_change_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        freeze(PARAMS | changes)


@given(st.integers(100, 35_000_000))
def test_every_sum_passes_the_model_unchanged(kopecks: int) -> None:
    amount = {"value": Money(kopecks).to_api(), "currency": "RUB"}
    assert json.loads(freeze(PARAMS | {"amount": amount}))["amount"] == amount
