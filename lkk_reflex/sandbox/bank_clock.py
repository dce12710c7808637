"""The bank's own time: the real clock plus whatever a test or a demo has skipped forward."""

from datetime import UTC, datetime, timedelta

from lkk_reflex.kit import clock
from lkk_reflex.sandbox.bank_storage import Storage


def stamp(moment: datetime) -> str:
    """Write a moment as YooKassa does: UTC, milliseconds, `Z`. Such texts sort as the moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read_stamp(text: str) -> datetime:
    """Read an ISO 8601 moment with an offset.

    Raises:
        ValueError: for anything else, a moment without an offset included.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    return moment.astimezone(UTC)


class VirtualClock:
    """Time that can be skipped forward, never back, so that ids and lists keep their order."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        with storage.books() as books:
            self._skipped = timedelta(seconds=books.setting("clock").get("skipped_seconds", 0.0))

    def now(self) -> datetime:
        """Return the bank's present moment in UTC."""
        return clock.now() + self._skipped

    def advance(self, seconds: float) -> None:
        """Skip forward and remember it.

        Raises:
            ValueError: for a step back.
        """
        if seconds < 0:
            raise ValueError("the bank's clock only goes forward")
        self._skipped += timedelta(seconds=seconds)
        with self._storage.books() as books:
            books.set_setting("clock", {"skipped_seconds": self._skipped.total_seconds()})

    def reset(self) -> None:
        """Return to the real time; only sensible when everything else is forgotten too."""
        self._skipped = timedelta()
