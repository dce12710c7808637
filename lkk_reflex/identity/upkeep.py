"""Forgetting what is no longer needed; run by background jobs."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import privacy_repository, repository
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work

_ENDED_SESSIONS_KEPT: Final = timedelta(days=90)
_ENDED_CONFIRMATIONS_KEPT: Final = timedelta(days=1)
_AUDIT_ADDRESSES_KEPT: Final = timedelta(days=365)
#: So many lines of the audit are looked at in one unit of work: with SQLite everybody else's writing waits for it.
_LINES_AT_ONCE: Final = 2000


def purge(session: Session) -> None:
    """Delete codes, tickets and sessions that ended long ago."""
    now = clock.now()
    repository.purge(
        session,
        confirmations_before=now - _ENDED_CONFIRMATIONS_KEPT,
        sessions_before=now - _ENDED_SESSIONS_KEPT,
    )


def blank_old_audit_addresses() -> None:
    """Take the network addresses out of lines of the audit that are older than a year; the lines themselves stay.

    Opens its own units of work. An address is personal data, kept no longer than it serves its purpose (152-ФЗ ст. 5
    ч. 7; ASVS 5.0 14.2.7): within a year what was done from where is looked into. No law names a period for it: the
    year is the portal's own, and the policy tells it. The lines bear neither names nor logins and are what later
    proofs and complaints rest on, so no job deletes them.
    """
    before = clock.now() - _AUDIT_ADDRESSES_KEPT
    after = None
    while True:
        with reading() as session:
            lines = privacy_repository.next_audit_lines(session, after=after, before=before, limit=_LINES_AT_ONCE)
        if lines is None:
            return
        if lines.has_addresses:
            with unit_of_work() as session:
                privacy_repository.blank_audit_addresses_of(session, lines)
        after = lines.last_at
