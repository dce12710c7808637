"""Forgetting what is no longer needed; run by a background job."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import repository
from lkk_reflex.kit import clock

_ENDED_SESSIONS_KEPT: Final = timedelta(days=90)
_ENDED_CONFIRMATIONS_KEPT: Final = timedelta(days=1)


def purge(session: Session) -> None:
    """Delete codes, tickets and sessions that ended long ago."""
    now = clock.now()
    repository.purge(
        session,
        confirmations_before=now - _ENDED_CONFIRMATIONS_KEPT,
        sessions_before=now - _ENDED_SESSIONS_KEPT,
    )
