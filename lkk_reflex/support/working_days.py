"""Working days of Russia: by the Labour Code, and by the decrees that move days off in single years."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

#: ТК РФ ст. 112: holidays of every year, as (month, day). Those from 1 to 8 January are never moved by themselves.
_HOLIDAYS: Final = frozenset(
    {*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)},
)
#: Days off and, with True, Saturdays of work that a decree of the Government has made of other days.
_MOVED: Final[Mapping[date, bool]] = {
    # The decree of 24.09.2025 on days off in 2026: 3 January to 9 January, 4 January to 31 December.
    date(2026, 1, 9): False,
    date(2026, 12, 31): False,
}
_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


def is_working(day: date) -> bool:
    """Tell whether offices work on this day of a five-day week; regional holidays are not known here.

    For a year whose decree is not in the table the Labour Code alone decides.
    """
    if day in _MOVED:
        return _MOVED[day]
    return not (_is_weekend(day) or _is_holiday(day) or _stands_for_a_holiday(day))


def after_working_days(start: date, days: int) -> date:
    """Return the last of so many working days that follow `start`; the day of the start does not count.

    Raises:
        ValueError: for less than one day.
    """
    if days < 1:
        raise ValueError("at least one working day")
    day, left = start, days
    while left:
        day += _DAY
        left -= is_working(day)
    return day


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _is_holiday(day: date) -> bool:
    return (day.month, day.day) in _HOLIDAYS


def _stands_for_a_holiday(day: date) -> bool:
    """A holiday on a weekend, but for those of January, is followed by one more day off."""
    before, extra = day - _DAY, 0
    while _is_weekend(before) or _is_holiday(before):
        extra += _is_weekend(before) and _is_holiday(before) and before.month != 1
        before -= _DAY
    return extra > 0
