"""The one noon at which screens are looked at, so that what they say follows from nothing but the code.

On that day the windows of the readings are open and the bills of the month before are due. The clock goes on from
there: it is that of the machine, shifted.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from lkk_reflex.kit import clock
from tests.support.live_portal import LivePortal
from tests.support.processes import stop

#: Noon in Moscow: far from both midnights.
THAT_NOON = datetime(2026, 11, 18, 9, tzinfo=UTC)

_RUN = "from tests.support.that_day import shifted; from lkk_reflex.cli import app\nwith shifted({seconds}): app()"


@cache
def seconds_ahead() -> int:
    """Return how far ahead of the machine's clock that noon lies; the same for the whole run of a process."""
    return round((THAT_NOON - clock.now()).total_seconds())


def shifted(seconds: int) -> AbstractContextManager[None]:
    """Read a clock inside the block that is so far ahead of the machine's."""
    ahead = timedelta(seconds=seconds)
    return clock.clock_from(lambda: clock.system_time() + ahead)


@contextmanager
def portal(data_dir: Path) -> Iterator[LivePortal]:
    """Run a portal with a fresh demo town from that noon on."""
    made = LivePortal.at(data_dir)
    made.command = (sys.executable, "-c", _RUN.format(seconds=seconds_ahead()), "run")
    made.start()
    try:
        yield made
    finally:
        stop(made.pid)
