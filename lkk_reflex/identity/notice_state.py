"""Choosing what to be told of."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import notice_choices
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_projection import NoticesView, box_name
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.notifications.models import Channel
from lkk_reflex.ui.blanks import blank


class NoticesState(rx.State):
    """The boxes of the page."""

    is_ready: bool = False
    shown: NoticesView = blank(NoticesView)
    busy: bool = False
    saved: str = ""
    refusal: str = ""

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Read the choices anew."""
        shown = await read(notice_choices.own_choices, current_viewer())
        self.reset()
        self.shown, self.is_ready = shown, True

    @rx.event
    @access("subscriber")
    async def save(self, data: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Make the ticked boxes the choices."""
        self.saved, self.refusal, self.busy = "", "", True
        yield None
        wishes = {(event, channel) for event in NoticeEvent for channel in Channel if _is_ticked(data, event, channel)}
        try:
            shown = await write(notice_choices.choose, current_viewer(), wishes=wishes)
        except PortalError as refusal:
            self.refusal, self.busy = refusal.message, False
            box = refusal.params.get("box")
            yield rx.set_focus(str(box)) if box else None
            return
        self.shown, self.busy = shown, False
        self.saved = "Сохранено. Со следующего события пишем так, как вы выбрали."


def _is_ticked(data: object, event: NoticeEvent, channel: Channel) -> bool:
    """Tell whether a box came with the form; what a form may hold instead of a tick is none."""
    return isinstance(data, dict) and data.get(box_name(event, channel)) in (True, "on", "true")
