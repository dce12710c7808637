"""The list of bills of one account."""

import re
from collections.abc import AsyncIterator

import reflex as rx

from lkk_reflex.accounts.bill_projection import BillRow
from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.bill_projection import AccountChoice
from lkk_reflex.cabinet.billing import bill_list
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.choices import Option

#: What no address can name.
UNASKED = "?"
_ADDRESS = re.compile(r"/bills/([A-Za-z0-9_-]{1,64})/?")


class BillsState(rx.State):
    """The bills that are on the screen, the newest first."""

    #: Of which address the rest speaks.
    asked_id: str = UNASKED
    is_missing: bool = False
    account: AccountCard = blank(AccountCard)
    choices: rx.Field[list[AccountChoice]] = rx.field(default_factory=list)
    rows: rx.Field[list[BillRow]] = rx.field(default_factory=list)
    has_more: bool = False
    months: rx.Field[list[Option]] = rx.field(default_factory=list)
    busy: bool = False

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read the newest bills of the account that the address names, or of the first one."""
        public_id = self._public_id()
        try:
            found = await read(bill_list, current_viewer(), public_id=public_id)
        except Forbidden:
            self.reset()
            self.asked_id, self.is_missing = public_id, True
            return
        self.reset()
        self.asked_id = public_id
        if found:
            self.account, self.choices = found.account, list(found.choices)
            self.rows, self.has_more = list(found.rows), found.has_more
            self.months = [Option(str(month.key), month.label) for month in found.months]

    @rx.event
    @access("subscriber")
    async def show_more(self) -> AsyncIterator[None]:
        """Add older bills below."""
        if not self.has_more:
            return
        self.busy = True
        yield
        try:
            found = await read(bill_list, current_viewer(), public_id=self._public_id(), skip=len(self.rows))
        except Forbidden:
            found = None
        self.busy = False
        self.has_more = bool(found and found.has_more)
        if found:
            self.rows = [*self.rows, *found.rows]

    def _public_id(self) -> str:
        match = _ADDRESS.fullmatch(str(self.router.url.path))
        return match[1] if match else ""
