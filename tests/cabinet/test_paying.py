"""What the pay page offers, and how a form becomes a payment."""

import pytest

from lkk_reflex.cabinet import paying
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import AmountChoice
from lkk_reflex.payments.errors import DebtChanged
from lkk_reflex.payments.models import ReceiptsMode, Shop
from lkk_reflex.payments.repository import shop_by_gateway_id
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, make_bill, make_link, make_payable
from tests.support.pay_desk import PayRoom


def offered(room: PayRoom, viewer: Viewer | None = None) -> paying.Offer:
    with reading() as session:
        return paying.offer(session, viewer or room.payable.viewer, link_id=room.payable.link_id)


def change_shop(room: PayRoom, **fields: object) -> None:
    with unit_of_work() as session:
        shop = shop_by_gateway_id(session, room.payable.gateway_id)
        assert isinstance(shop, Shop)
        for name, value in fields.items():
            setattr(shop, name, value)


def test_debt_is_offered_with_its_period(room: PayRoom) -> None:
    offer = offered(room)
    assert offer.desk.debt == str(DEBT)
    assert offer.desk.debt_note == "за октябрь 2026"
    assert offer.debt_kopecks == DEBT.kopecks
    assert (offer.desk.debt_missing, offer.desk.unavailable, offer.desk.contact_label) == ("", "", "")


def test_limits_are_said_without_needless_kopecks(room: PayRoom) -> None:
    assert offered(room).desk.limits.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ") == (
        "От 1 ₽ до 350 000 ₽"
    )


@pytest.mark.parametrize(
    ("debt", "words"),
    [(Money(0), "Долга нет, можно пополнить."), (Money(-120_00), "переплата 120,00"), (None, "пока нет")],
)
def test_without_a_debt_the_page_says_why_and_offers_none(room: PayRoom, debt: Money | None, words: str) -> None:
    with unit_of_work() as session:
        other = make_payable(session, debt=debt)
    with reading() as session:
        offer = paying.offer(session, other.viewer, link_id=other.link_id)
    assert offer.debt_kopecks == 0
    assert offer.desk.debt == ""
    assert words in offer.desk.debt_missing


def test_paid_debt_is_no_longer_offered(room: PayRoom) -> None:
    checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.pay_at_the_bank()
    assert offered(room).desk.debt == ""


def test_payer_is_warned_until_the_end_of_the_last_payment_is_known(room: PayRoom) -> None:
    assert offered(room).desk.unfinished == ""
    payment_id = checkout.pay(room.payable.viewer, room.payable.own_form("100"))
    desk = offered(room).desk
    assert (desk.unfinished, desk.unfinished_href) == (
        f"Платёж на {Money(100_00)} ещё не завершён",
        f"/pay/return/{payment_id}",
    )
    room.pay_at_the_bank()
    assert offered(room).desk.unfinished == ""


def test_nobody_is_warned_of_the_payment_of_another_person(room: PayRoom) -> None:
    with unit_of_work() as session:
        neighbour = make_viewer(session)
        link_id = make_link(session, neighbour, room.payable.account_id)
    checkout.pay(room.payable.viewer, room.payable.own_form("100"))
    with reading() as session:
        assert paying.offer(session, neighbour, link_id=link_id).desk.unfinished == ""


def test_provider_without_a_working_shop_is_said_to_be_unavailable(room: PayRoom) -> None:
    change_shop(room, is_enabled=False)
    assert "недоступна" in offered(room).desk.unavailable


@pytest.mark.parametrize(("mode", "word"), [(ReceiptsMode.YOOKASSA, "почта"), (ReceiptsMode.REGISTER, "телефон")])
def test_contact_is_asked_for_only_where_there_are_fiscal_receipts(
    room: PayRoom, mode: ReceiptsMode, word: str
) -> None:
    assert offered(room).desk.contact_label == ""
    change_shop(room, receipts_mode=mode)
    assert word in offered(room).desk.contact_label


