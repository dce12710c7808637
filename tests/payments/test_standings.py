"""What has been credited and what may still be, for many accounts in one query."""

from datetime import timedelta

from sqlalchemy import Engine, event

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments.balance import Standing, standings
from lkk_reflex.payments.watch import Asker
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, make_payment
from tests.payments.conftest import Desk


def standing_of(desk: Desk, viewer: Viewer | None = None, *, has_bill: bool = True) -> Standing:
    account_id = desk.payable.account_id
    moments = {account_id: clock.now() - timedelta(hours=1)} if has_bill else {}
    with reading() as session:
        return standings(session, viewer or desk.payable.viewer, [account_id], moments)[account_id]


def test_account_without_payments_has_neither(desk: Desk) -> None:
    assert standing_of(desk) == Standing()


def test_open_payment_is_told_until_it_ends(desk: Desk) -> None:
    payment_id = desk.pay()
    unfinished = standing_of(desk).unfinished
    assert unfinished is not None
    assert (unfinished.payment_id, unfinished.amount) == (payment_id, DEBT)
    assert standing_of(desk, has_bill=False).unfinished == unfinished
    desk.gateway.cancel(desk.gateway.only_id())
    desk.advance(payment_id, Asker.NOTIFICATION)
    assert standing_of(desk) == Standing()


def test_credit_and_open_payment_stand_side_by_side(desk: Desk) -> None:
    paid = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.advance(paid)
    desk.pay(desk.payable.own_form("100"))
    standing = standing_of(desk)
    assert standing.credited_kopecks == DEBT.kopecks
    assert standing.unfinished is not None
    assert standing.unfinished.amount == Money(100_00)


def test_nobody_hears_of_the_open_payment_of_another_person(desk: Desk) -> None:
    desk.pay()
    with unit_of_work() as session:
        other = make_viewer(session)
    assert standing_of(desk, other) == Standing()


def test_many_accounts_take_one_query(desk: Desk, engine: Engine) -> None:
    with unit_of_work() as session:
        make_payment(session, desk.payable)
    asked: list[str] = []
    with reading() as session:
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        account_ids = [desk.payable.account_id, 999]
        found = standings(session, desk.payable.viewer, account_ids, dict.fromkeys(account_ids, clock.now()))
    assert (sorted(found), len([sql for sql in asked if "SELECT" in sql])) == (sorted(account_ids), 1)
