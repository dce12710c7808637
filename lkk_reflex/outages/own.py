"""What a subscriber sees of outages that concern connected accounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.statements import Mark
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.outages import repository
from lkk_reflex.outages.projection import OutageView, is_over, outage_view
from lkk_reflex.outages.repository import Concerned
from lkk_reflex.outages.rules import REMEMBERED, SHOWN_AFTER, SHOWN_BEFORE

#: Later than anybody announces.
_FOR_EVER: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class OwnOutages:
    """Everything of which a subscriber may want to know, each outage once with the accounts that it concerns."""

    #: Going on and to come.
    present: tuple[OutageView, ...]
    #: Over for not more than 30 days.
    past: tuple[OutageView, ...]


def mark_now() -> Mark:
    """Return what marks the accounts for which `outages_now` has something to tell."""
    now = clock.now()
    return repository.shown_mark(starts_before=now + SHOWN_BEFORE, ended_after=now - SHOWN_AFTER)


def outages_now(
    session: Session, viewer: Viewer, *, link_id: str | None = None
) -> Mapping[str, tuple[OutageView, ...]]:
    """Return what is to be seen at once, by the connections' names: soon, now, just over; `link_id` picks one.

    An outage of several accounts stands with the one that was connected first, and names the others.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    now = clock.now()
    found: defaultdict[str, tuple[OutageView, ...]] = defaultdict(tuple)
    concerned = repository.concerning(
        session, viewer, starts_before=now + SHOWN_BEFORE, ended_after=now - SHOWN_AFTER, link_id=link_id
    )
    for each in _once(concerned):
        found[each[0].link_id] += (outage_view(each, now),)
    return found


def own_outages(session: Session, viewer: Viewer) -> OwnOutages:
    """Return every outage of the viewer's accounts that is to come, goes on, or ended within 30 days.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    now = clock.now()
    found = _once(repository.concerning(session, viewer, starts_before=now + _FOR_EVER, ended_after=now - REMEMBERED))
    found.sort(key=lambda each: each[0].outage.starts_at)
    present = [outage_view(each, now) for each in found if not is_over(each[0].outage, now)]
    past = [outage_view(each, now) for each in reversed(found) if is_over(each[0].outage, now)]
    return OwnOutages(tuple(present), tuple(past))


def _once(concerned: Iterable[Concerned]) -> list[list[Concerned]]:
    """Put the accounts of one outage together, in the order of the first of them.

    Those at basic access stay apart from the proved ones: the place of the outage would tell where they are.
    """
    found: defaultdict[tuple[int | None, LinkLevel], list[Concerned]] = defaultdict(list)
    for each in concerned:
        found[each.outage.id, each.level].append(each)
    return list(found.values())
