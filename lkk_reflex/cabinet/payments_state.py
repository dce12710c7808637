"""The history of payments."""

from collections.abc import AsyncIterator

import reflex as rx

from lkk_reflex.cabinet.past_payments import PastPayments, past_payments
from lkk_reflex.cabinet.payments_projection import PaymentLine
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read


class PaymentsState(rx.State):
    """The payments that are on the screen, the newest first."""

    stage: str = "loading"
    lines: rx.Field[list[PaymentLine]] = rx.field(default_factory=list)
    has_more: bool = False
    busy: bool = False
    _next_after: str = ""

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Read the newest payments anew."""
        page = await read(past_payments, current_viewer())
        self.reset()
        self._add(page)

    @rx.event
    @access("subscriber")
    async def show_more(self) -> AsyncIterator[None]:
        """Add the next page below."""
        if not self.has_more:
            return
        self.busy = True
        yield
        page = await read(past_payments, current_viewer(), after=self._next_after)
        self.busy = False
        self._add(page)

    def _add(self, page: PastPayments) -> None:
        self.lines = [*self.lines, *page.lines]
        self._next_after, self.has_more = page.next_after, bool(page.next_after)
        self.stage = "ready"
