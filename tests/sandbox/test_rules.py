"""What the API refuses, and which field it names."""

from typing import Any

import pytest

from lkk_reflex.sandbox.bank_cards import TEST_CARDS, is_luhn_valid
from lkk_reflex.sandbox.bank_config import Shop
from tests.sandbox.conftest import PREFIX, SHOP, UTILITIES, Desk
from tests.sandbox.sdk import payment_body

_RUB = "RUB"
_LINE = {"description": "Вода", "quantity": "2.000", "amount": {"value": "50.00", "currency": "RUB"}, "vat_code": 1}


def _receipt(**changes: Any) -> dict[str, Any]:
    return {"customer": {"email": "a@b.ru"}, "items": [_LINE | changes]}


def _order(**changes: Any) -> dict[str, Any]:
    bank = {
        "name": "Банк",
        "bic": "044525225",
        "account": "40702810400000000001",
        "correspondent_account": "30101810400000000225",
    }
    recipient = {"name": "УК «Уют»", "inn": "6230000001", "kpp": "623001001", "bank": bank}
    return {
        "type": "utilities",
        "amount": {"value": "100.00", "currency": "RUB"},
        "payment_purpose": "Оплата ЖКУ;ЛСЧ 1000123456;ПРД 10.2026",
        "recipient": recipient,
        "account_number": "1000123456",
    } | changes


def _redirect(url: str) -> dict[str, Any]:
    return {"confirmation": {"type": "redirect", "return_url": url}}


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"amount": None}, "amount"),
        ({"amount": {"value": "10", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "10.5", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "10.005", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "-10.00", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "1e3", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "10.00\n", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": 10.00, "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "0.99", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "700000.01", "currency": _RUB}}, "amount.value"),
        ({"amount": {"value": "10.00", "currency": "USD"}}, "amount.currency"),
        ({"amount": {"value": "350000.01", "currency": _RUB}, "capture": False}, "amount.value"),
        ({"capture": "true"}, "capture"),
        ({"description": "я" * 129}, "description"),
        ({"metadata": {"k": 1}}, "metadata.k"),
        ({"metadata": {"k": "v" * 513}}, "metadata.k"),
        ({"metadata": {"k" * 33: "v"}}, "metadata"),
        ({"metadata": {str(n): "v" for n in range(17)}}, "metadata"),
        (_redirect("/pay/return"), "confirmation.return_url"),
        (_redirect("javascript:alert(1)"), "confirmation.return_url"),
        (_redirect("https://a.ru/\r\nSet-Cookie: a=b"), "confirmation.return_url"),
        (_redirect("https://a.ru;script-src"), "confirmation.return_url"),
        (_redirect("https://[a.ru"), "confirmation.return_url"),
        (_redirect("https://a.ru/" + "x" * 2048), "confirmation.return_url"),
        ({"confirmation": {"type": "redirect"}}, "confirmation.return_url"),
        ({"confirmation": {"type": "teleport"}}, "confirmation.type"),
        ({"payment_method_data": {"type": "shells"}}, "payment_method_data.type"),
        ({"payment_method_data": {"type": "sbp"}, "capture": False}, "capture"),
        ({"payment_method_id": "22e12f66-000f-5000-8000-18db351245c7"}, "payment_method_id"),
        ({"payment_order": _order()}, "payment_order"),
        ({"receipt": _receipt(quantity="1.000")}, "receipt.items"),
        ({"receipt": _receipt(vat_code=13)}, "receipt.items.0.vat_code"),
        ({"receipt": _receipt(description="")}, "receipt.items.0.description"),
        ({"receipt": {"customer": {}, "items": [_LINE]}}, "receipt.customer"),
        ({"receipt": {"customer": {"email": "a@b.ru"}, "items": []}}, "receipt.items"),
        ({"receipt": {"customer": {"email": "a@b.ru"}, "items": [_LINE] * 81}}, "receipt.items"),
    ],
)
async def test_breach_of_a_rule_is_refused_by_the_name_of_the_field(
    desk: Desk, changes: dict[str, Any], parameter: str
) -> None:
    answer = await desk.call("POST", "/payments", payment_body("100.00") | changes)
    error = answer.json()
    assert (answer.status_code, error["type"], error["code"]) == (400, "error", "invalid_request")
    assert error["parameter"] == parameter
    assert len(error["id"]) == 36
    assert (await desk.call("GET", "/payments")).json()["items"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"transfers": [], "statements": []},
        {"metadata": {"payment_ref": "1", "cms_name": "yookassa_sdk_python"}},
        {"receipt": _receipt()},
        {"payment_method_data": {"type": "sbp"}},
        {"amount": {"value": "700000.00", "currency": _RUB}},
        {"confirmation": {"type": "embedded"}},
        {"tomorrow": "unknown fields pass"},
    ],
)
async def test_ordinary_variations_are_accepted(desk: Desk, changes: dict[str, Any]) -> None:
    answer = await desk.call("POST", "/payments", payment_body("100.00") | changes)
    assert answer.status_code == 200, answer.text


async def test_payment_is_made_in_two_stages_unless_asked_otherwise(desk: Desk) -> None:
    body = payment_body("100.00")
    del body["capture"]
    payment = (await desk.call("POST", "/payments", body)).json()
    await desk.lever(f"/payments/{payment['id']}/pay")
    assert (await desk.read(payment["id"]))["status"] == "waiting_for_capture"


