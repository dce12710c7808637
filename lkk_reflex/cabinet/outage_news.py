"""What subscribers are to be told of outages: each announcement, change and end is a piece of news."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.cabinet import announcing_repository as repository
from lkk_reflex.cabinet.news import News
from lkk_reflex.identity.notices import Notice
from lkk_reflex.kit import clock
from lkk_reflex.outages.models import Outage
from lkk_reflex.outages.telling import fresh_outages, is_urgent, notices_of


def news_of_outages(session: Session, wakes_at: Mapping[int, datetime], kept: timedelta) -> list[News]:
    """Return what is to be told now, told already or not: what is urgent, and the rest where people are awake.

    `wakes_at` tells by the providers' ids from when on people are awake there, a moment past if they are; `kept`
    for how long it is known what has been told.
    """
    now = clock.now()
    return [
        News(_name(outage, outage.revision), partial(_find, outage, provider, now - kept))
        for outage, provider in fresh_outages(session)
        if wakes_at[provider.id or 0] <= now or is_urgent(outage, wakes_at[provider.id or 0])
    ]


def _find(
    outage: Outage, provider: ServiceProvider, known_since: datetime, session: Session, after: int, limit: int
) -> list[tuple[int, Notice]]:
    heard_until = _heard_until(session, outage, known_since)
    return notices_of(session, outage, provider, heard_until=heard_until, after=after, limit=limit)


def _heard_until(session: Session, outage: Outage, known_since: datetime) -> int | None:
    """Return the last connection that has been told of an outage before its latest news, None when all have."""
    if outage.announced_at < known_since:
        return None
    return repository.reached(session, [_name(outage, revision) for revision in range(1, outage.revision)])


def _name(outage: Outage, revision: int) -> str:
    return f"outage:{outage.id}:{revision}"
