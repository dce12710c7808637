"""What subscribers are to be told of outages: each announcement, change and end is a piece of news."""

from collections.abc import Collection
from functools import partial

from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.cabinet.news import News
from lkk_reflex.identity.notices import Notice
from lkk_reflex.outages.models import Outage
from lkk_reflex.outages.telling import fresh_outages, is_urgent, notices_of


def news_of_outages(session: Session, awake: Collection[int]) -> list[News]:
    """Return what is to be told now, told already or not: what is urgent, and the rest where people are awake.

    `awake` are the ids of the providers in whose time zone it is day.
    """
    return [
        News(f"outage:{outage.id}:{outage.revision}", partial(_find, outage, provider))
        for outage, provider in fresh_outages(session)
        if is_urgent(outage) or provider.id in awake
    ]


def _find(
    outage: Outage, provider: ServiceProvider, session: Session, after: int, limit: int
) -> list[tuple[int, Notice]]:
    return notices_of(session, outage, provider, after=after, limit=limit)