def test_stranger_is_offered_nothing(room: PayRoom) -> None:
    with pytest.raises(Forbidden):
        offered(room, room.stranger)
    with pytest.raises(SignInRequired):
        offered(room, Viewer())


@pytest.mark.parametrize(
    ("typed", "total"), [("100", "100,00"), ("100,5", "100,50"), ("1 542.30", "1 542,30"), ("", "")]
)
def test_typed_sum_is_read_as_people_write_it(typed: str, total: str) -> None:
    shown, error = paying.typed_sum(typed)
    assert error == ""
    assert shown.removesuffix("\xa0₽").replace("\N{NARROW NO-BREAK SPACE}", " ") == total


@pytest.mark.parametrize("typed", ["0,99", "350 000,01", "сто", "1e5", "1,234", "-5", "9" * 10_000])
def test_sum_that_cannot_be_paid_is_refused_in_words(typed: str) -> None:
    shown, error = paying.typed_sum(typed)
    assert shown == ""
    assert error.endswith(".")


@pytest.mark.parametrize("fields", [None, 7, [], "text", {}, {"kind": 1, "amount": {"a": 1}, "receipt_contact": []}])
def test_form_of_anything_is_a_form_that_is_not_filled_in(fields: object) -> None:
    form = paying.read_form(fields, intent_id="i", link_id="l", debt_kopecks=5)
    assert (form.choice, form.amount_text, form.receipt_contact) == (AmountChoice.DEBT, "", "")
    assert (form.intent_id, form.link_id, form.debt_shown) == ("i", "l", 5)


def test_form_takes_intent_account_and_debt_from_the_server_only() -> None:
    sent = {"kind": "own", "amount": " 5 ", "intent_id": "x", "link_id": "y", "debt_shown": "1", "debt_kopecks": 1}
    form = paying.read_form(sent, intent_id="i", link_id="l", debt_kopecks=5)
    assert (form.choice, form.amount_text) == (AmountChoice.OWN, "5")
    assert (form.intent_id, form.link_id, form.debt_shown) == ("i", "l", 5)


def test_payment_after_payment_is_slowed_down(room: PayRoom) -> None:
    (limit,) = paying.LIMITS
    for number in range(limit.amount):
        with unit_of_work() as session:
            paying.begin(session, room.payable.viewer, form=room.payable.own_form(f"{number + 1}"))
    with pytest.raises(TooManyAttempts), unit_of_work() as session:
        paying.begin(session, room.payable.viewer, form=room.payable.own_form("100"))
    assert len(room.payments()) == limit.amount


def test_refused_forms_do_not_count_as_payments(room: PayRoom) -> None:
    (limit,) = paying.LIMITS
    for _ in range(limit.amount + 1):
        with pytest.raises(DebtChanged), unit_of_work() as session:
            paying.begin(session, room.payable.viewer, form=room.payable.debt_form(Money(1)))


def test_payer_goes_to_the_gateway_once_its_page_is_known(room: PayRoom) -> None:
    with unit_of_work() as session:
        payment_id = paying.begin(session, room.payable.viewer, form=room.payable.debt_form())
    with reading() as session:
        assert paying.way_on(session, room.payable.viewer, payment_id=payment_id) == f"/pay/return/{payment_id}"
    checkout.pay(room.payable.viewer, room.payable.debt_form())
    with reading() as session:
        assert paying.way_on(session, room.payable.viewer, payment_id=payment_id) == "https://bank.example/pay/1"
        with pytest.raises(Forbidden):
            paying.way_on(session, room.stranger, payment_id=payment_id)


def test_new_bill_makes_the_debt_of_the_page_out_of_date(room: PayRoom) -> None:
    shown = offered(room)
    with unit_of_work() as session:
        make_bill(session, room.payable.account_id, Money(2000_00), period=202611)
    assert offered(room).debt_kopecks == 2000_00
    form = paying.read_form({}, intent_id="i" * 32, link_id=room.payable.link_id, debt_kopecks=shown.debt_kopecks)
    with pytest.raises(DebtChanged), unit_of_work() as session:
        paying.begin(session, room.payable.viewer, form=form)
