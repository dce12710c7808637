"""What is owed, by when, and the words for it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_date
from babel.plural import PluralRule

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_RUSSIAN_PLURAL = PluralRule(
    {
        "one": "v = 0 and i % 10 = 1 and i % 100 != 11",
        "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
    }
)


@dataclass(frozen=True, slots=True)
class DueRule:
    """From which period on a bill is due by which day of the next month."""

    valid_from: BillingPeriod
    day: int


#: ЖК РФ ст. 155 ч. 1: the 10th, and since 1 March 2026 (ФЗ 177 of 24.06.2025) the 15th. Sources disagree about the
#: bill of February 2026; it is taken by the new rule, which is kinder to the subscriber. Days off move nothing here.
DUE_RULES = (DueRule(BillingPeriod(1990, 1), 10), DueRule(BillingPeriod(2026, 2), 15))


class BalanceKind(StrEnum):
    """How an account stands today."""

    UNKNOWN = "unknown"  # no bill has come yet
    CLEAR = "clear"
    OVERPAID = "overpaid"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Balance:
    """How an account stands and the sentence that says so."""

    kind: BalanceKind
    text: str


def due_date(period: BillingPeriod, own_day: int | None = None) -> date:
    """Return the last day for paying the bill of a period.

    `own_day` is the day (1 to 28) of the provider's contracts where ЖК РФ ст. 155 does not decide, as for gas.
    """
    statutory = max((rule for rule in DUE_RULES if rule.valid_from <= period), key=lambda rule: rule.valid_from)
    return period.shifted(1).first_day.replace(day=own_day or statutory.day)


def amount_due(closing: Money, credited_after: Money) -> Money:
    """Return what is to be paid now: the bill less the payments that the bill does not yet know."""
    return closing - credited_after


def debt_of_earlier_periods(opening: Money, paid: Money, credited_after: Money) -> Money:
    """Return which part of the debt is older than the bill: payments cover the oldest debt first."""
    return max(Money.zero(), opening - paid - credited_after)


def balance(due: Money | None, due_on: date | None, today: date) -> Balance:
    """Say how an account stands on a day; without a bill (`None`) nothing is known."""
    if due is None or due_on is None:
        return Balance(BalanceKind.UNKNOWN, "Начислений пока нет")
    if not due:
        return Balance(BalanceKind.CLEAR, "Всё оплачено")
    if due < Money.zero():
        return Balance(BalanceKind.OVERPAID, "Переплата — спишем в счёт следующих начислений")
    if today > due_on:
        return Balance(BalanceKind.OVERDUE, f"Просрочено {days((today - due_on).days)}")
    return Balance(BalanceKind.DUE, f"К оплате до {day_and_month(due_on, today)}")


def days(count: int) -> str:
    """Return `1 день`, `2 дня`, `5 дней`."""
    return f"{count}\N{NO-BREAK SPACE}{plural(count, 'день', 'дня', 'дней')}"


def days_left(count: int) -> str:
    """Return `остался 21 день`, `осталось 2 дня`, and `сегодня последний день` for none."""
    return f"{plural(count, 'остался', 'осталось', 'осталось')} {days(count)}" if count else "сегодня последний день"


def plural(count: int, one: str, few: str, many: str) -> str:
    """Choose the form of a Russian noun that goes with a whole number."""
    return {"one": one, "few": few}.get(_RUSSIAN_PLURAL(count), many)


def day_and_month(day: date, today: date) -> str:
    """Return `15 декабря`, and the year too when it is another one."""
    pattern = "d MMMM" if day.year == today.year else "d MMMM y"
    return format_date(day, pattern, locale="ru")