@pytest.mark.parametrize(
    ("order", "parameter"),
    [
        (None, "payment_order"),
        (_order(amount={"value": "99.00", "currency": _RUB}), "payment_order.amount"),
        (_order(payment_purpose="я" * 211), "payment_order.payment_purpose"),
        (_order(account_number=None), "payment_order"),
        (_order(oktmo="61701000001"), "payment_order.oktmo"),
        (_order(payment_period={"month": 13, "year": 2026}), "payment_order.payment_period.month"),
        (_order(recipient=_order()["recipient"] | {"inn": "623000000100"}), "payment_order.recipient.inn"),
    ],
)
async def test_utility_shop_must_send_a_sound_payment_order(
    desk: Desk, order: dict[str, Any] | None, parameter: str
) -> None:
    body = payment_body("100.00") | ({"payment_order": order} if order else {})
    answer = await desk.call("POST", "/payments", body, shop=UTILITIES)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(("refusal", "status"), [("", "succeeded"), ("general_decline", "canceled")])
async def test_utility_payment_waits_for_the_state_system(desk: Desk, refusal: str, status: str) -> None:
    await desk.lever("/switches", utilities_refusal=refusal)
    payment = await desk.create(shop=UTILITIES, payment_order=_order(), value="100.00")
    await desk.lever(f"/payments/{payment['id']}/pay")
    waiting = await desk.read(payment["id"], shop=UTILITIES)
    assert (waiting["status"], waiting["paid"]) == ("pending", False)
    page = await desk.web.get(f"{PREFIX}/pay/{payment['id']}")
    assert "Ждём подтверждения ГИС ЖКХ" in page.text
    await desk.lever("/clock", seconds=20)
    assert (await desk.read(payment["id"], shop=UTILITIES))["status"] == status


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=22e12f66-000f-5000-8000-18db351245c7", "cursor"),
        ("created_at.gte=yesterday", "created_at.gte"),
        ("created_at.gte=2026-11-22", "created_at.gte"),
    ],
)
async def test_senseless_list_is_refused(desk: Desk, query: str, parameter: str) -> None:
    answer = await desk.call("GET", f"/payments?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


async def test_list_has_ten_items_unless_asked_otherwise(desk: Desk) -> None:
    for _ in range(12):
        await desk.create()
    page = (await desk.call("GET", "/payments")).json()
    assert len(page["items"]) == 10
    rest = (await desk.call("GET", f"/payments?cursor={page['next_cursor']}")).json()
    assert len(rest["items"]) == 2
    assert "next_cursor" not in rest


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/payments/22e12f66-000f-5000-8000-18db351245c7", 404),
        ("POST", "/payments/22e12f66-000f-5000-8000-18db351245c7/cancel", 404),
        ("GET", "/webhooks", 403),
        ("POST", "/webhooks", 403),
    ],
)
async def test_refusal_carries_the_error_object(desk: Desk, verb: str, path: str, status: int) -> None:
    answer = await desk.call(verb, path, {} if verb == "POST" else None)
    assert (answer.status_code, answer.json()["type"]) == (status, "error")


@pytest.mark.parametrize("path", ["/payments", "/payments/22e12f66-000f-5000-8000-18db351245c7", "/me"])
async def test_wrong_verb_is_refused_without_a_body(desk: Desk, path: str) -> None:
    answer = await desk.call("DELETE", path)
    assert (answer.status_code, answer.content) == (405, b"")


async def test_post_that_is_not_json_is_refused_without_a_body(desk: Desk) -> None:
    answer = await desk.web.post(
        f"{PREFIX}/v3/payments", content=b"amount=1", auth=(SHOP.shop_id, SHOP.secret), headers={"Idempotence-Key": "1"}
    )
    assert (answer.status_code, answer.content) == (415, b"")


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"text"', b"\xff"])
async def test_body_that_is_no_json_object_is_refused(desk: Desk, raw: bytes) -> None:
    headers = {"Idempotence-Key": "1", "Content-Type": "application/json"}
    answer = await desk.web.post(
        f"{PREFIX}/v3/payments", content=raw, auth=(SHOP.shop_id, SHOP.secret), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic /w==", "Bearer MTAwNTAwOnRlc3Rfd2F0ZXI="])
async def test_unreadable_credentials_are_refused(desk: Desk, header: str) -> None:
    answer = await desk.web.get(f"{PREFIX}/v3/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


async def test_unpaid_payment_cannot_be_refunded(desk: Desk) -> None:
    payment = await desk.create()
    answer = await desk.call("POST", "/refunds", {"payment_id": payment["id"], "amount": payment["amount"]})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "payment_id")


async def test_payment_older_than_three_years_is_neither_listed_nor_refunded(desk: Desk) -> None:
    payment = await desk.create()
    await desk.lever(f"/payments/{payment['id']}/pay")
    await desk.lever("/clock", seconds=(3 * 365 + 1) * 24 * 3600)
    answer = await desk.call("POST", "/refunds", {"payment_id": payment["id"], "amount": payment["amount"]})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "payment_id")
    assert (await desk.call("GET", "/payments")).json()["items"] == []


def test_numbers_of_all_test_cards_carry_a_valid_control_digit() -> None:
    assert all(is_luhn_valid(number) for number in TEST_CARDS)
    assert not is_luhn_valid("4111111111111112")


@pytest.mark.parametrize(
    ("text", "notify_url", "utilities"),
    [
        ("1:test_k", None, False),
        ("1:test_k:http://127.0.0.1:3000/hook", "http://127.0.0.1:3000/hook", False),
        ("1:test_k:http://127.0.0.1:3000/hook:utilities", "http://127.0.0.1:3000/hook", True),
        ("1:test_k::utilities", None, True),
    ],
)
def test_shop_is_read_from_the_command_line(text: str, notify_url: str | None, utilities: bool) -> None:
    shop = Shop.parse(text)
    assert (shop.shop_id, shop.secret, shop.notify_url, shop.utilities) == ("1", "test_k", notify_url, utilities)
