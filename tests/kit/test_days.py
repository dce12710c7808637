"""Days as files write them."""

import re
from datetime import date

import pytest

from lkk_reflex.kit.days import written_day


@pytest.mark.parametrize(
    ("text", "day"),
    [("15.03.2028", date(2028, 3, 15)), ("2028-03-15", date(2028, 3, 15)), ("2028-03", date(2028, 3, 1))],
)
def test_first_pattern_that_fits_is_taken(text: str, day: date) -> None:
    assert written_day(text, "%d.%m.%Y", "%Y-%m-%d", "%Y-%m") == day


@pytest.mark.parametrize("text", ["", "31.02.2028", "15.03.28 ", "завтра", "2028-03-15"])
def test_what_fits_no_pattern_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"no day: {text}")):
        written_day(text, "%d.%m.%Y")
