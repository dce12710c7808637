"""One's own data: names, a phone to call back, a second e-mail with its code."""

from typing import Any, Final

import reflex as rx

from lkk_reflex.identity import own_confirmations, profile
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.profile import Saved, TypedProfile
from lkk_reflex.identity.profile_projection import ProfileView
from lkk_reflex.identity.state import Answer, FormState, sent_to
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.raw_input import text_of
from lkk_reflex.ui.blanks import blank

#: Longer than anything that is accepted, so that too long a text is refused and not cut.
_TYPED_LIMIT: Final = 1000


class ProfileState(FormState, rx.State):
    """The form, and below it the code of a second e-mail that waits for one."""

    is_loaded: bool = False
    profile: ProfileView = blank(ProfileView)
    is_waiting: bool = False
    sent_to: str = ""
    #: Seconds until the next message may be sent, and how often they were set.
    wait: int = 0
    sent: int = 0

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Show what was told before."""
        self._open()
        self.profile = await read(profile.view, current_viewer())
        await self._show()

    @rx.event
    @access("subscriber")
    async def save(self, data: dict[str, Any]) -> Answer:
        """Store the form, and say what of it is new."""
        self._begin()
        yield None
        try:
            saved = await write(profile.save, current_viewer(), typed=_typed(data))
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        said = f"Сохранено: {', '.join(saved.parts)}." if saved.parts else ""
        self.note = " ".join(filter(None, (said, _awaited(saved)))) or "Изменений нет: всё уже сохранено."
        await self._show()
        yield rx.set_focus("code" if saved.is_code_sent else "said")

    @rx.event
    @access("subscriber")
    async def confirm(self, data: dict[str, Any]) -> Answer:
        """Check the code of the second e-mail."""
        self._begin()
        yield None
        try:
            address = await write(profile.confirm_second_email, current_viewer(), code=text_of(data, "code"))
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        self.note = f"Сохранено: почта {address}. Уведомления будут приходить и на неё."
        await self._show()
        yield rx.set_focus("said")

    @rx.event
    @access("subscriber")
    async def resend(self) -> None:
        """Send the code once more."""
        self._begin()
        try:
            await write(own_confirmations.resend, current_viewer(), purpose=Purpose.SECOND_EMAIL)
            self.note = "Отправили новый код. Прежний больше не действует."
        except PortalError as refusal:
            self._refuse(refusal)
        await self._show()

    async def _show(self) -> None:
        waiting = await read(own_confirmations.pending, current_viewer(), purpose=Purpose.SECOND_EMAIL)
        self.is_waiting, self.is_busy, self.is_loaded = waiting is not None, False, True
        if waiting:
            self.sent_to, self.wait, self.sent = sent_to(waiting), waiting.resend_seconds, self.sent + 1


def _awaited(saved: Saved) -> str:
    """Say what is to be done about an e-mail that waits for its code."""
    if saved.is_code_sent:
        return "Чтобы включить почту, введите код из письма."
    if saved.is_code_awaited:
        return "Почта ждёт подтверждения: введите код из письма. Письма нет — нажмите «Отправить ещё раз»."
    return ""


def _typed(data: object) -> TypedProfile:
    def typed(name: str) -> str:
        return text_of(data, name, limit=_TYPED_LIMIT)

    return TypedProfile(typed("surname"), typed("name"), typed("patronymic"), typed("phone"), typed("second_email"))
