"""Forgetting outages of long ago."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.outages import repository

#: Nobody is shown an outage for so long; staff may be asked about one of last winter.
_KEPT: Final = timedelta(days=365)


def purge(session: Session) -> None:
    """Forget what was over more than a year ago."""
    repository.purge(session, clock.now() - _KEPT)
