"""What is owed, by when, and in which words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts import rules
from lkk_reflex.accounts.rules import BalanceKind, balance
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("period", "due"),
    [
        (BillingPeriod(2026, 1), date(2026, 2, 10)),
        (BillingPeriod(2026, 2), date(2026, 3, 15)),
        (BillingPeriod(2026, 10), date(2026, 11, 15)),
        (BillingPeriod(2026, 12), date(2027, 1, 15)),
    ],
)
def test_a_bill_is_due_by_the_day_of_the_law_of_its_time(period: BillingPeriod, due: date) -> None:
    assert rules.due_date(period) == due


def test_a_provider_s_own_day_comes_before_the_law() -> None:
    assert rules.due_date(BillingPeriod(2026, 1), 28) == date(2026, 2, 28)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_what_is_paid_and_what_is_left_make_up_the_bill(closing: int, credited: int) -> None:
    left = rules.amount_due(Money(closing), Money(credited))
    assert left + Money(credited) == Money(closing)


@pytest.mark.parametrize(
    ("opening", "paid", "credited", "old"),
    [(50000, 0, 0, 50000), (50000, 20000, 0, 30000), (50000, 20000, 40000, 0), (-100, 0, 0, 0)],
)
def test_payments_cover_the_oldest_debt_first(opening: int, paid: int, credited: int, old: int) -> None:
    assert rules.debt_of_earlier_periods(Money(opening), Money(paid), Money(credited)) == Money(old)


@pytest.mark.parametrize(
    ("kopecks", "due_on", "kind", "text"),
    [
        (None, None, BalanceKind.UNKNOWN, "Начислений пока нет"),
        (0, date(2026, 12, 15), BalanceKind.CLEAR, "Всё оплачено"),
        (-100, date(2026, 12, 15), BalanceKind.OVERPAID, "Переплата — спишем в счёт следующих начислений"),
        (100, date(2026, 12, 15), BalanceKind.DUE, "К оплате до 15 декабря"),
        (100, date(2027, 1, 15), BalanceKind.DUE, "К оплате до 15 января 2027"),
        (100, date(2026, 12, 1), BalanceKind.DUE, "К оплате до 1 декабря"),
        (100, date(2026, 11, 29), BalanceKind.OVERDUE, "Просрочено 2\u00a0дня"),
        (100, date(2026, 11, 30), BalanceKind.OVERDUE, "Просрочено 1\u00a0день"),
        (100, date(2026, 11, 20), BalanceKind.OVERDUE, "Просрочено 11\u00a0дней"),
    ],
)
def test_the_state_of_an_account_is_said_in_words(
    kopecks: int | None, due_on: date | None, kind: BalanceKind, text: str
) -> None:
    due = None if kopecks is None else Money(kopecks)
    assert balance(due, due_on, TODAY) == rules.Balance(kind, text)
