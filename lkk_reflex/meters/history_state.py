"""What the account's meters have told and used."""

from collections.abc import AsyncIterator

import reflex as rx

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.raw_input import name_in_address
from lkk_reflex.meters.history_projection import ConsumptionView, PastLine
from lkk_reflex.meters.past import Past, past, past_page


class HistoryState(rx.State):
    """Past readings, the newest first, and the charts of consumption."""

    #: Of which address the rest speaks.
    asked_id: str = ""
    is_extended: bool = False
    lines: rx.Field[list[PastLine]] = rx.field(default_factory=list)
    has_more: bool = False
    charts: rx.Field[list[ConsumptionView]] = rx.field(default_factory=list)
    is_busy: bool = False

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Read everything anew."""
        link_id = name_in_address(str(self.router.url.path))
        try:
            found = await read(past, current_viewer(), link_id=link_id)
        except Forbidden:
            found = Past()
        self.reset()
        self.asked_id, self.is_extended = link_id, found.is_extended
        self.lines, self.has_more, self.charts = list(found.lines), found.has_more, list(found.charts)

    @rx.event
    @access("subscriber")
    async def show_more(self) -> AsyncIterator[None]:
        """Add the next page below."""
        if not self.has_more:
            return
        self.is_busy = True
        yield
        found = await read(past_page, current_viewer(), link_id=self.asked_id, skip=len(self.lines))
        self.is_busy, self.has_more = False, found.has_more
        self.lines = [*self.lines, *found.lines]
