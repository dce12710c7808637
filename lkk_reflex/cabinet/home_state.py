"""The home of the cabinet."""

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.cabinet.home_projection import HomeAccount, VerificationBanner
from lkk_reflex.cabinet.summary import cabinet_home
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read


class HomeState(rx.State):
    """Every connected account with what is to be paid now."""

    is_loaded: bool = False
    accounts: rx.Field[list[HomeAccount]] = rx.field(default_factory=list)
    banners: rx.Field[list[VerificationBanner]] = rx.field(default_factory=list)
    #: Said only when there is something to add up.
    total_due: str = ""
    #: Whoever has no account is led to connecting one, but only once: the way back must lead here.
    _was_led: bool = False

    @rx.event
    @access("subscriber")
    async def load(self) -> EventSpec | None:
        """Read everything anew; who has just come and has no account goes on to connecting one."""
        home = await read(cabinet_home, current_viewer())
        indebted = [account for account in home.accounts if account.card.is_payable]
        must_connect = not home.accounts and not self._was_led
        self.accounts, self.banners = list(home.accounts), list(home.banners)
        self.total_due = home.total_due if len(indebted) > 1 else ""
        self.is_loaded = True
        self._was_led = True
        return rx.redirect("/cabinet/connect") if must_connect else None
