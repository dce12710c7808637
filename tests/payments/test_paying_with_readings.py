"""The third choice of the pay form: the debt and what the readings just given will cost."""

import json
from dataclasses import replace

import pytest

from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments.checkout import AmountChoice, PayForm, new_intent
from lkk_reflex.payments.errors import AmountTooLarge, DebtChanged, FormAlreadySent, NothingToPay
from tests.factories.payments import DEBT, make_payable
from tests.payments.conftest import Desk

ESTIMATE = Money(412_30)


def form(link_id: str, *, shown: Money = DEBT + ESTIMATE, estimate: Money = ESTIMATE) -> PayForm:
    """The form as the pay page makes it."""
    return PayForm(
        new_intent(),
        link_id,
        AmountChoice.WITH_READINGS,
        debt_shown=shown.kopecks,
        estimate=estimate.kopecks,
    )


def test_debt_and_estimate_are_paid_together(desk: Desk) -> None:
    payment = desk.payment(desk.pay(form(desk.payable.link_id)))
    assert payment.amount_kopecks == 1954_60
    assert json.loads(payment.body)["amount"]["value"] == "1954.60"


def test_second_click_finds_the_first_payment(desk: Desk) -> None:
    sent = form(desk.payable.link_id)
    assert desk.pay(sent) == desk.pay(sent)


@pytest.mark.parametrize("shown", [DEBT, ESTIMATE, DEBT + ESTIMATE + Money(1)])
def test_another_sum_than_the_shown_one_is_never_paid(desk: Desk, shown: Money) -> None:
    with pytest.raises(DebtChanged) as refusal:
        desk.pay(form(desk.payable.link_id, shown=shown))
    assert str(DEBT + ESTIMATE) in refusal.value.message
    assert desk.payments() == []


@pytest.mark.parametrize(("debt", "to_pay"), [(None, ESTIMATE), (Money(0), ESTIMATE), (Money(-100_00), Money(312_30))])
def test_without_a_debt_the_estimate_is_paid_less_what_was_overpaid(
    desk: Desk, debt: Money | None, to_pay: Money
) -> None:
    with unit_of_work() as session:
        other = make_payable(session, debt=debt)
    other_desk = replace(desk, payable=other)
    payment = other_desk.payment(other_desk.pay(form(other.link_id, shown=to_pay)))
    assert payment.amount_kopecks == to_pay.kopecks


def test_overpayment_larger_than_the_estimate_leaves_nothing_to_pay(desk: Desk) -> None:
    with unit_of_work() as session:
        other = make_payable(session, debt=-ESTIMATE)
    with pytest.raises(NothingToPay):
        replace(desk, payable=other).pay(form(other.link_id, shown=Money(0)))


def test_limit_of_one_payment_holds(desk: Desk) -> None:
    huge = Money(400_000_00)
    with pytest.raises(AmountTooLarge):
        desk.pay(form(desk.payable.link_id, shown=DEBT + huge, estimate=huge))


def test_same_form_with_other_readings_is_not_paid_twice(desk: Desk) -> None:
    sent = form(desk.payable.link_id)
    desk.pay(sent)
    with pytest.raises(FormAlreadySent):
        desk.pay(replace(sent, debt_shown=sent.debt_shown + 1, estimate=sent.estimate + 1))
    assert len(desk.payments()) == 1
