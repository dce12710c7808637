"""One ticket: its dialogue, and what its author may do with it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError, problems_of, sentences_of, summary_of
from lkk_reflex.kit.raw_input import name_in_address, text_of
from lkk_reflex.support import dialogue
from lkk_reflex.support.form_input import written_in
from lkk_reflex.support.projection import MessageView, TicketView
from lkk_reflex.support.rules import COMMENT_LIMIT
from lkk_reflex.support.tickets import own_ticket
from lkk_reflex.support.writing import new_id
from lkk_reflex.ui.blanks import blank

#: Fields whose element is called otherwise.
_ELEMENTS = {"files": "attach", "rating": "rating_5"}


@dataclass(frozen=True, slots=True)
class DialogueErrors:
    """What is wrong, by the name of the field; `form` is about the whole."""

    #: All of it again as pairs of an element and a sentence, when several fields of the message are wrong.
    summary: list[tuple[str, str]] = field(default_factory=list)
    #: The same of the rating.
    rating_summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    text: str = ""
    files: str = ""
    rating: str = ""
    comment: str = ""


class TicketState(rx.State):
    """The ticket that the address names."""

    #: Of which address the rest speaks; empty before the first answer.
    asked_id: str = ""
    #: The address leads to nothing of the viewer's.
    is_missing: bool = False
    ticket: TicketView = blank(TicketView)
    messages: rx.Field[list[MessageView]] = rx.field(default_factory=list)
    errors: DialogueErrors = blank(DialogueErrors)
    #: What has just been done.
    done: str = ""
    is_busy: bool = False

    @rx.event
    @access("subscriber")
    async def load(self) -> None:
        """Read the dialogue anew."""
        public_id = self._public_id()
        self.reset()
        self.asked_id = public_id
        await self._read()

    @rx.event
    @access("subscriber")
    async def refresh(self) -> None:
        """Read what has been answered while the person was in another tab; what is being written stays."""
        if self.asked_id and self.asked_id == self._public_id():
            await self._read()

    @rx.event(background=True)
    @access("subscriber")
    async def send(self, data: dict[str, Any]) -> AsyncIterator[EventSpec]:
        """Write to the ticket."""
        viewer, message = current_viewer(), written_in(data)
        async with self:
            public_id = self._public_id()
            self._begin()
            self.is_busy = True
        try:
            await write(
                dialogue.add_message,
                viewer,
                public_id=public_id,
                intent_id=message.intent_id or new_id(),
                text=message.text,
                files=message.files,
            )
        except PortalError as refusal:
            async with self:
                focus = self._refuse(refusal)
            if focus:
                yield focus
        else:
            async with self:
                await self._read()
                self.done = "Сообщение отправлено"
        finally:
            async with self:
                self.is_busy = False

    @rx.event
    @access("subscriber")
    async def close(self) -> None:
        """Say that the question is settled."""
        self._begin()
        try:
            await write(dialogue.close, current_viewer(), public_id=self._public_id())
        except Forbidden:
            self.is_missing = True
        else:
            await self._read()
            self.done = "Обращение закрыто"

    @rx.event
    @access("subscriber")
    async def reopen(self) -> None:
        """Open the ticket again."""
        self._begin()
        try:
            await write(dialogue.reopen, current_viewer(), public_id=self._public_id())
        except PortalError as refusal:
            self._refuse(refusal)
        else:
            await self._read()
            self.done = "Обращение снова открыто"

    @rx.event
    @access("subscriber")
    async def rate(self, data: dict[str, Any]) -> EventSpec | None:
        """Rate the answers."""
        self._begin()
        # One character more than allowed is enough to refuse.
        rating, comment = text_of(data, "rating"), text_of(data, "comment", limit=COMMENT_LIMIT + 1)
        public_id = self._public_id()
        try:
            await write(dialogue.rate, current_viewer(), public_id=public_id, rating=rating, comment=comment)
        except PortalError as refusal:
            return self._refuse(refusal)
        await self._read()
        self.done = "Спасибо за оценку"
        return None

    def _public_id(self) -> str:
        return name_in_address(str(self.router.url.path))

    def _begin(self) -> None:
        self.errors, self.done = DialogueErrors(), ""

    async def _read(self) -> None:
        try:
            found = await read(own_ticket, current_viewer(), public_id=self._public_id())
        except Forbidden:
            self.is_missing = True
            return
        self.ticket, self.messages = found.head, found.messages

    def _refuse(self, refusal: PortalError) -> EventSpec | None:
        if isinstance(refusal, Forbidden):
            self.is_missing = True
            return None
        told, first = sentences_of(refusal), problems_of(refusal)[0].field
        lines = summary_of(told, _ELEMENTS)
        is_rating = "comment" in told or "rating" in told
        self.errors = DialogueErrors([] if is_rating else lines, lines if is_rating else [], **told)
        return rx.set_focus(_ELEMENTS.get(first, first)) if first else None
