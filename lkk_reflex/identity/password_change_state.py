"""Changing the password by who knows it."""

from typing import Any

import reflex as rx

from lkk_reflex.identity import credentials
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.state import Answer, FormState, password_of
from lkk_reflex.kit.bridge import in_thread


class PasswordChangeState(FormState, rx.State):
    """The form of the old and the new password."""

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Begin with a clean form."""
        self._open()

    @rx.event
    @access("subscriber")
    async def change(self, data: dict[str, Any]) -> Answer:
        """Replace the password; the browser then leaves with a new session."""
        self._begin()
        yield None
        yield await self._exchange(
            in_thread(
                credentials.change_password,
                current_viewer(),
                old_password=password_of(data, "own_password"),
                password=password_of(data),
                browser=self._browser(),
            )
        )
