"""The one day on which screens are looked at, so that what they say follows from nothing but the code.

On that day the windows of the readings are open and the bills of the month before are due. The clock goes on from
there: it is that of the machine, shifted by whole days.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from lkk_reflex.kit import clock
from tests.support.live_portal import LivePortal
from tests.support.processes import stop

THAT_DAY = date(2026, 11, 18)

_RUN = "from tests.support.that_day import shifted; from lkk_reflex.cli import app\nwith shifted({days}): app()"


@cache
def days_ahead() -> int:
    """Return how many days lie between the machine's date and that day; the same for the whole run."""
    return (THAT_DAY - clock.today("Europe/Moscow")).days


def shifted(days: int) -> AbstractContextManager[None]:
    """Read a clock inside the block that is so many days ahead of the machine's."""
    ahead = timedelta(days=days)
    # Nothing but the machine's own clock can be shifted.
    return clock.clock_from(lambda: datetime.now(UTC) + ahead)  # noqa: TID251


@contextmanager
def portal(data_dir: Path) -> Iterator[LivePortal]:
    """Run a portal with a fresh demo town on that day."""
    made = LivePortal.at(data_dir)
    made.command = (sys.executable, "-c", _RUN.format(days=days_ahead()), "run")
    made.start()
    try:
        yield made
    finally:
        stop(made.pid)
