"""Days as files and spreadsheets write them."""

from datetime import date, datetime


def written_day(text: str, *patterns: str) -> date:
    """Read a day by the first pattern of `strptime` that fits.

    Raises:
        ValueError: none fits.
    """
    for pattern in patterns:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date as written; no moment is made of it.
        except ValueError:
            continue
    raise ValueError(f"no day: {text}")
