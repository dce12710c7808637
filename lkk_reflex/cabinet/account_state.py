"""One account: what is to be paid, its name, the end of its connection."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.accounts import linking, paperless
from lkk_reflex.accounts.errors import ExtendedAccessRequired, NoNewsOfBills
from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.account_overview import account_details
from lkk_reflex.cabinet.account_projection import AccountView
from lkk_reflex.cabinet.settings_projection import name_saved
from lkk_reflex.cabinet.summary import account_now, cabinet_home
from lkk_reflex.identity.errors import TooManyChanges
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.raw_input import name_in_address, text_of
from lkk_reflex.ui.blanks import blank


class AccountState(rx.State):
    """The account that the address names."""

    #: Of which address the rest speaks; empty before the first answer.
    asked_id: str = ""
    #: The address leads to nothing of the viewer's.
    is_missing: bool = False
    is_disconnected: bool = False
    account: AccountCard = blank(AccountCard)
    details: AccountView = blank(AccountView)
    saved: str = ""
    refusal: str = ""
    #: What became of the choice about paper.
    paper_saved: str = ""
    paper_refused: str = ""

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read the account anew."""
        public_id = self._public_id()
        try:
            found = await read(account_details, current_viewer(), public_id=public_id)
        except Forbidden:
            found = None
        self.reset()
        self.asked_id, self.is_missing = public_id, found is None
        if found:
            self.account, self.details = found

    @rx.event
    @access("subscriber")
    async def rename(self, data: dict[str, Any]) -> EventSpec | None:
        """Give the account a name, or take it away."""
        self.saved, self.refusal = "", ""
        own_name, public_id = text_of(data, "own_name"), self._public_id()
        try:
            await write(linking.rename, current_viewer(), public_id=public_id, own_name=own_name)
        except PortalError as refusal:
            self.refusal = refusal.message
            return rx.set_focus("own_name")
        self.account = await read(account_now, current_viewer(), public_id=public_id)
        self.saved = name_saved(own_name, self.account.title)
        return None

    @rx.event
    @access("subscriber")
    async def disconnect(self) -> None:
        """End the connection; the page asks first. The second press of a double one changes nothing."""
        if self.is_disconnected:
            return
        try:
            await write(linking.disconnect, current_viewer(), public_id=self._public_id())
        except Forbidden:
            self.is_missing = True
        else:
            self.is_disconnected = True

    @rx.event
    @access("subscriber")
    async def choose_paper(self, data: dict[str, Any]) -> None:
        """Ask for no paper bill, or for paper again."""
        public_id, wants_paper = self._public_id(), text_of(data, "paper") != "no"
        self.paper_saved = self.paper_refused = ""
        try:
            await write(paperless.choose_paper, current_viewer(), public_id=public_id, wants_paper=wants_paper)
            found = await read(account_details, current_viewer(), public_id=public_id)
        except Forbidden:
            self.is_missing = True
        except (ExtendedAccessRequired, NoNewsOfBills, TooManyChanges) as refusal:
            self.paper_refused = refusal.message
        else:
            self.account, self.details = found
            self.paper_saved = _paper_words(self.details)

    def _public_id(self) -> str:
        return name_in_address(str(self.router.url.path))


def _paper_words(details: AccountView) -> str:
    """Say what has come of the choice; whether paper comes to who has not refused it, others may have decided too."""
    if not details.is_paperless:
        return "Ваш отказ от бумажной квитанции снят."
    return "Бумажную квитанцию пришлют." if details.is_unheard else "Бумажную квитанцию не пришлют."


class ChoiceState(rx.State):
    """All accounts, for who has several."""

    is_loaded: bool = False
    accounts: rx.Field[list[AccountCard]] = rx.field(default_factory=list)

    @rx.event
    @access("subscriber")
    async def load(self) -> EventSpec | None:
        """Read the accounts anew; the only one is opened at once."""
        home = await read(cabinet_home, current_viewer())
        accounts = [account.card for account in home.accounts]
        self.reset()
        if len(accounts) == 1:
            return rx.redirect(f"/account/{accounts[0].public_id}", replace=True)
        self.accounts, self.is_loaded = accounts, True
        return None
