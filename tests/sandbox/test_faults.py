"""Every fault looks on the wire as it looks in life, and falls only on the requests it was meant for."""

import socket
import time
from typing import Any

import pytest
import requests

from lkk_reflex.sandbox.bank_faults import FaultRule
from lkk_reflex.sandbox.bank_server import RunningBank
from tests.sandbox.conftest import SHOP, Desk, Sdk
from tests.sandbox.sdk import payment_body
from tests.support import patience
from tests.support.patience import until


def _send(
    bank: RunningBank, verb: str, path: str, *, key: str = "key-1", timeout: float = patience.SECONDS
) -> requests.Response:
    return requests.request(
        verb,
        f"{bank.api_url}{path}",
        json=payment_body() if verb == "POST" else None,
        auth=(SHOP.shop_id, SHOP.secret),
        headers={"Idempotence-Key": key},
        timeout=timeout,
        allow_redirects=False,
    )


def _payments(bank: RunningBank) -> list[dict[str, Any]]:
    payments: list[dict[str, Any]] = bank.snapshot()["payments"]
    return payments


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("server_error", 500, '"code":"internal_server_error"'),
        ("bad_gateway", 502, "<html>"),
        ("unavailable", 503, ""),
        ("throttled", 429, '"code":"too_many_requests"'),
        ("unauthorized", 401, '"code":"invalid_credentials"'),
        ("accepted", 202, '"type":"processing"'),
        ("redirect", 301, ""),
    ],
)
@pytest.mark.parametrize("committed", [False, True])
def test_answer_instead_of_the_banks_own(
    bank: RunningBank, fault: str, status: int, body: str, committed: bool
) -> None:
    bank.fault(fault, verb="POST", committed=committed)
    answer = _send(bank, "POST", "/payments")
    assert answer.status_code == status
    assert body in answer.text
    assert len(_payments(bank)) == int(committed)


@pytest.mark.parametrize("committed", [False, True])
def test_connection_is_reset_without_a_byte(bank: RunningBank, committed: bool) -> None:
    bank.fault("reset", verb="POST", committed=committed)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        _send(bank, "POST", "/payments")
    assert len(_payments(bank)) == int(committed)


def test_lost_answer_is_found_by_repeating_the_request(bank: RunningBank) -> None:
    bank.fault("reset", verb="POST", committed=True)
    with pytest.raises(requests.ConnectionError):
        _send(bank, "POST", "/payments")
    repeated = _send(bank, "POST", "/payments").json()
    assert [payment["id"] for payment in _payments(bank)] == [repeated["id"]]


@pytest.mark.parametrize("committed", [False, True])
def test_slow_answer_outlasts_the_callers_patience(bank: RunningBank, committed: bool) -> None:
    # Between the end of the patience and the act there is time for a question even on a slow machine.
    bank.fault("latency", verb="POST", committed=committed, seconds=4)
    with pytest.raises(requests.ReadTimeout):
        _send(bank, "POST", "/payments", timeout=1.5)
    assert len(_payments(bank)) == int(committed)
    until(lambda: len(_payments(bank)) == 1)  # The bank acts, whether anybody still listens or not.


def test_throttling_may_say_when_to_come_again(bank: RunningBank) -> None:
    bank.fault("throttled", retry_after=2)
    assert _send(bank, "GET", "/payments").headers["Retry-After"] == "2"
    bank.fault("throttled")
    assert "Retry-After" not in _send(bank, "GET", "/payments").headers


def test_answer_may_come_truncated_or_empty(bank: RunningBank) -> None:
    bank.fault("truncated")
    with pytest.raises(requests.JSONDecodeError):
        _send(bank, "POST", "/payments").json()
    bank.fault("empty_object")
    assert _send(bank, "POST", "/payments").json() == {}
    assert len(_payments(bank)) == 1


def test_answer_may_drip(bank: RunningBank) -> None:
    bank.fault("drip", path="/me", seconds=0.005)
    started = time.monotonic()
    assert _send(bank, "GET", "/me").json()["test"] is True
    assert time.monotonic() - started > 0.5


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("wrong_amount", "amount", {"value": "1.00", "currency": "RUB"}),
        ("wrong_metadata", "metadata", {"payment_ref": "somebody-else"}),
        ("wrong_shop", "recipient", {"account_id": "999999", "gateway_id": "999999"}),
        ("not_test", "test", False),
    ],
)
def test_object_may_come_with_a_lie_in_it(bank: RunningBank, sdk: Sdk, fault: str, field: str, value: object) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    honest = _send(bank, "GET", f"/payments/{payment_id}").json()
    bank.fault(fault, verb="GET", path="/payments/", count=1)
    assert _send(bank, "GET", f"/payments/{payment_id}").json() == honest | {field: value}
    bank.fault(fault, verb="GET", path="/payments$", count=1)
    assert _send(bank, "GET", "/payments").json()["items"] == [honest | {field: value}]


def test_rule_falls_on_chosen_requests_only() -> None:
    rule = FaultRule("reset", shop="1", verb="POST", path="^/payments$", nth=2, count=2)  # type: ignore[arg-type]

    def falls(shop: str, verb: str, path: str) -> bool:
        return rule.falls_on(shop, verb, path, lambda: 0.0)

    assert not falls("2", "POST", "/payments")
    assert not falls("1", "GET", "/payments")
    assert not falls("1", "POST", "/payments/1/capture")
    assert [falls("1", "POST", "/payments") for _ in range(4)] == [False, True, True, False]


def test_rule_may_be_left_to_chance() -> None:
    rule = FaultRule("reset", count=0, probability=0.3)  # type: ignore[arg-type]
    chances = iter([0.1, 0.3, 0.9, 0.29])
    assert [rule.falls_on("1", "GET", "/me", lambda: next(chances)) for _ in range(4)] == [True, False, False, True]


def test_dropped_rules_fall_no_more(bank: RunningBank) -> None:
    bank.fault("unavailable", count=0)
    assert _send(bank, "GET", "/me").status_code == 503
    bank.no_faults()
    assert _send(bank, "GET", "/me").status_code == 200


def test_requests_are_recorded_raw_but_without_the_key_of_the_shop(bank: RunningBank) -> None:
    bank.fault("server_error", verb="POST", committed=True)
    _send(bank, "POST", "/payments", key="key-7")
    _send(bank, "GET", "/payments?limit=5")
    made, listed = bank.requests()
    assert (made["shop"], made["verb"], made["path"], made["idempotence_key"]) == (
        SHOP.shop_id,
        "POST",
        "/payments",
        "key-7",
    )
    assert '"payment_ref": "ref-1"' in made["body"]
    assert made["outcome"] == "200 server_error"
    assert (listed["query"], listed["outcome"]) == ("limit=5", "200")
    assert SHOP.secret not in str(bank.requests())


def test_proxy_passes_several_requests_over_one_connection(bank: RunningBank) -> None:
    with socket.create_connection(("127.0.0.1", bank.port)) as connection:
        for _ in range(3):
            connection.sendall(b"GET /v3/me HTTP/1.1\r\nHost: bank\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 401")


async def test_without_a_proxy_a_reset_breaks_the_answer_off(desk: Desk) -> None:
    await desk.lever("/faults", fault="reset", committed=True)
    with pytest.raises(ConnectionResetError):
        await desk.call("POST", "/payments", payment_body())
    assert len((await desk.call("GET", "/payments")).json()["items"]) == 1
