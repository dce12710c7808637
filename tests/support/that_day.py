"""The one hour from which on living portals and their tests live, so that what they meet follows from the code alone.

On that day the windows of the readings are open and the bills of the month before are due. The clock goes on from
there: it is that of the machine, shifted. So no month, no window and no day ends while the tests run, whenever that is.
Nobody is written to of news at that hour: a letter about readings would come between those that tests wait for.
"""

import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache

from lkk_reflex.kit import clock

#: Half past three at night in Moscow: after midnight in UTC too, and hours before the morning.
THAT_NIGHT = datetime(2026, 11, 18, 0, 30, tzinfo=UTC)

_RUN = "from tests.support.that_day import shifted; from lkk_reflex.cli import app\nwith shifted({seconds}): app()"


@cache
def seconds_ahead() -> int:
    """Return how far ahead of the machine's clock that hour lies; the same for the whole run of a process."""
    return round((THAT_NIGHT - clock.system_time()).total_seconds())


def shifted(seconds: int) -> AbstractContextManager[None]:
    """Read a clock inside the block that is so far ahead of the machine's."""
    ahead = timedelta(seconds=seconds)
    return clock.clock_from(lambda: clock.system_time() + ahead)


def lived() -> AbstractContextManager[None]:
    """Live on that day inside the block, as the portals do that this process starts."""
    return shifted(seconds_ahead())


def command(*arguments: str) -> list[str]:
    """Return how to run `lkk` with these arguments on that day; it needs the checkout in PYTHONPATH."""
    return [sys.executable, "-c", _RUN.format(seconds=seconds_ahead()), *arguments]
