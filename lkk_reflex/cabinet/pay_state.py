"""The pay form of one account."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.cabinet import paying
from lkk_reflex.cabinet.pay_projection import PayDesk, PayErrors
from lkk_reflex.cabinet.paying import Offer
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import outside, read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.raw_input import name_in_address, plain_text
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import PayForm
from lkk_reflex.payments.errors import DebtChanged, NothingToPay

#: The gateway answers within a second or two; who waits longer than this, waits on the page that says so.
_PATIENCE_SECONDS = 10.0
_LONGEST_SUM = 40


class PayState(rx.State):
    """What of the pay form is not in its fields."""

    desk: PayDesk = PayDesk()
    errors: PayErrors = PayErrors()
    #: `loading`, `ready`, `missing`.
    stage: str = "loading"
    #: Counts openings: the fields are drawn anew with each, so that they and the state say the same.
    opened: int = 0
    is_own: rx.Field[bool] = rx.field(False)
    #: The sum to be paid and the button with it, as far as they are known.
    total: str = "—"
    button: str = "Оплатить"
    busy: bool = False
    leave_to: str = ""
    _intent_id: str = ""
    _debt_kopecks: int = 0
    _typed: str = ""

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Build the page from scratch: the debt of this moment and a new form."""
        link_id, opened = name_in_address(str(self.router.url.path)), self.opened + 1
        try:
            offer = await read(paying.offer, current_viewer(), link_id=link_id)
        except PortalError:
            offer = None
        self.reset()
        self.opened, self.stage = opened, "ready" if offer else "missing"
        if offer:
            self._intent_id, self.is_own = checkout.new_intent(), not offer.debt_kopecks
            self._show(offer)

    @rx.event
    @access("subscriber")
    async def choose(self, kind: str) -> None:
        """Show the sum of the chosen card."""
        self.is_own, self.errors = kind == "own", PayErrors()
        self._name_sum(paying.typed_sum(self._typed)[0] if self.is_own else self.desk.debt)

    @rx.event
    @access("subscriber")
    async def type_amount(self, text: str) -> None:
        """Show on the button what has been typed so far, once it is a sum."""
        self._typed = plain_text(text, limit=_LONGEST_SUM)
        total, _ = paying.typed_sum(self._typed)
        self._name_sum(total)
        # An emptied field takes nothing back: what was said when it was sent is still true.
        if total:
            self.errors = PayErrors()

    @rx.event
    @access("subscriber")
    async def leave_amount(self, text: str) -> None:
        """Say what is wrong with the sum once the person has left its field."""
        self._typed = plain_text(text, limit=_LONGEST_SUM)
        total, error = paying.typed_sum(self._typed)
        self._name_sum(total)
        self.errors = PayErrors(amount=error)

    @rx.event(background=True)
    @access("subscriber")
    async def pay(self, fields: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Make the payment and lead to the gateway's page; a slow gateway holds up nothing but this task."""
        async with self:
            if self.busy or self.stage != "ready":
                return
            self.busy, self.errors, self.leave_to = True, PayErrors(), ""
            form = paying.read_form(
                fields, intent_id=self._intent_id, link_id=self.desk.link_id, debt_kopecks=self._debt_kopecks
            )
        try:
            way = await _way_on(current_viewer(), form)
        except PortalError as refusal:
            offer = await _offer_after(refusal, form)
            async with self:
                yield self._refuse(refusal, offer)
        else:
            async with self:
                self.leave_to = "" if way.startswith("/") else way
            if not self.leave_to:
                yield rx.redirect(way)
        finally:
            async with self:
                self.busy = False

    def _show(self, offer: Offer) -> None:
        self.desk, self._debt_kopecks = offer.desk, offer.debt_kopecks
        if not self.is_own:
            self._name_sum(offer.desk.debt)

    def _name_sum(self, total: str) -> None:
        self.total, self.button = total or "—", f"Оплатить {total}".rstrip()

    def _refuse(self, refusal: PortalError, offer: Offer | None) -> EventSpec | None:
        """Say why not, at the field if it is on the screen; what was typed stays."""
        is_on_screen = refusal.field == "receipt_contact" or (refusal.field == "amount" and self.is_own)
        self.errors = PayErrors(**{refusal.field if is_on_screen else "form": refusal.message})
        if offer:
            self._show(offer)
        return rx.set_focus(refusal.field) if is_on_screen else None


async def _way_on(viewer: Viewer, form: PayForm) -> str:
    """Write the payment down, send it, and return where the payer goes; the rest is the poller's."""
    payment_id = await write(paying.begin, viewer, form=form)
    sent = await outside(lambda: checkout.pay(viewer, form), patience=_PATIENCE_SECONDS)
    return await read(paying.way_on, viewer, payment_id=sent or payment_id)


async def _offer_after(refusal: PortalError, form: PayForm) -> Offer | None:
    """Return the offer of this moment when the refusal says that the shown one is out of date."""
    if not isinstance(refusal, DebtChanged | NothingToPay):
        return None
    return await read(paying.offer, current_viewer(), link_id=form.link_id)
