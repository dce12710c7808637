"""The only reader of the clock, so that tests can hold and move time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def system_time() -> datetime:
    """Return the time of the machine, whatever `now` is told from (aware UTC)."""
    return datetime.now(UTC)


_source: Callable[[], datetime] = system_time


def now() -> datetime:
    """Return the present moment in UTC (aware)."""
    return _source()


def today(time_zone: str) -> date:
    """Return the date of the present moment in an IANA time zone such as `Europe/Moscow`."""
    return now().astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def clock_from(source: Callable[[], datetime]) -> Iterator[None]:
    """Read time from another source inside the block (tests, the generator of the demo town)."""
    global _source  # noqa: PLW0603 - the single switch through which time is replaced.
    previous, _source = _source, source
    try:
        yield
    finally:
        _source = previous
