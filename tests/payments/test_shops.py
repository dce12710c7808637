"""Setting shops up, and what their requests carry: payment orders and fiscal receipts."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex import settings
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import checkout, errors, repository, shops
from lkk_reflex.payments.gateways.base import ShopAccess
from lkk_reflex.payments.models import Payment, ReceiptsMode, Shop
from lkk_reflex.payments.shops import NewShop, Recipient, Terms
from tests.factories.payments import DEBT, FakeGateway, Payable, make_payable, make_provider
from tests.payments.conftest import Desk, StillClock

RECIPIENT = Recipient(
    name="ООО «Уют»",
    inn="1234567890",
    kpp="123456789",
    bank_name="Банк",
    bank_bic="044525225",
    bank_account="40702810000000000001",
    bank_correspondent_account="30101810400000000225",
)
TERMS = (Terms(date(2025, 1, 1), 4, 6), Terms(date(2026, 1, 1), debt_vat_code=11, advance_vat_code=12))
SHOP = NewShop(0, "700001", "test_key")
UTILITIES = replace(SHOP, recipient=RECIPIENT)
RECEIPTS = replace(SHOP, receipts_mode=ReceiptsMode.YOOKASSA, terms=TERMS)
CONTACT = "Payer@Mail.ru"


@pytest.fixture
def provider_id(engine: Engine, time: StillClock) -> int:
    with unit_of_work() as session:
        return make_provider(session)


def add(provider_id: int, shop: NewShop = SHOP, viewer: Viewer | None = None) -> shops.ShopShown:
    with unit_of_work() as session:
        return shops.add_shop(session, viewer or Viewer.system(), replace(shop, provider_id=provider_id))


def test_a_shops_key_is_kept_encrypted_and_comes_back_whole(provider_id: int) -> None:
    add(provider_id)
    with reading() as session:
        row = session.exec(select(Shop)).one()
        assert "test_key" not in row.secret_encrypted
        assert shops.access_of(row) == ShopAccess("700001", "test_key", is_test=True)


def test_the_key_is_never_shown(provider_id: int) -> None:
    shown = add(provider_id)
    with reading() as session:
        (listed,) = shops.list_shops(session, Viewer.system())
    assert listed == shown
    assert "test_key" not in repr(shown) + repr(SHOP)
    assert shown.notification_url.startswith(f"{settings.get_settings().public_url}/hooks/yookassa/")


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(Role.SUBSCRIBER, subscriber_id=1), Viewer(Role.OPERATOR)])
def test_only_the_owner_of_the_server_sets_shops_up(provider_id: int, viewer: Viewer) -> None:
    with pytest.raises(Forbidden):
        add(provider_id, viewer=viewer)
    with reading() as session:
        with pytest.raises(Forbidden):
            shops.list_shops(session, viewer)
        with pytest.raises(Forbidden):
            shops.resume_shop(session, viewer, "700001")


REFUSED = {
    "a number with letters": replace(SHOP, gateway_id="7a"),
    "no number": replace(SHOP, gateway_id=""),
    "a live key in the demo": replace(SHOP, secret="live_key"),
    "a key of no kind": replace(SHOP, secret="key"),
    "receipts without rates": replace(RECEIPTS, terms=()),
    "a rate that does not exist": replace(RECEIPTS, terms=(Terms(date(2026, 1, 1), 13, 1),)),
    "an INN of a person": replace(UTILITIES, recipient=replace(RECIPIENT, inn="123456789012")),
    "a short KPP": replace(UTILITIES, recipient=replace(RECIPIENT, kpp="1")),
    "a long name of the bank": replace(UTILITIES, recipient=replace(RECIPIENT, bank_name="Б" * 46)),
    "no receiver": replace(UTILITIES, recipient=replace(RECIPIENT, name="")),
}


@pytest.mark.parametrize("shop", REFUSED.values(), ids=REFUSED)
def test_a_shop_the_gateway_would_refuse_is_not_added(provider_id: int, shop: NewShop) -> None:
    with pytest.raises(errors.ShopRefused) as refusal:
        add(provider_id, shop)
    assert refusal.value.message


def test_the_same_shop_is_not_added_twice(provider_id: int) -> None:
    add(provider_id)
    with pytest.raises(errors.ShopRefused):
        add(provider_id)


def test_a_new_shop_takes_the_place_of_the_old_one(provider_id: int) -> None:
    add(provider_id)
    add(provider_id, replace(SHOP, gateway_id="700002"))
    with reading() as session:
        working = repository.working_shop(session, provider_id)
        assert [shop.is_enabled for shop in repository.all_shops(session)] == [False, True]
    assert working
    assert working.gateway_id == "700002"


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    working = replace(settings.get_settings(), mode=settings.Mode.PRODUCTION, public_url="https://lk.example.ru")
    for module in (shops, checkout):
        monkeypatch.setattr(module, "get_settings", lambda: working)


@pytest.mark.usefixtures("production")
def test_production_takes_live_shops_only(provider_id: int) -> None:
    with pytest.raises(errors.ShopRefused):
        add(provider_id)
    assert not add(provider_id, replace(SHOP, secret="live_key")).is_test


def test_a_test_shop_takes_no_money_in_production(desk: Desk, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("production")
    with pytest.raises(errors.PaymentUnavailable):
        desk.pay()


def test_a_key_of_the_other_kind_does_not_resume_a_shop(provider_id: int) -> None:
    add(provider_id)
    with pytest.raises(errors.ShopRefused), unit_of_work() as session:
        shops.resume_shop(session, Viewer.system(), "700001", secret="live_key")
    with pytest.raises(Forbidden), unit_of_work() as session:
        shops.resume_shop(session, Viewer.system(), "999999")


def body_of(payable: Payable, gateway: FakeGateway, *, own: str = "", contact: str = CONTACT) -> dict[str, object]:
    """Pay and return the request."""
    form = payable.own_form(own) if own else payable.debt_form()
    payment_id = checkout.pay(payable.viewer, replace(form, receipt_contact=contact), gateway.connect)
    with reading() as session:
        body: dict[str, object] = json.loads(session.get_one(Payment, payment_id).body)
        return body


def payable_with(shop: NewShop) -> Payable:
    with unit_of_work() as session:
        return make_payable(session, shop=shop)


@pytest.mark.usefixtures("engine", "time")
def test_a_utility_shop_always_sends_a_payment_order(gateway: FakeGateway) -> None:
    order = body_of(payable_with(UTILITIES), gateway)["payment_order"]
    assert isinstance(order, dict)
    assert order["amount"] == {"value": "1542.30", "currency": "RUB"}
    assert order["payment_purpose"] == "Оплата ЖКУ;ЕЛС 80KX478547;ПРД 10.2026"
    assert order["payment_period"] == {"month": 10, "year": 2026}
    assert order["unified_account_number"] == "80KX478547"
    assert order["account_number"]
    assert order["recipient"]["inn"] == RECIPIENT.inn
    assert order["recipient"]["bank"]["bic"] == RECIPIENT.bank_bic


@pytest.mark.usefixtures("engine", "time")
def test_a_receipt_has_a_line_for_the_debt_with_the_rate_of_the_day(gateway: FakeGateway) -> None:
    receipt = body_of(payable_with(RECEIPTS), gateway)["receipt"]
    assert isinstance(receipt, dict)
    assert receipt["customer"] == {"email": "payer@mail.ru"}
    (line,) = receipt["items"]
    assert line["amount"] == {"value": "1542.30", "currency": "RUB"}
    assert (line["vat_code"], line["payment_subject"], line["payment_mode"]) == (11, "service", "full_payment")
    assert "tax_system_code" not in receipt


@pytest.mark.usefixtures("engine", "time")
def test_what_is_paid_above_the_debt_is_an_advance(gateway: FakeGateway) -> None:
    receipt = body_of(payable_with(RECEIPTS), gateway, own="2000")["receipt"]
    assert isinstance(receipt, dict)
    lines = [(line["amount"]["value"], line["vat_code"], line["payment_mode"]) for line in receipt["items"]]
    assert lines == [("1542.30", 11, "full_payment"), ((Money(2000_00) - DEBT).to_api(), 12, "advance")]


@pytest.mark.usefixtures("engine", "time")
def test_receipts_of_yookassa_go_to_e_mails_only(gateway: FakeGateway) -> None:
    payable = payable_with(RECEIPTS)
    for contact in ("", "+79161234567", "не адрес"):
        with pytest.raises(errors.ReceiptContactNeeded) as refusal:
            body_of(payable, gateway, contact=contact)
        assert refusal.value.field == "receipt_contact"


@pytest.mark.usefixtures("engine", "time")
def test_a_cash_register_takes_a_phone_and_the_tax_system(gateway: FakeGateway) -> None:
    terms = (replace(TERMS[1], tax_system_code=2),)
    shop = replace(RECEIPTS, receipts_mode=ReceiptsMode.REGISTER, terms=terms)
    receipt = body_of(payable_with(shop), gateway, contact="8 916 123-45-67")["receipt"]
    assert isinstance(receipt, dict)
    assert receipt["customer"] == {"phone": "79161234567"}
    assert receipt["tax_system_code"] == 2


@pytest.mark.usefixtures("engine", "time")
def test_without_rates_for_the_day_nothing_is_sent(gateway: FakeGateway) -> None:
    payable = payable_with(replace(RECEIPTS, terms=(Terms(date(2030, 1, 1), 11, 12),)))
    with pytest.raises(errors.PaymentUnavailable):
        body_of(payable, gateway)
