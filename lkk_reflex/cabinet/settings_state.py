"""The settings: connected accounts, their names, the end of a connection and taking it back."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.accounts import linking
from lkk_reflex.accounts.statements import linked_bill, linked_bills
from lkk_reflex.cabinet.settings_projection import ConnectedAccount, connected_account, name_saved
from lkk_reflex.identity.errors import TooManyChanges
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.raw_input import plain_text, text_of
from lkk_reflex.ui.blanks import blank


class SettingsState(rx.State):
    """The accounts, one of them perhaps being renamed."""

    is_loaded: bool = False
    accounts: rx.Field[list[ConnectedAccount]] = rx.field(default_factory=list)
    #: Which account is being renamed.
    renamed_id: str = ""
    saved: str = ""
    refusal: str = ""
    #: What has just been disconnected, while that can be taken back.
    ended: ConnectedAccount = blank(ConnectedAccount)

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read the accounts anew."""
        found = await read(linked_bills, current_viewer())
        self.reset()
        self.accounts = [connected_account(bill) for bill in found]
        self.is_loaded = True

    @rx.event
    @access("subscriber")
    async def ask_name(self, public_id: str) -> EventSpec:
        """Show the form of one account."""
        self._quiet()
        self.renamed_id = plain_text(public_id, limit=64)
        return rx.set_focus("own_name")

    @rx.event
    @access("subscriber")
    async def keep_name(self) -> None:
        """Close the form without a change."""
        self._quiet()

    @rx.event
    @access("subscriber")
    async def rename(self, data: dict[str, Any]) -> EventSpec | None:
        """Give the account a name, or take it away."""
        self.saved, self.refusal = "", ""
        own_name, public_id = text_of(data, "own_name"), self.renamed_id
        try:
            await write(linking.rename, current_viewer(), public_id=public_id, own_name=own_name)
        except PortalError as refusal:
            self.refusal = refusal.message
            return rx.set_focus("own_name")
        await self._reload()
        self.renamed_id = ""
        self.saved = name_saved(own_name, self._title_of(public_id))
        return None

    @rx.event
    @access("subscriber")
    async def disconnect(self, public_id: str) -> None:
        """End a connection; the page asks first. The second press of a double one changes nothing."""
        wanted = plain_text(public_id, limit=64)
        if wanted and wanted == self.ended.public_id:
            return
        self._quiet()
        try:
            bill = await read(linked_bill, current_viewer(), public_id=wanted)
            await write(linking.disconnect, current_viewer(), public_id=wanted)
        except Forbidden as refusal:
            self.refusal = refusal.message
            return
        await self._reload()
        self.ended = connected_account(bill)

    @rx.event
    @access("subscriber")
    async def take_back(self) -> None:
        """Bring back what has just been disconnected."""
        ended = self.ended
        if not ended.public_id:
            return
        self._quiet()
        try:
            await write(linking.take_back_disconnection, current_viewer(), public_id=ended.public_id)
        except Forbidden:
            self.refusal = "Вернуть уже нельзя: прошло больше 10 минут. Подключите счёт снова по номеру."
            return
        except TooManyChanges as refusal:
            self.refusal, self.ended = refusal.message, ended
            return
        await self._reload()
        self.saved = f"Счёт снова подключён: {ended.title}"

    async def _reload(self) -> None:
        self.accounts = [connected_account(bill) for bill in await read(linked_bills, current_viewer())]

    def _quiet(self) -> None:
        self.renamed_id, self.saved, self.refusal, self.ended = "", "", "", ConnectedAccount()

    def _title_of(self, public_id: str) -> str:
        return next((account.title for account in self.accounts if account.public_id == public_id), "")
