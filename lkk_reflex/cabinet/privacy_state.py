"""Consents, the copy of own data, and closing the cabinet."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.cabinet import own_data
from lkk_reflex.cabinet.leaving import BeforeClosing, before_closing
from lkk_reflex.identity import closing, consents
from lkk_reflex.identity.consents import ConsentEvent, OwnConsent
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.raw_input import plain_text, whole_signs
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.ui.blanks import blank

_EXPIRED = "Подготовка заняла слишком много времени. Введите пароль и нажмите «Скачать мои данные» ещё раз."


class PrivacyState(rx.State):
    """What a person has allowed, and the ways to take everything along or to leave."""

    is_loaded: bool = False
    consents: rx.Field[list[OwnConsent]] = rx.field(default_factory=list)
    log: rx.Field[list[ConsentEvent]] = rx.field(default_factory=list)
    leaving: BeforeClosing = blank(BeforeClosing)
    saved: str = ""
    #: Sentences by what they belong to: `consent`, `data`, `close`.
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_busy: bool = False
    #: Posted by the page itself: for the archive, and to leave a closed cabinet.
    data_ticket: str = ""
    leave_ticket: str = ""

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read everything anew."""
        leaving = await read(before_closing, current_viewer())
        is_late = "expired" in self.router.url.query_parameters
        self.reset()
        await self._show()
        self.leaving, self.is_loaded = leaving, True
        self.errors = {"data": _EXPIRED} if is_late else {}

    @rx.event
    @access("subscriber")
    async def give(self, kind: str, text_hash: str) -> None:
        """Agree to the text that is shown."""
        wanted, shown = plain_text(kind), plain_text(text_hash)
        self._begin()
        try:
            await write(consents.give, current_viewer(), kind=wanted, text_hash=shown)
            self.saved = "Согласие дано"
        except PortalError as refusal:
            self.errors = {"consent": refusal.message}
        await self._show()

    @rx.event
    @access("subscriber")
    async def withdraw(self, kind: str) -> None:
        """Take an optional consent back."""
        wanted = plain_text(kind)
        self._begin()
        try:
            await write(consents.withdraw, current_viewer(), kind=wanted)
            self.saved = "Согласие отозвано"
        except PortalError as refusal:
            self.errors = {"consent": refusal.message}
        await self._show()

    @rx.event
    @access("subscriber")
    async def ask_data(self, data: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Check the password and let the page fetch the archive."""
        self._begin()
        self.is_busy = True
        yield None
        try:
            self.data_ticket = await in_thread(own_data.ask, current_viewer(), password=_password(data, "own_password"))
        except PortalError as refusal:
            self.errors = {"data": refusal.message}
            yield rx.set_focus("own_password")
        self.is_busy = False

    @rx.event
    @access("subscriber")
    async def close(self, data: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Check the password, close the cabinet, and let the page leave it."""
        self._begin()
        self.is_busy = True
        yield None
        try:
            await in_thread(closing.close, current_viewer(), password=_password(data, "close_password"))
            self.leave_ticket = new_token()
        except PortalError as refusal:
            self.errors, self.is_busy = {"close": refusal.message}, False
            yield rx.set_focus("close_password")

    async def _show(self) -> None:
        found = await read(consents.own_consents, current_viewer())
        self.consents, self.log = list(found.consents), list(found.log)

    def _begin(self) -> None:
        self.saved, self.errors, self.data_ticket = "", {}, ""


def _password(data: object, name: str) -> str:
    """Return the password as it was typed: blanks at its ends belong to it."""
    typed = data.get(name) if isinstance(data, dict) else None
    return whole_signs(typed[:1000]) if isinstance(typed, str) else ""
