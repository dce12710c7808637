"""One key, one object: however often and however simultaneously a request comes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests
from yookassa.domain.exceptions.bad_request_error import BadRequestError

from lkk_reflex.sandbox.bank import make_bank
from lkk_reflex.sandbox.bank_config import BankConfig
from lkk_reflex.sandbox.bank_server import RunningBank
from tests.sandbox.conftest import ORIGIN, SHOP, UTILITIES, Desk, Sdk, desk_of
from tests.sandbox.sdk import payment_body
from tests.support import patience


def test_repeated_request_gets_the_first_object(sdk: Sdk) -> None:
    first = sdk.payments.create(payment_body(), "key-1")
    assert sdk.payments.create(payment_body(), "key-1").id == first.id
    assert len(sdk.payments.list().items) == 1


def test_order_of_fields_does_not_make_another_request(sdk: Sdk) -> None:
    body = payment_body()
    first = sdk.payments.create(body, "key-1")
    assert sdk.payments.create(dict(reversed(body.items())), "key-1").id == first.id


def test_used_key_with_other_data_is_refused_by_name(sdk: Sdk) -> None:
    sdk.payments.create(payment_body("1.00"), "key-1")
    with pytest.raises(BadRequestError) as refusal:
        sdk.payments.create(payment_body("2.00"), "key-1")
    error = refusal.value.error
    assert (error.code, error.description, error.parameter) == (
        "invalid_request",
        "Idempotence key duplicated",
        "Idempotence-Key",
    )


def test_key_is_forgotten_after_a_day(bank: RunningBank, sdk: Sdk) -> None:
    first = sdk.payments.create(payment_body(), "key-1")
    bank.advance(24 * 3600 - 60)
    assert sdk.payments.create(payment_body(), "key-1").id == first.id
    bank.advance(61)
    assert sdk.payments.create(payment_body(), "key-1").id != first.id


def test_ten_simultaneous_requests_with_one_key_create_one_payment(bank: RunningBank, sdk: Sdk) -> None:
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: sdk.payments.create(payment_body(), "key-1").id, range(10)))
    assert len(ids) == 1
    assert len(bank.snapshot()["payments"]) == 1


async def test_shops_may_use_the_same_key(desk: Desk) -> None:
    one = await desk.create(key="same")
    refused = await desk.call("POST", "/payments", payment_body(), key="same", shop=UTILITIES)
    assert refused.json()["parameter"] == "payment_order"
    assert (await desk.create(key="same"))["id"] == one["id"]


@pytest.mark.parametrize("key", ["", "a" * 65, "with space", "key/1", "key=1"])
def test_missing_or_malformed_key_is_refused(bank: RunningBank, key: str) -> None:
    headers = {"Idempotence-Key": key} if key else {}
    answer = requests.post(
        f"{bank.api_url}/payments",
        json=payment_body(),
        auth=(SHOP.shop_id, SHOP.secret),
        headers=headers,
        timeout=patience.SECONDS,
    )
    assert (answer.status_code, answer.json()["parameter"]) == (400, "Idempotence-Key")
    assert bank.snapshot()["payments"] == []


async def test_refused_request_does_not_use_up_its_key(desk: Desk) -> None:
    refused = await desk.call("POST", "/payments", payment_body("0.00"), key="key-x")
    assert refused.status_code == 400
    await desk.create(key="key-x")


async def test_replay_shows_the_first_answer(desk: Desk) -> None:
    payment = await desk.create(key="key-x")
    await desk.lever(f"/payments/{payment['id']}/pay")
    assert await desk.create(key="key-x") == payment


async def test_replay_may_be_set_to_show_the_present_object() -> None:
    config = BankConfig(public_base_url=ORIGIN, shops=(SHOP,), control=True, replay_current=True)
    with closing(make_bank(config)) as bank:
        async with desk_of(bank) as desk:
            payment = await desk.create(key="key-x")
            await desk.lever(f"/payments/{payment['id']}/pay")
            assert (await desk.create(key="key-x"))["status"] == "succeeded"
