"""The pay form of one account."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.accounts.allotting import Owed
from lkk_reflex.cabinet import pay_readings, paying
from lkk_reflex.cabinet.pay_projection import PayDesk, PayErrors
from lkk_reflex.cabinet.pay_readings import Given, PayReadings, Weighed
from lkk_reflex.cabinet.paying import Offer
from lkk_reflex.cabinet.purposes import purposes
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import outside, read, write
from lkk_reflex.kit.errors import PortalError, sentences_of, summary_of
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.raw_input import name_in_address, plain_text
from lkk_reflex.meters.readings_form import LONGEST_VALUE, read_form, typed_values
from lkk_reflex.meters.readings_projection import Questions
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import AmountChoice, PayForm
from lkk_reflex.payments.errors import DebtChanged, FormAlreadySent, NothingToPay
from lkk_reflex.ui.blanks import blank

#: The gateway answers within a second or two; who waits longer than this, waits on the page that says so.
_PATIENCE_SECONDS = 10.0
_LONGEST_SUM = 40


class PayState(rx.State):
    """What of the pay form is not in its fields."""

    desk: PayDesk = blank(PayDesk)
    errors: PayErrors = blank(PayErrors)
    readings: PayReadings = blank(PayReadings)
    #: `loading`, `ready`, `missing`.
    stage: str = "loading"
    #: Counts openings: the fields are drawn anew with each, so that they and the state say the same.
    opened: int = 0
    #: One of `AmountChoice`.
    kind: str = ""
    #: The sum to be paid, as far as it is known: in words, and in kopecks where readings make it.
    total: str = "—"
    shown: str = ""
    busy: bool = False
    leave_to: str = ""
    _intent_id: str = ""
    _debt_kopecks: int = 0
    _due_kopecks: int = 0
    _estimate_kopecks: int = 0
    _typed: str = ""
    _bill: Owed | None = None
    _values: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Build the page from scratch: the debt of this moment and a new form."""
        link_id, opened = name_in_address(str(self.router.url.path)), self.opened + 1
        viewer = current_viewer()
        try:
            offer = await read(paying.offer, viewer, link_id=link_id)
            weighed = await read(pay_readings.offered, viewer, link_id=link_id)
        except PortalError:
            offer, weighed = None, Weighed(PayReadings())
        self.reset()
        self.opened, self.stage = opened, "ready" if offer else "missing"
        if offer:
            self._intent_id = checkout.new_intent()
            self.kind = AmountChoice.DEBT if offer.debt_kopecks else AmountChoice.OWN
            self._show_readings(weighed)
            self._show(offer)

    @rx.event
    @access("subscriber")
    async def choose(self, kind: str) -> None:
        """Show the sum of the chosen card."""
        self.kind, self.errors = paying.chosen(plain_text(kind)), PayErrors()
        self.readings = replace(self.readings, questions=Questions())
        self._name_chosen_sum()

    @rx.event
    @access("subscriber")
    async def type_amount(self, text: str) -> None:
        """Show on the button what has been typed so far, once it is a sum."""
        self._typed = plain_text(text, limit=_LONGEST_SUM)
        total, _ = paying.typed_sum(self._typed)
        self._name_sum(total)
        # An emptied field takes nothing back: what was said when it was sent is still true.
        if total:
            self.errors = replace(self.errors, summary=[], form="", amount="")

    @rx.event
    @access("subscriber")
    async def leave_amount(self, text: str) -> None:
        """Say what is wrong with the sum once the person has left its field."""
        self._typed = plain_text(text, limit=_LONGEST_SUM)
        total, error = paying.typed_sum(self._typed)
        self._name_sum(total)
        self.errors = replace(self.errors, summary=[], form="", amount=error)

    @rx.event
    @access("subscriber")
    async def type_value(self, name: str, text: str) -> None:
        """Show what the typed reading means, and the sum with it."""
        await self._weigh(name, text, is_left=False)

    @rx.event
    @access("subscriber")
    async def leave_value(self, name: str, text: str) -> None:
        """Say what is wrong with a reading once the person has left its field."""
        await self._weigh(name, text, is_left=True)

    @rx.event
    @access("subscriber")
    async def revise(self) -> None:
        """Take the questions away: the person wants to change a reading."""
        self.readings = replace(self.readings, questions=Questions())

    @rx.event(background=True)
    @access("subscriber")
    async def pay(self, fields: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Save the readings if there are any, make the payment and lead to the gateway's page.

        A slow gateway holds up nothing but this task. The readings are saved before the payment begins, so that
        nothing that happens to it can lose them.
        """
        viewer = current_viewer()
        async with self:
            if self.busy or self.stage != "ready":
                return
            self.busy, self.errors, self.leave_to = True, PayErrors(), ""
            form = paying.read_form(
                fields, intent_id=self._intent_id, link_id=self.desk.link_id, debt_kopecks=self._debt_kopecks
            )
            readings, wants_to_give = self.readings, form.choice is AmountChoice.WITH_READINGS
            self._values |= typed_values(fields)
        try:
            if wants_to_give:
                typed = read_form(fields, link_id=form.link_id, intent_id=form.intent_id)
                given = await write(pay_readings.give, viewer, form=typed, readings=readings)
                async with self:
                    self._tell(given)
                if not given.is_complete:
                    return
                form = replace(form, estimate=given.estimate.kopecks)
            way = await _way_on(viewer, form)
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

    async def _weigh(self, name: str, text: str, *, is_left: bool) -> None:
        known = {scale.name for meter in self.readings.meters if meter.is_open for scale in meter.scales}
        field, value = plain_text(name), plain_text(text, limit=LONGEST_VALUE)
        # The pause after typing may end later than the form was sent, and pressing the button leaves the field: what
        # was answered to the same value still holds.
        is_new = self._values.get(field, "") != value
        if field not in known or not (is_new or is_left):
            return
        self._values = {**self._values, field: value}
        form = read_form(self._values, link_id=self.desk.link_id, intent_id=self._intent_id)
        left = field if is_left else ""
        weighed = await read(pay_readings.weigh, current_viewer(), form=form, readings=self.readings, left=left)
        self._show_readings(weighed)
        if is_new:
            self.readings = replace(self.readings, summary=[], questions=Questions())
            self.errors = replace(self.errors, form="")
        if self.kind == AmountChoice.WITH_READINGS:
            self._name_chosen_sum()

    def _show(self, offer: Offer) -> None:
        self.desk, self._debt_kopecks, self._due_kopecks = offer.desk, offer.debt_kopecks, offer.due_kopecks
        self._bill = offer.bill
        self._name_chosen_sum()

    def _show_readings(self, weighed: Weighed) -> None:
        self.readings, self._estimate_kopecks = weighed.readings, weighed.estimate.kopecks
        if not self._values:
            meters = weighed.readings.meters
            self._values = {scale.name: scale.value for one in meters if one.is_open for scale in one.scales}

    def _name_chosen_sum(self) -> None:
        if self.kind == AmountChoice.WITH_READINGS:
            amount = paying.sum_with_readings(self._due_kopecks, Money(self._estimate_kopecks))
            self._name_sum(str(amount) if amount else "")
            self.shown = str(amount.kopecks)
        else:
            is_own = self.kind == AmountChoice.OWN
            self._name_sum(paying.typed_sum(self._typed)[0] if is_own else self.desk.debt)

    def _name_sum(self, total: str) -> None:
        self.total = total or "—"
        self.desk = replace(self.desk, purposes=purposes(self._bill, total))

    def _tell(self, given: Given) -> None:
        """Say what became of the readings; what is saved is saved, so the form that goes on is another one."""
        self.readings, self._estimate_kopecks = given.readings, given.estimate.kopecks
        if given.is_complete:
            return
        self._name_chosen_sum()
        if given.is_anything_saved:
            self._intent_id = checkout.new_intent()
        if given.readings.summary:
            self.errors = PayErrors(form=paying.READING_REFUSED)

    def _refuse(self, refusal: PortalError, offer: Offer | None) -> EventSpec | None:
        """Say why not, at the field if it is on the screen; what was typed stays, what was saved is saved."""
        if self.readings.saved and not isinstance(refusal, FormAlreadySent):
            self._intent_id = checkout.new_intent()
        on_screen = {"receipt_contact", "amount"} if self.kind == AmountChoice.OWN else {"receipt_contact"}
        told = {field if field in on_screen else "form": text for field, text in sentences_of(refusal).items()}
        self.errors = PayErrors(summary=summary_of(told), **told)
        if offer:
            self._show(offer)
        return rx.set_focus(first) if (first := next(iter(told))) in on_screen else None


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
