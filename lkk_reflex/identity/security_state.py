"""The page of the security settings: how the cabinet is guarded, and who is signed in."""

from typing import Final

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import sessions
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.projection import SessionView
from lkk_reflex.identity.security_overview import security_overview
from lkk_reflex.identity.security_projection import SecurityView
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.raw_input import plain_text
from lkk_reflex.ui.blanks import blank

#: What the address says of what has just been done.
_DONE: Final = {
    "password": "Пароль изменён. На других устройствах нужно войти заново.",
    "login": "Логин изменён. На других устройствах нужно войти заново по новому.",
    "second_factor": "Второй шаг включён. Теперь при каждом входе понадобится код из приложения.",
}


class SecurityState(rx.State):
    """The cards of the page and the list of one's own sessions."""

    is_loaded: bool = False
    security: SecurityView = blank(SecurityView)
    sessions: rx.Field[list[SessionView]] = rx.field(default_factory=list)
    note: str = ""

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read everything anew, and say what has just been done."""
        done = _DONE.get(self.router.url.query_parameters.get("done", ""), "")
        await self._show(done)

    @rx.event
    @access("subscriber")
    async def end_session(self, public_id: str) -> EventSpec:
        """End one session of one's own; its browser leaves the cabinet."""
        name = plain_text(public_id, limit=64)
        ended = next((one.device for one in self.sessions if one.public_id == name), "")
        await write(sessions.revoke, current_viewer(), public_id=name)
        await self._show(f"Завершено: {ended}" if ended else "")
        return rx.set_focus("said")

    @rx.event
    @access("subscriber")
    async def end_others(self) -> EventSpec:
        """End every session but this one."""
        await write(sessions.sign_out_everywhere, current_viewer(), keep_this=True)
        await self._show("Все остальные устройства вышли из кабинета. Вы остались только здесь.")
        return rx.set_focus("said")

    async def _show(self, note: str) -> None:
        security = await read(security_overview, current_viewer())
        found = await read(sessions.own_sessions, current_viewer())
        self.security, self.sessions, self.note, self.is_loaded = security, found, note, True
