"""Telling all subscribers concerned what there is to tell, a few at a time.

News goes through the connections in their order, batch by batch, each batch in a unit of work with the note how far
it has come. So a killed process goes on where it stopped, two processes never tell the same, and memory does not grow
with the number of subscribers. The outbox is filled no faster than it is emptied: a code for signing in must not wait
behind the bills of a town.
"""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.cabinet import announcing_repository as repository
from lkk_reflex.cabinet.news import News, news_of_today
from lkk_reflex.cabinet.outage_news import news_of_outages
from lkk_reflex.identity.notices import tell_all, untold
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.notifications import outbox

#: So many messages may wait to be sent; fewer free places are not worth the asking.
ROOM: Final = 300
_LEAST_ROOM: Final = 50
#: So many are told in one unit of work: with SQLite everybody else's writing waits for it.
BATCH: Final = 100
#: Hours of the provider's day in which people are written to: from 9 until 20 o'clock; of what is urgent, at any.
AWAKE: Final = range(9, 20)
_KEPT: Final = timedelta(days=60)


def announce() -> None:
    """Tell what is to be told now, as far as the outbox has room."""
    with reading() as session:
        due = _untold(session)
    for news in due:
        while (is_over := _tell_some(news)) is False:
            pass
        if is_over is None:
            return


def purge(session: Session) -> None:
    """Forget news of long ago."""
    repository.purge(session, clock.now() - _KEPT)


def _tell_some(news: News) -> bool | None:
    """Tell one batch; return whether that was the last one, None when the outbox is full."""
    with unit_of_work() as session:
        room = ROOM - outbox.waiting(session, most=ROOM)
        if room < _LEAST_ROOM:
            return None
        way = repository.claim(session, news.name, clock.now())
        if way.finished_at is not None:
            return True
        wanted = min(room, BATCH)
        found = news.find(session, way.last_link_id, wanted)
        is_last = len(found) < wanted
        if not is_last and found[0][0] != found[-1][0]:
            # The last connection may have more to be told than the batch has room for.
            found = [told for told in found if told[0] != found[-1][0]]
        # The rounds of verifications meet everybody anew each day, and a corrected register its bills.
        tell_all(session, untold(session, [notice for _, notice in found]))
        if found:
            way.last_link_id = found[-1][0]
        if is_last:
            way.finished_at = clock.now()
        session.add(way)
    return is_last


def _untold(session: Session) -> list[News]:
    now = clock.now()
    providers = providers_of_staff(session, Viewer.system())
    wakes_at = {provider.id or 0: _wakes_at(now, ZoneInfo(provider.time_zone)) for provider in providers}
    awake = [provider for provider in providers if wakes_at[provider.id or 0] <= now]
    # Who has no water now is told before who has a bill.
    outages = news_of_outages(session, wakes_at, _KEPT)
    candidates = [*outages, *news_of_today(session, awake)]
    told = repository.finished(session, [news.name for news in candidates])
    return [news for news in candidates if news.name not in told]


def _wakes_at(now: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on people may be written to: now, or their next morning."""
    local = now.astimezone(zone)
    if local.hour in AWAKE:
        return now
    day = local.date() + timedelta(days=int(local.hour >= AWAKE.stop))
    return datetime.combine(day, time(AWAKE.start), zone)
