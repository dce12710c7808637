"""Changing the login: the new one with the password, then the code sent to it."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import login_change, own_confirmations
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.security_overview import security_overview
from lkk_reflex.identity.state import Answer, FormState, password_of, sent_to
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.raw_input import text_of


class LoginChangeState(FormState, rx.State):
    """Both steps; which of them is shown depends on what waits for its code."""

    is_loaded: bool = False
    #: The present login.
    login: str = ""
    is_waiting: bool = False
    sent_to: str = ""
    #: Seconds until the next message may be sent, and how often they were set.
    wait: int = 0
    sent: int = 0

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Show the step at which the change is."""
        self._open()
        await self._show()

    @rx.event
    @access("subscriber")
    async def ask(self, data: dict[str, Any]) -> Answer:
        """Send a code to the new login."""
        self._begin()
        yield None
        viewer, login, password = (
            current_viewer(),
            text_of(data, "login", limit=1000),
            password_of(data, "own_password"),
        )
        try:
            await in_thread(login_change.request_change, viewer, login=login, password=password)
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        await self._show()
        yield rx.set_focus("code")

    @rx.event
    @access("subscriber")
    async def confirm(self, data: dict[str, Any]) -> Answer:
        """Check the code; the browser then leaves with a new session."""
        self._begin()
        yield None
        viewer, code, browser = current_viewer(), text_of(data, "code"), self._browser()
        yield await self._exchange(write(login_change.confirm_change, viewer, code=code, browser=browser))

    @rx.event
    @access("subscriber")
    async def resend(self) -> None:
        """Send the code once more."""
        self._begin()
        try:
            await write(own_confirmations.resend, current_viewer(), purpose=Purpose.LOGIN_CHANGE)
            self.note = "Отправили новый код. Прежний больше не действует."
        except PortalError as refusal:
            self._refuse(refusal)
        await self._show()

    @rx.event
    @access("subscriber")
    async def cancel(self) -> EventSpec:
        """Give the change up; the present login stays."""
        self._begin()
        await write(own_confirmations.cancel, current_viewer(), purpose=Purpose.LOGIN_CHANGE)
        await self._show()
        self.note = "Смена отменена. Вы входите по-прежнему."
        return rx.set_focus("login")

    async def _show(self) -> None:
        overview = await read(security_overview, current_viewer())
        waiting = await read(own_confirmations.pending, current_viewer(), purpose=Purpose.LOGIN_CHANGE)
        self.login, self.is_waiting, self.is_busy, self.is_loaded = overview.login, waiting is not None, False, True
        if waiting:
            self.sent_to, self.wait, self.sent = sent_to(waiting), waiting.resend_seconds, self.sent + 1
