"""The only page of a closed cabinet."""

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import closing
from lkk_reflex.identity.closing import ClosedCabinet
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.ui.blanks import blank


class ClosedState(rx.State):
    """Since when the cabinet is closed, and until when it can be taken back."""

    is_loaded: bool = False
    closed: ClosedCabinet = blank(ClosedCabinet)
    refusal: str = ""

    @rx.event
    @access("closed")
    async def load(self) -> EventSpec | None:
        """Read how the cabinet stands; one that was taken back in another window is open."""
        try:
            closed = await read(closing.closed_cabinet, current_viewer())
        except Forbidden:
            return rx.redirect("/cabinet")
        self.reset()
        self.closed, self.is_loaded = closed, True
        return None

    @rx.event
    @access("closed")
    async def take_back(self) -> EventSpec | None:
        """Open the cabinet again."""
        try:
            await write(closing.take_back, current_viewer())
        except PortalError as refusal:
            self.refusal = refusal.message
            return None
        return rx.redirect("/cabinet")
