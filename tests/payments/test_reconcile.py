"""The daily comparison, the invariants and the alarms."""

import pytest
from sqlalchemy import text

from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import alarms, reconcile
from lkk_reflex.payments.gateways.base import Gateway, ShopAccess, Unknown
from lkk_reflex.payments.invariants import Report, verify
from lkk_reflex.payments.models import GatewayEvent, PaymentStatus, Review
from tests.factories.payments import make_payable, make_payment, object_id, seen_of
from tests.payments.conftest import Desk


def differences(desk: Desk) -> list[str]:
    return [difference.what for difference in reconcile.reconcile(desk.gateway.connect)]


def report() -> Report:
    with reading() as session:
        return verify(session)


def alarm(desk: Desk) -> int:
    with reading() as session:
        return alarms.report(session)


def test_books_that_agree_make_no_difference(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.pay(desk.payable.own_form("5"))
    assert differences(desk) == []


def test_what_was_paid_and_missed_is_credited_and_reported(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    assert differences(desk) == ["was paid and not credited; credited now"]
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert len(desk.ledger()) == 1
    assert "ALARM" in caplog.text
    assert differences(desk) == []


def test_money_without_a_payment_of_ours_is_reported(desk: Desk) -> None:
    payment_id = desk.pay()
    payment = desk.payment(payment_id)
    foreign = seen_of(payment, desk.payable.gateway_id, id=object_id(), payment_ref="", status="succeeded")
    desk.gateway.payments[foreign.id] = foreign
    assert differences(desk) == ["paid 1542.30, and no payment of ours"]


def test_a_credit_the_gateway_does_not_know_is_reported(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.gateway.payments.clear()
    assert differences(desk) == ["is credited, the gateway does not list it"]


def test_a_canceled_payment_that_the_gateway_calls_paid_goes_to_a_person(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.gateway.pay(desk.gateway.only_id())
    assert differences(desk) == ["is paid and cannot be credited"]
    assert desk.payment(payment_id).review is Review.FINAL_CHANGED
    assert desk.ledger() == []


def test_another_sum_at_the_gateway_is_reported(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.gateway.change(desk.gateway.only_id(), amount=Money(1_00))
    assert len(differences(desk)) == 1
    assert len(desk.ledger()) == 1


def test_a_shop_that_does_not_answer_stops_no_other(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    with unit_of_work() as session:
        silent = make_payable(session).gateway_id

    def connect(access: ShopAccess) -> Gateway:
        if access.gateway_id == silent:
            raise Unknown("ReadTimeout")
        return desk.gateway.connect(access)

    found = reconcile.reconcile(connect)
    assert {difference.shop for difference in found} == {desk.payable.gateway_id, silent}
    assert len(desk.ledger()) == 1


def test_a_sound_ledger_breaks_no_invariant(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    found = report()
    assert found.breaches == ()
    assert (found.lines, found.total_kopecks) == (1, 154230)


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ("UPDATE payment SET status = 'pending', final_at = NULL", "I1"),
        ("UPDATE payment SET amount_kopecks = 1", "I1"),
        ("DELETE FROM payment_export", "I4"),
        ("UPDATE payment SET final_at = NULL", "I5"),
        ("UPDATE payment SET status = 'pending'", "I5"),
    ],
)
def test_a_broken_invariant_is_found(desk: Desk, change: str, invariant: str) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    with unit_of_work() as session:
        session.connection().execute(text(change))
    assert invariant in {breach.invariant for breach in report().breaches}


def test_a_paid_payment_outside_the_ledger_is_found(desk: Desk) -> None:
    with unit_of_work() as session:
        make_payment(session, desk.payable, status=PaymentStatus.SUCCEEDED, final_at=desk.time())
    assert [breach.invariant for breach in report().breaches] == ["I1"]


def test_a_payment_that_waits_too_long_is_named(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    payment_id = desk.pay()
    assert alarm(desk) == 0
    desk.time.advance(hours=3)
    assert alarm(desk) == 1
    assert payment_id in caplog.text


def test_a_shop_whose_notifications_do_not_come_is_named(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.time.advance(minutes=30)
    assert alarm(desk) == 1
    assert desk.payable.gateway_id in caplog.text
    desk.time.advance(hours=2)
    assert alarm(desk) == 0
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


def test_a_shop_whose_notifications_come_is_not_named(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    payment = desk.payment(payment_id)
    with unit_of_work() as session:
        session.add(
            GatewayEvent(
                shop_id=payment.shop_id,
                event="payment.succeeded",
                object_id=payment.provider_id or "",
                raw="{}",
                received_at=desk.time(),
            )
        )
    desk.time.advance(minutes=30)
    assert alarm(desk) == 0
