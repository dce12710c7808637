"""Starting a payment: one click, two clicks, ten tabs; sums, debts, other people's accounts."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import checkout, errors, repository, shops
from lkk_reflex.payments.models import PaymentStatus, Review
from lkk_reflex.settings import get_settings
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, make_bill, make_link, make_payable
from tests.payments.conftest import Desk


def test_a_payment_is_written_down_before_the_gateway_is_asked(desk: Desk) -> None:
    seen_by_gateway: list[PaymentStatus] = []
    desk.gateway.meanwhile = lambda: seen_by_gateway.extend(payment.status for payment in desk.payments())
    desk.pay()
    assert seen_by_gateway == [PaymentStatus.SENDING]


def test_the_payer_gets_the_address_of_the_gateways_page(desk: Desk) -> None:
    payment = desk.payment(desk.pay())
    assert payment.status is PaymentStatus.PENDING
    assert payment.confirmation_url == "https://bank.example/pay/1"
    assert payment.amount_kopecks == DEBT.kopecks


def test_the_request_says_what_the_rules_want(desk: Desk) -> None:
    payment = desk.payment(desk.pay())
    body = json.loads(payment.body)
    assert body["amount"] == {"value": "1542.30", "currency": "RUB"}
    assert body["capture"] is True
    assert body["metadata"] == {"payment_ref": payment.id}
    assert body["confirmation"]["return_url"] == f"{get_settings().public_url}/pay/return/{payment.id}"
    assert {"payment_method_data", "receipt", "payment_order"}.isdisjoint(body)


def test_the_second_click_finds_the_first_payment(desk: Desk) -> None:
    form = desk.payable.debt_form()
    assert desk.pay(form) == desk.pay(form)
    assert len(desk.gateway.payments) == 1


def test_ten_clicks_at_once_make_one_payment(desk: Desk) -> None:
    form, start = desk.payable.debt_form(), threading.Barrier(10)

    def click(_: int) -> str:
        start.wait()
        return desk.pay(form)

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(click, range(10)))
    assert len(ids) == len(desk.payments()) == len(desk.gateway.payments) == 1


def test_ten_tabs_at_once_make_one_payment(desk: Desk) -> None:
    start = threading.Barrier(10)

    def click(_: int) -> str:
        start.wait()
        return desk.pay(desk.payable.own_form("500"))

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(click, range(10)))
    assert len(ids) == len(desk.payments()) == len(desk.gateway.payments) == 1


def test_another_form_for_the_same_sum_leads_to_the_open_payment(desk: Desk) -> None:
    assert desk.pay() == desk.pay()
    assert len(desk.gateway.payments) == 1


def test_another_sum_is_another_payment(desk: Desk) -> None:
    assert desk.pay(desk.payable.own_form("100")) != desk.pay(desk.payable.own_form("200"))
    assert len(desk.gateway.payments) == 2


def test_a_dead_link_is_replaced_by_a_new_payment(desk: Desk) -> None:
    first = desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.time.advance(minutes=1)
    second = desk.pay()
    assert second != first
    assert desk.payment(first).status is PaymentStatus.CANCELED
    assert desk.payment(second).status is PaymentStatus.PENDING


def test_an_open_payment_that_has_just_been_paid_is_not_paid_again(desk: Desk) -> None:
    first = desk.pay(desk.payable.own_form("500"))
    desk.gateway.pay(desk.gateway.only_id())
    desk.time.advance(minutes=1)
    assert desk.pay(desk.payable.own_form("500")) == first
    assert desk.payment(first).status is PaymentStatus.SUCCEEDED


def test_a_payment_under_review_does_not_stand_in_the_way_of_another(desk: Desk) -> None:
    first = desk.pay()
    with unit_of_work() as session:
        payment = repository.lock_payment(session, first)
        assert payment
        payment.review, payment.is_offered = Review.MISMATCH, False
    assert desk.pay() != first


def test_a_debt_that_has_changed_since_it_was_shown_is_not_paid(desk: Desk) -> None:
    form = desk.payable.debt_form()
    with unit_of_work() as session:
        make_bill(session, desk.payable.account_id, Money(2000_00), period=202611)
    with pytest.raises(errors.DebtChanged) as refusal:
        desk.pay(form)
    assert "2\N{NARROW NO-BREAK SPACE}000,00" in refusal.value.message
    assert desk.payments() == []


def test_a_debt_already_paid_in_another_tab_is_not_paid_again(desk: Desk) -> None:
    stale = desk.payable.debt_form()
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    with pytest.raises(errors.NothingToPay):
        desk.pay(stale)


def test_an_account_without_bills_has_no_debt_to_choose(desk: Desk) -> None:
    with unit_of_work() as session:
        bare = make_payable(session, debt=None)
    with pytest.raises(errors.DebtUnknown):
        checkout.pay(bare.viewer, bare.debt_form(Money.zero()), desk.gateway.connect)
    checkout.pay(bare.viewer, bare.own_form("100"), desk.gateway.connect)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", errors.AmountUnreadable),
        ("сто", errors.AmountUnreadable),
        ("10,005", errors.AmountUnreadable),
        ("1e3", errors.AmountUnreadable),
        ("nan", errors.AmountUnreadable),
        ("-5", errors.AmountTooSmall),
        ("0", errors.AmountTooSmall),
        ("0,99", errors.AmountTooSmall),
        ("350000,01", errors.AmountTooLarge),
        ("9" * 39, errors.AmountUnreadable),
    ],
)
def test_a_sum_the_gateway_would_not_take_is_refused(desk: Desk, typed: str, refusal: type[PortalError]) -> None:
    with pytest.raises(refusal) as refused:
        desk.pay(desk.payable.own_form(typed))
    assert refused.value.field == "amount"
    assert refused.value.message
    assert desk.payments() == []


@pytest.mark.parametrize(("typed", "kopecks"), [("1", 100), ("350 000,00 ₽", 35_000_000), ("1 542.3", 154_230)])
def test_a_sum_is_read_as_people_write_it(desk: Desk, typed: str, kopecks: int) -> None:
    assert desk.payment(desk.pay(desk.payable.own_form(typed))).amount_kopecks == kopecks


def test_a_form_that_was_sent_with_another_sum_says_so(desk: Desk) -> None:
    form = desk.payable.own_form("100")
    desk.pay(form)
    with pytest.raises(errors.FormAlreadySent):
        desk.pay(replace(form, amount_text="200"))
    assert len(desk.payments()) == 1


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(role=Role.OPERATOR), Viewer.system()])
def test_only_a_signed_in_subscriber_pays(desk: Desk, viewer: Viewer) -> None:
    with pytest.raises(SignInRequired):
        checkout.pay(viewer, desk.payable.debt_form(), desk.gateway.connect)
    assert desk.payments() == []


def test_an_account_of_somebody_else_cannot_be_paid(desk: Desk) -> None:
    with unit_of_work() as session:
        stranger = make_viewer(session)
    with pytest.raises(Forbidden):
        checkout.pay(stranger, desk.payable.debt_form(), desk.gateway.connect)
    assert desk.payments() == []


def test_a_form_of_somebody_else_gives_nothing_away(desk: Desk) -> None:
    form = desk.payable.debt_form()
    desk.pay(form)
    with unit_of_work() as session:
        neighbour = make_viewer(session)
        link_id = make_link(session, neighbour, desk.payable.account_id)
    with pytest.raises(Forbidden):
        checkout.pay(neighbour, replace(form, link_id=link_id), desk.gateway.connect)


@pytest.mark.parametrize("intent", ["", "short", "x" * 65, "пробел и кириллица здесь"])
def test_an_intent_that_the_portal_did_not_make_is_refused(desk: Desk, intent: str) -> None:
    with pytest.raises(Forbidden):
        desk.pay(replace(desk.payable.debt_form(), intent_id=intent))


def test_a_provider_without_a_working_shop_takes_no_payment(desk: Desk) -> None:
    with unit_of_work() as session:
        shop = repository.shop_by_gateway_id(session, desk.payable.gateway_id)
        assert shop
        shops.stop_shop(shop, "HTTP 401")
    with pytest.raises(errors.PaymentUnavailable):
        desk.pay()
