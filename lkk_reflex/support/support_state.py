"""The list of one's own tickets, and whom to call for who is not signed in."""

from collections.abc import AsyncIterator

import reflex as rx

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read
from lkk_reflex.support.projection import Contact, TicketLine
from lkk_reflex.support.tickets import OwnTickets, contacts, is_subscriber, own_tickets


class SupportState(rx.State):
    """The tickets that are on the screen, and the contacts of the companies."""

    #: `loading`, `guest`, `ready`.
    stage: str = "loading"
    lines: rx.Field[list[TicketLine]] = rx.field(default_factory=list)
    contacts: rx.Field[list[Contact]] = rx.field(default_factory=list)
    has_more: bool = False
    busy: bool = False
    _next_after: str = ""

    @rx.event
    @access("public")
    async def open(self) -> None:
        """Read the newest tickets anew; a guest sees the contacts alone."""
        viewer = current_viewer()
        page = await read(own_tickets, viewer) if is_subscriber(viewer) else None
        known = await read(contacts, viewer)
        self.reset()
        self.contacts, self.stage = known, "ready" if page else "guest"
        if page:
            self._add(page)

    @rx.event
    @access("subscriber")
    async def show_more(self) -> AsyncIterator[None]:
        """Add the next page below."""
        if not self.has_more:
            return
        self.busy = True
        yield
        page = await read(own_tickets, current_viewer(), after=self._next_after)
        self.busy = False
        self._add(page)

    def _add(self, page: OwnTickets) -> None:
        self.lines = [*self.lines, *page.lines]
        self._next_after, self.has_more = page.next_after, bool(page.next_after)
