"""The list of outages at one's own addresses."""

import reflex as rx

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read
from lkk_reflex.outages.own import own_outages
from lkk_reflex.outages.projection import OutageView


class OutagesState(rx.State):
    """What is to come or goes on, and what is over."""

    is_loaded: bool = False
    present: rx.Field[list[OutageView]] = rx.field(default_factory=list)
    past: rx.Field[list[OutageView]] = rx.field(default_factory=list)

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read everything anew."""
        found = await read(own_outages, current_viewer())
        self.present, self.past, self.is_loaded = list(found.present), list(found.past), True
