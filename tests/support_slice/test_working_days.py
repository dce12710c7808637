"""Working days, and how soon an answer is promised."""

from datetime import date

import pytest

from lkk_reflex.support.models import Topic
from lkk_reflex.support.rules import Term, working_days_for
from lkk_reflex.support.working_days import after_working_days, is_working

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 11, 22), False),
        (date(2026, 11, 4), False),  # the Day of Unity, a Wednesday
        (date(2026, 3, 9), False),  # a Monday in place of Sunday, 8 March
        (date(2026, 3, 10), True),
        (date(2026, 5, 1), False),
        (date(2026, 5, 11), False),  # a Monday in place of Saturday, 9 May
        (date(2026, 5, 12), True),
        (date(2026, 1, 8), False),
        (date(2026, 1, 9), False),  # moved by the decree
        (date(2026, 1, 12), True),
        (date(2026, 12, 31), False),  # moved by the decree
        (date(2027, 1, 8), False),
        (date(2027, 1, 11), True),  # the holidays of January are moved by a decree only
        (date(2027, 5, 3), False),  # a Monday in place of Saturday, 1 May
        (date(2027, 5, 10), False),  # a Monday in place of Sunday, 9 May
        (date(2027, 6, 14), False),
    ],
)
def test_working_day_is_told_by_the_labour_code_and_the_decree(day: date, *, works: bool) -> None:
    assert is_working(day) is works


def test_year_2026_has_as_many_working_days_as_its_official_calendar() -> None:
    assert (
        sum(
            is_working(date.fromordinal(day))
            for day in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
        )
        == 247
    )


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2026, 11, 22), 10, date(2026, 12, 4)),  # from a Sunday
        (date(2026, 11, 20), 10, date(2026, 12, 4)),
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 12, 28), 3, date(2027, 1, 11)),  # over the New Year
    ],
)
def test_day_of_the_question_does_not_count(start: date, days: int, last: date) -> None:
    assert after_working_days(start, days) == last


@pytest.mark.parametrize("days", [0, -3])
def test_no_answer_is_promised_for_the_past(days: int) -> None:
    with pytest.raises(ValueError, match="working day"):
        after_working_days(TODAY, days)


def term(days: int, provider_id: int | None = None, topic: Topic | None = None, since: date = TODAY) -> Term:
    return Term(provider_id, topic, since, days)


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        ([], 10),
        ([term(7)], 7),
        ([term(7), term(5, provider_id=1)], 5),
        ([term(7), term(6, topic=Topic.CHARGES)], 6),
        ([term(5, provider_id=1), term(6, topic=Topic.CHARGES)], 5),
        ([term(5, provider_id=1), term(3, provider_id=1, topic=Topic.CHARGES)], 3),
        ([term(4, provider_id=2), term(4, topic=Topic.METER)], 10),
        ([term(7, since=date(2026, 11, 23))], 10),
        ([term(7, since=date(2026, 1, 1)), term(8, since=date(2026, 6, 1))], 8),
    ],
)
def test_most_particular_and_newest_term_decides(terms: list[Term], days: int) -> None:
    assert working_days_for(terms, provider_id=1, topic=Topic.CHARGES, on=TODAY) == days
