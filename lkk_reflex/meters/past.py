"""What the page of readings shows of the past: a page of the history, and the charts to whom they belong."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters.access import meters_account
from lkk_reflex.meters.history import consumption, history
from lkk_reflex.meters.history_projection import ConsumptionView, PastLine, consumption_views, past_line

#: A few months of a flat with two meters; the rest is asked for.
PAGE = 8


@dataclass(frozen=True, slots=True)
class Past:
    """A page of the history; `charts` only with the first one."""

    lines: tuple[PastLine, ...] = ()
    has_more: bool = False
    charts: tuple[ConsumptionView, ...] = ()
    is_extended: bool = False


def past(session: Session, viewer: Viewer, *, link_id: str) -> Past:
    """Return the newest readings, and the charts at extended access.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    first = past_page(session, viewer, link_id=link_id)
    is_extended = meters_account(session, viewer, link_id).is_extended
    charts = consumption_views(consumption(session, viewer, link_id=link_id)) if is_extended else []
    return Past(first.lines, first.has_more, tuple(charts), is_extended)


def past_page(session: Session, viewer: Viewer, *, link_id: str, skip: int = 0) -> Past:
    """Return a page of the history behind the first `skip` readings.

    Raises:
        SignInRequired, Forbidden: as `past`.
    """
    account = meters_account(session, viewer, link_id)
    found = history(session, viewer, link_id=link_id, skip=skip, limit=PAGE + 1)
    lines = tuple(past_line(reading, account.time_zone) for reading in found[:PAGE])
    return Past(lines, has_more=len(found) > PAGE)
