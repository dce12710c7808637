"""The page of one payment, to which the gateway sends its payers back."""

import reflex as rx

from lkk_reflex.cabinet import returning
from lkk_reflex.cabinet.quick_state import pass_in
from lkk_reflex.cabinet.return_projection import ReturnView
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.raw_input import name_in_address
from lkk_reflex.ui.blanks import blank


class ReturnState(rx.State):
    """Where the payment stands."""

    view: ReturnView = blank(ReturnView)
    #: `loading`, `shown`, `missing`.
    stage: str = "loading"
    #: The page has followed long enough and stands still.
    is_waiting_longer: bool = False
    leave_to: str = ""
    #: Which run of `follow` the page belongs to; an older one stops.
    _round: int = 0

    @rx.event(background=True)
    @access("public")
    async def follow(self) -> None:
        """Show the payment and follow it for a while; asks nothing that must be finished."""
        async with self:
            payment_id, mine = name_in_address(str(self.router.url.path)), self._round + 1
            token, page = await pass_in(self), self.router.session.client_token
            self.reset()
            self._round = mine
        try:
            async for seen in returning.follow(current_viewer(), payment_id, token, page=page):
                async with self:
                    if self._round != mine:
                        return
                    self._show(seen)
            async with self:
                self.is_waiting_longer = self._round == mine and not self.view.is_over
        except Forbidden:
            async with self:
                self.stage = "missing"

    def _show(self, seen: ReturnView) -> None:
        """Show the payment; go on to the gateway's page when its address appears while somebody waits for it."""
        is_awaited = self.stage == "shown" and seen.pay_url and not self.view.pay_url
        self.leave_to = seen.pay_url if is_awaited else ""
        self.view, self.stage = seen, "shown"
