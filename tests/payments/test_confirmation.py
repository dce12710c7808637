"""Applying an answer: what is credited, what is not, and that it is credited once."""

from contextlib import suppress

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import confirmation, repository
from lkk_reflex.payments.balance import credited_after
from lkk_reflex.payments.gateways.base import GatewayPayment
from lkk_reflex.payments.models import LedgerEntry, Payment, PaymentExport, PaymentStatus, Review
from tests.factories.payments import DEBT, make_payment, object_id, seen_of
from tests.payments.conftest import Desk

PAID = {"status": "succeeded", "is_paid": True}


@pytest.fixture
def payment(desk: Desk) -> Payment:
    with unit_of_work() as session:
        return make_payment(session, desk.payable)


@pytest.fixture
def apply(desk: Desk, payment: Payment) -> "Apply":
    return Apply(desk, payment)


class Apply:
    """Applies an answer of the gateway with some fields changed, and returns the payment afterwards."""

    def __init__(self, desk: Desk, payment: Payment) -> None:
        self.desk, self.payment = desk, payment

    def __call__(self, **changes: object) -> Payment:
        with unit_of_work() as session:
            self.within(session, **changes)
        return self.desk.payment(self.payment.id)

    def within(self, session: Session, **changes: object) -> None:
        locked = repository.lock_payment(session, self.payment.id)
        assert locked
        confirmation.apply(session, locked, self.seen(**changes))

    def seen(self, **changes: object) -> GatewayPayment:
        return seen_of(self.payment, self.desk.payable.gateway_id, **changes)


def test_a_paid_payment_is_credited_with_its_line_for_the_company(apply: Apply, desk: Desk) -> None:
    paid = apply(**PAID)
    assert paid.status is PaymentStatus.SUCCEEDED
    assert paid.final_at == desk.time()
    (line,) = desk.ledger()
    assert (line.account_id, line.kopecks, line.payment_id) == (paid.account_id, DEBT.kopecks, paid.id)
    with reading() as session:
        assert len(session.exec(select(PaymentExport)).all()) == 1


def test_the_same_answer_a_second_time_changes_nothing(apply: Apply, desk: Desk) -> None:
    first = apply(**PAID)
    desk.time.advance(hours=1)
    assert apply(**PAID) == first
    assert len(desk.ledger()) == 1
    with reading() as session:
        assert len(session.exec(select(PaymentExport)).all()) == 1


def test_what_is_credited_is_the_amount(apply: Apply, desk: Desk) -> None:
    apply(**PAID, raw='{"income_amount": {"value": "1500.00"}}')
    assert [line.kopecks for line in desk.ledger()] == [DEBT.kopecks]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"amount": Money(DEBT.kopecks - 1)}, "amount"),
        ({"amount": Money(DEBT.kopecks + 1)}, "amount"),
        ({"currency": "USD"}, "amount"),
        ({"id": object_id()}, "id"),
        ({"payment_ref": "somebody-else"}, "payment_ref"),
        ({"payment_ref": ""}, "payment_ref"),
        ({"recipient": "999999"}, "shop"),
        ({"is_test": False}, "test"),
        ({"is_test": None}, "test"),
        ({"is_paid": False}, "paid"),
    ],
)
def test_whatever_does_not_fit_moves_no_money(
    apply: Apply, desk: Desk, changes: dict[str, object], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    payment = apply(**(PAID | changes))
    assert payment.review is Review.MISMATCH
    assert payment.review_note == what
    assert payment.status is PaymentStatus.PENDING
    assert payment.next_check_at is None
    assert desk.ledger() == []
    assert "ALARM" in caplog.text


def test_after_a_mismatch_even_a_fitting_answer_waits_for_a_person(apply: Apply, desk: Desk) -> None:
    apply(**PAID, amount=Money(1_00))
    assert apply(**PAID).status is PaymentStatus.PENDING
    assert desk.ledger() == []


def test_an_answer_that_does_not_name_the_shop_is_good(apply: Apply) -> None:
    assert apply(**PAID, recipient=None).status is PaymentStatus.SUCCEEDED


def test_a_canceled_payment_keeps_its_reason(apply: Apply, desk: Desk) -> None:
    payment = apply(status="canceled", cancel_party="payment_network", cancel_reason="insufficient_funds")
    assert payment.status is PaymentStatus.CANCELED
    assert (payment.cancel_party, payment.cancel_reason) == ("payment_network", "insufficient_funds")
    assert payment.next_check_at is None
    assert desk.ledger() == []


@pytest.mark.parametrize(("first", "then"), [("canceled", "succeeded"), ("succeeded", "canceled")])
def test_a_final_state_that_changes_goes_to_review(apply: Apply, desk: Desk, first: str, then: str) -> None:
    is_first_paid = first == "succeeded"
    apply(status=first, is_paid=is_first_paid)
    payment = apply(status=then, is_paid=not is_first_paid)
    assert payment.status == first
    assert payment.review is Review.FINAL_CHANGED
    assert len(desk.ledger()) == is_first_paid


def test_an_answer_from_the_past_does_not_bring_a_payment_back(apply: Apply) -> None:
    apply(**PAID)
    payment = apply(status="pending")
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.review is None


def test_a_state_we_have_never_heard_of_is_asked_about_again(apply: Apply, desk: Desk) -> None:
    payment = apply(status="on_the_moon")
    assert payment.status is PaymentStatus.PENDING
    assert payment.next_check_at
    assert payment.next_check_at > desk.time()


def test_a_held_payment_raises_an_alarm_and_is_credited_after_the_capture(apply: Apply, desk: Desk) -> None:
    held = apply(status="waiting_for_capture", is_paid=True)
    assert (held.status, held.review) == (PaymentStatus.WAITING_FOR_CAPTURE, Review.HELD)
    assert held.next_check_at is not None
    captured = apply(**PAID)
    assert (captured.status, captured.review) == (PaymentStatus.SUCCEEDED, None)
    assert len(desk.ledger()) == 1


def test_a_line_of_the_ledger_cannot_be_changed_or_removed(apply: Apply) -> None:
    apply(**PAID)
    with pytest.raises(RuntimeError, match="append-only"), unit_of_work() as session:
        session.exec(select(LedgerEntry)).one().kopecks = 1
    with pytest.raises(RuntimeError, match="append-only"), unit_of_work() as session:
        session.delete(session.exec(select(LedgerEntry)).one())


def test_without_the_lock_the_constraint_alone_stops_a_second_credit(apply: Apply, desk: Desk) -> None:
    """The twin of the lock: a row read before somebody else credited it."""
    with reading() as session:
        stale = session.get_one(Payment, apply.payment.id)
    apply(**PAID)
    with pytest.raises(IntegrityError) as refusal, unit_of_work() as session:
        repository.credit(session, stale, desk.time())
    assert repository.is_already_credited(refusal.value)
    assert len(desk.ledger()) == 1


def test_an_error_after_the_credit_undoes_the_state_too(apply: Apply, desk: Desk) -> None:
    with suppress(ZeroDivisionError), unit_of_work() as session:
        apply.within(session, **PAID)
        raise ZeroDivisionError
    assert desk.ledger() == []
    assert desk.payment(apply.payment.id).status is PaymentStatus.PENDING


def test_only_what_came_later_than_the_bill_counts(apply: Apply, desk: Desk) -> None:
    before = desk.time()
    desk.time.advance(hours=1)
    apply(**PAID)
    account = desk.payable.account_id
    with reading() as session:
        assert credited_after(session, {account: before}) == {account: DEBT.kopecks}
        assert credited_after(session, {account: desk.time()}) == {account: 0}
        assert credited_after(session, {}) == {}
