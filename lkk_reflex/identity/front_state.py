"""What the front door knows of who looks at it."""

import reflex as rx

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Role


class FrontState(rx.State):
    """The page is the same for everybody but for where its doors lead."""

    is_signed_in: bool = False

    @rx.event
    @access("public")
    async def load(self) -> None:
        """Look whether somebody is signed in, which is known without asking when no session was brought along."""
        self.is_signed_in = current_viewer().role is Role.SUBSCRIBER
