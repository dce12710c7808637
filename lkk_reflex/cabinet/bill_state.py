"""One bill, line by line."""

import re

import reflex as rx

from lkk_reflex.cabinet.bill_projection import BillView
from lkk_reflex.cabinet.billing import bill_details
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.bridge import read
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.ui.blanks import blank

_ADDRESS = re.compile(r"/bill/([A-Za-z0-9_-]{1,64})/([0-9]{6})/?")


class BillState(rx.State):
    """The bill that the address names."""

    #: Of which address the rest speaks: `<account>/<period>`; empty before the first answer.
    asked: str = ""
    is_missing: bool = False
    #: Why there is nothing to show.
    refusal: str = ""
    view: BillView = blank(BillView)

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read the bill anew."""
        public_id, key = self._asked()
        try:
            found = await read(bill_details, current_viewer(), public_id=public_id, period=_period(key))
        except PortalError as refusal:
            self.reset()
            self.is_missing, self.refusal = True, refusal.message
        else:
            self.reset()
            self.view = found
        self.asked = f"{public_id}/{key}"

    def _asked(self) -> tuple[str, str]:
        match = _ADDRESS.fullmatch(str(self.router.url.path))
        return (match[1], match[2]) if match else ("", "")


def _period(key: str) -> BillingPeriod:
    try:
        return BillingPeriod.from_key(int(key))
    except ValueError:
        raise Forbidden from None
