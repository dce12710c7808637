"""The second factor: switching it on and off, its recovery codes, and the step of signing in that asks for it."""

from typing import Any, Final

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import second_factor, sessions
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.security_projection import Enrolment, FactorView
from lkk_reflex.identity.state import Answer, FormState, password_of
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.raw_input import plain_text, text_of
from lkk_reflex.ui.blanks import blank

_INTENTS: Final = ("off", "renew")


class SecondFactorState(FormState, rx.State):
    """The settings of the second factor.

    The secret and the recovery codes are here only while they stand on the screen: leaving the page and opening it
    anew both empty them.
    """

    is_loaded: bool = False
    factor: FactorView = blank(FactorView)
    enrolment: Enrolment = blank(Enrolment)
    recovery_codes: rx.Field[list[str]] = rx.field(default_factory=list)
    #: What a password and a code are asked for: `off`, `renew`, or nothing yet.
    intent: str = ""

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Show whether it is on."""
        self._open()
        await self._show()

    @rx.event
    @access("subscriber")
    async def leave(self) -> None:
        """Forget what must not outlive the page."""
        self.reset()

    @rx.event
    @access("subscriber")
    async def prepare(self, data: dict[str, Any]) -> Answer:
        """Show the secret to who has given the password."""
        self._begin()
        yield None
        try:
            self.enrolment = await in_thread(
                second_factor.prepare, current_viewer(), password=password_of(data, "own_password")
            )
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        self.is_busy = False
        yield rx.set_focus("second_code")

    @rx.event
    @access("subscriber")
    async def switch_on(self, data: dict[str, Any]) -> Answer:
        """Check the first code and show the recovery codes."""
        self._begin()
        yield None
        try:
            fresh = await write(second_factor.switch_on, current_viewer(), code=text_of(data, "second_code"))
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        self.enrolment, self.recovery_codes, self.is_busy = Enrolment(), fresh, False
        yield rx.set_focus("recovery-codes")

    @rx.event
    @access("subscriber")
    async def finish(self) -> EventSpec:
        """Take the recovery codes off the screen."""
        self.reset()
        return rx.redirect("/settings/security?done=second_factor")

    @rx.event
    @access("subscriber")
    async def choose(self, intent: str) -> EventSpec | None:
        """Ask for the password and a code before switching off or making new recovery codes."""
        self.errors, self.note = {}, ""
        wanted = plain_text(intent, limit=20)
        self.intent = wanted if wanted in _INTENTS else ""
        return rx.set_focus("own_password") if self.intent else None

    @rx.event
    @access("subscriber")
    async def prove(self, data: dict[str, Any]) -> Answer:
        """Do what was chosen."""
        is_off = self.intent == "off"
        self._begin()
        yield None
        viewer, password, code = current_viewer(), password_of(data, "own_password"), text_of(data, "second_code")
        try:
            if is_off:
                await in_thread(second_factor.switch_off, viewer, password=password, code=code)
            else:
                work = in_thread(second_factor.renew_recovery_codes, viewer, password=password, code=code)
                self.recovery_codes = await work
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        self.note = "Второй шаг выключен. Для входа снова хватит пароля." if is_off else ""
        await self._show()
        if self.recovery_codes:
            yield rx.set_focus("recovery-codes")

    async def _show(self) -> None:
        self.factor = await read(second_factor.status, current_viewer())
        self.intent, self.is_busy, self.is_loaded = "", False, True


class SecondStepState(FormState, rx.State):
    """The step of signing in that asks for the code of the application."""

    is_lost: bool = False

    @rx.event
    @access("public")
    async def load(self) -> EventSpec | None:
        """Begin with a clean form, if the password was given here before."""
        self._open()
        self.is_lost = await self._flow(Purpose.SECOND_FACTOR) is None
        return self._home_if_signed_in()

    @rx.event
    @access("public")
    async def submit(self, data: dict[str, Any]) -> Answer:
        """Check the code and sign in."""
        self._begin()
        yield None
        browser, code = self._browser(), text_of(data, "second_code")
        yield await self._exchange(
            write(
                sessions.confirm_second_factor,
                current_viewer(),
                flow_token=browser.flow_token,
                code=code,
                browser=browser,
            )
        )
