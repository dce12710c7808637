"""Without a sign-in: which account, and paying for it."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.cabinet import quick
from lkk_reflex.cabinet.connecting import ConnectForm
from lkk_reflex.cabinet.quick_projection import DESK_PATH, QuickDesk, QuickErrors
from lkk_reflex.cabinet.refusing import sentence_of
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import outside, read, write
from lkk_reflex.kit.errors import PortalError, problems_of, sentences_of, summary_of
from lkk_reflex.kit.raw_input import name_in_address, text_of
from lkk_reflex.meters.signed_links import PATH as READINGS_PATH
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import PayForm
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.choices import Option

PATH = "/quick"
_ANY_HINT = "Как в квитанции, пробелы можно не убирать."
_CODE_HINT = "Или вставьте текст QR-кода с квитанции, он начинается с ST0001."
#: A pasted payment code (ГОСТ Р 56042-2014) holds the whole requisites.
_TYPED_LIMIT = 3000
_LONGEST_CONTACT = 254
#: The gateway answers within a second or two; who waits longer than this, waits on the page that says so.
_PATIENCE_SECONDS = 10.0


class QuickState(rx.State):
    """Which account is meant. The pass to it never leaves the server."""

    is_loaded: bool = False
    #: The providers to choose from; none when there is only one.
    providers: rx.Field[list[Option]] = rx.field(default_factory=list)
    #: The only provider.
    only_code: str = ""
    #: How its numbers look, or where they stand.
    hint: str = ""
    errors: QuickErrors = blank(QuickErrors)
    is_busy: bool = False
    _pass: str = ""

    @rx.event
    @access("public")
    async def load(self) -> None:
        """Begin anew; whose pass was open is forgotten."""
        choices = await read(quick.choices)
        self.reset()
        self.is_loaded, hint = True, _ANY_HINT
        if len(choices) == 1:
            self.only_code, hint = choices[0].code, choices[0].account_hint or _ANY_HINT
        else:
            self.providers = [Option(choice.code, choice.name, choice.town) for choice in choices]
        self.hint = f"{hint} {_CODE_HINT}"

    @rx.event(background=True)
    @access("public")
    async def find(self, data: dict[str, Any]) -> AsyncIterator[EventSpec]:
        """Open a pass to the account of the number; a pasted payment code needs no provider."""
        form = ConnectForm(text_of(data, "provider"), text_of(data, "number", limit=_TYPED_LIMIT))
        viewer = current_viewer()
        async with self:
            self.errors, self.is_busy = QuickErrors(), True
        try:
            token = await write(quick.open_pass, viewer, form=form)
        except PortalError as refusal:
            async with self:
                self.errors = _errors_of(refusal)
            if first := problems_of(refusal)[0].field:
                yield rx.set_focus(first)
        else:
            async with self:
                self._pass = token
            yield rx.redirect(DESK_PATH)
        finally:
            async with self:
                self.is_busy = False

    @rx.event(background=True)
    @access("public")
    async def to_pay(self) -> AsyncIterator[EventSpec]:
        """Lead from the readings of an account to its sum; the link of a letter is exchanged for a pass first."""
        viewer = current_viewer()
        async with self:
            if self.is_busy:
                return
            self.errors, self.is_busy, signed = QuickErrors(), True, link_in(self)
        try:
            token = await write(quick.open_pass_by_link, viewer, signed=signed) if signed else ""
        except PortalError as refusal:
            async with self:
                self.errors = _errors_of(refusal)
        else:
            async with self:
                self._pass = token or self._pass
            yield rx.redirect(DESK_PATH)
        finally:
            async with self:
                self.is_busy = False


def link_in(state: rx.State) -> str:
    """Return the token of a letter's link, which the address holds; an empty text on every other page."""
    path = str(state.router.url.path)
    return name_in_address(path) if path.startswith(f"{READINGS_PATH}/") else ""


async def pass_in(state: rx.State) -> str:
    """Return the pass that this tab has opened; an empty text if none."""
    return (await state.get_state(QuickState))._pass  # noqa: SLF001 - it stands there so that no browser gets it.


class QuickDeskState(rx.State):
    """The account of the pass, and the sum to pay."""

    #: `ready`, `ended`; empty before the first answer.
    stage: str = ""
    #: Counts openings: the fields are drawn anew with each.
    opened: int = 0
    desk: QuickDesk = blank(QuickDesk)
    errors: QuickErrors = blank(QuickErrors)
    is_busy: bool = False
    leave_to: str = ""
    _intent_id: str = ""

    @rx.event
    @access("public")
    async def open(self) -> None:
        """Show the account as it stands now, with a new form."""
        token, opened = await pass_in(self), self.opened + 1
        try:
            desk = await read(quick.desk, current_viewer(), token=token)
        except PassEnded:
            desk = None
        self.reset()
        self.opened, self.stage = opened, "ready" if desk else "ended"
        if desk:
            self.desk, self._intent_id = desk, checkout.new_intent()

    @rx.event(background=True)
    @access("public")
    async def pay(self, fields: dict[str, Any]) -> AsyncIterator[EventSpec]:
        """Make the payment and lead to the gateway's page."""
        viewer = current_viewer()
        async with self:
            if self.is_busy or self.stage != "ready":
                return
            self.is_busy, self.errors, self.leave_to = True, QuickErrors(), ""
            token, form = await pass_in(self), _pay_form(fields, self._intent_id)
        try:
            guest = await write(quick.payer, viewer, token=token)
            payment_id = await write(quick.begin, guest, form=form)
            sent = await outside(lambda: checkout.pay(guest, form), patience=_PATIENCE_SECONDS)
            way = await read(quick.way_on, guest, payment_id=sent or payment_id)
        except PassEnded:
            async with self:
                self.stage = "ended"
        except PortalError as refusal:
            async with self:
                self.errors = _errors_of(refusal)
            if first := problems_of(refusal)[0].field:
                yield rx.set_focus(first)
        else:
            async with self:
                self.leave_to = "" if way.startswith("/") else way
            if not self.leave_to:
                yield rx.redirect(way)
        finally:
            async with self:
                self.is_busy = False


def _errors_of(refusal: PortalError) -> QuickErrors:
    told = sentences_of(refusal, sentence_of)
    return QuickErrors(summary=summary_of(told), **told)


def _pay_form(fields: object, intent_id: str) -> PayForm:
    contact = text_of(fields, "receipt_contact", limit=_LONGEST_CONTACT)
    return quick.pay_form(quick.QuickAmount(intent_id, text_of(fields, "amount"), contact))
