"""What an imitation must never do, and what it must never lose."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from yookassa.payment import Payment

from lkk_reflex.sandbox.bank import make_bank
from lkk_reflex.sandbox.bank_config import BankConfig, BankRefusesToStart, Shop
from lkk_reflex.sandbox.bank_server import running_bank
from tests.sandbox.conftest import PREFIX, SHOP, Desk
from tests.sandbox.sdk import ShopClient, bound, payment_body

_BASE = "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    "change",
    [
        {"production": True},
        {"control": True, "host": "0.0.0.0"},  # noqa: S104 - what is refused.
        {"control": True, "host": "192.168.0.10"},
        {"public_base_url": "/sandbox/bank"},
        {"public_base_url": "ftp://127.0.0.1"},
    ],
)
def test_bank_refuses_to_start(change: dict[str, Any]) -> None:
    with pytest.raises(BankRefusesToStart):
        BankConfig(**({"public_base_url": _BASE} | change))


def test_bank_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert BankConfig(public_base_url=_BASE).host == "127.0.0.1"


@pytest.mark.parametrize(
    "fields", [{"secret": "live_abc"}, {"secret": ""}, {"shop_id": "a:b"}, {"notify_url": "file:///x"}]
)
def test_key_of_a_live_shop_and_other_nonsense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BankRefusesToStart):
        Shop(**{"shop_id": "1", "secret": "test_k", **fields})


async def test_control_is_absent_unless_asked_for() -> None:
    bank = make_bank(BankConfig(public_base_url=_BASE, shops=(SHOP,)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bank), base_url=_BASE) as web:
        assert (await web.get("/_control/snapshot")).status_code == 404
        auth = (SHOP.shop_id, SHOP.secret)
        assert (await web.get("/v3/me", auth=auth)).status_code == 200
    bank.close()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_control_is_hidden_from_those_behind_a_proxy(desk: Desk, header: str) -> None:
    assert (await desk.web.get(f"{PREFIX}/_control/snapshot")).status_code == 200
    assert (await desk.web.get(f"{PREFIX}/_control/snapshot", headers={header: "127.0.0.1"})).status_code == 404


async def test_control_is_hidden_from_other_machines() -> None:
    bank = make_bank(BankConfig(public_base_url=_BASE, control=True))
    transport = httpx.ASGITransport(bank, client=("192.168.0.10", 4000))
    async with httpx.AsyncClient(transport=transport, base_url=_BASE) as web:
        assert (await web.get("/_control/snapshot")).status_code == 404
    bank.close()


async def test_control_takes_no_forms_that_a_foreign_page_could_send(desk: Desk) -> None:
    answer = await desk.web.post(f"{PREFIX}/_control/reset", data={"a": "b"})
    assert answer.status_code == 404


async def test_senseless_lever_is_refused(desk: Desk) -> None:
    for path, body in (
        ("/faults", {"fault": "earthquake"}),
        ("/switches", {"mood": "bad"}),
        ("/clock", {"seconds": -1}),
    ):
        assert (await desk.web.post(f"{PREFIX}/_control{path}", json=body)).status_code == 400


def test_everything_survives_a_power_cut(tmp_path: Path) -> None:
    with running_bank(SHOP, storage=tmp_path / "bank.sqlite3") as bank:
        payments = bound(Payment, ShopClient(SHOP, bank.api_url))
        paid = payments.create(payment_body(), "key-1").id
        open_one = payments.create(payment_body(), "key-2").id
        bank.pay(paid)
        bank.advance(1000)
        before = bank.snapshot()
        bank.kill()
        bank.start()
        assert payments.find_one(paid).status == "succeeded"
        assert payments.create(payment_body(), "key-2").id == open_one
        after = bank.snapshot()
        assert after["payments"] == before["payments"]
        assert after["now"] >= before["now"]
