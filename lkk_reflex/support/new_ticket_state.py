"""Writing a new ticket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import PortalError, problems_of, sentences_of, summary_of
from lkk_reflex.kit.raw_input import plain_text, text_of
from lkk_reflex.support.form_input import written_in
from lkk_reflex.support.models import Recipient
from lkk_reflex.support.opening import TicketForm, open_ticket
from lkk_reflex.support.tickets import promise_for, whom_to_ask
from lkk_reflex.support.writing import new_id
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.choices import Option

_TOPIC_PLACES = tuple(f"topic_{recipient}" for recipient in Recipient)
_PLACES = ("recipient", *_TOPIC_PLACES, "account", "provider")
#: What is asked anew, or no more, with a choice.
_SETTLED_BY = {
    "recipient": ("recipient", "topic", "account", "provider"),
    "account": ("account", "provider"),
    **dict.fromkeys(_TOPIC_PLACES, ("topic",)),
}


@dataclass(frozen=True, slots=True)
class TicketErrors:
    """What is wrong, by the name of the field; `form` is about the whole."""

    #: All of it again as pairs of an element and a sentence, when several fields are wrong.
    summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    recipient: str = ""
    provider: str = ""
    account: str = ""
    topic: str = ""
    text: str = ""
    files: str = ""


class NewTicketState(rx.State):
    """What of the form is not in its fields."""

    is_loaded: bool = False
    #: Counts openings: the fields are drawn anew with each, so that they and the state say the same.
    opened: int = 0
    accounts: rx.Field[list[Option]] = rx.field(default_factory=list)
    providers: rx.Field[list[Option]] = rx.field(default_factory=list)
    recipient: str = ""
    account: str = ""
    #: Until when an answer comes.
    promise: str = ""
    errors: TicketErrors = blank(TicketErrors)
    is_busy: bool = False
    #: By the place: the fields of both recipients keep what was chosen in them.
    _topics: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _provider: str = ""

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Begin a new form; the address may name the account that it is about."""
        asked, opened = await read(whom_to_ask, current_viewer()), self.opened + 1
        named = plain_text(self.router.url.query_parameters.get("account"))
        self.reset()
        self.accounts = [Option(name, title) for name, title in asked.accounts]
        self.providers = [Option(name, title) for name, title in asked.providers]
        own = [option.value for option in self.accounts]
        self.account = named if named in own else "".join(own[:1])
        self._provider = self.providers[0].value if len(self.providers) == 1 else ""
        self.recipient = Recipient.PROVIDER if own else Recipient.SUPPORT
        self.opened, self.is_loaded = opened, True
        await self._promise()

    @rx.event
    @access("subscriber")
    async def choose(self, place: str, value: str) -> None:
        """Show what follows from a choice: which topics there are, whether a company is to be named, by when."""
        if place not in _PLACES:
            return
        chosen = plain_text(value)
        if place == "recipient":
            self.recipient = chosen
        elif place == "account":
            self.account = chosen
        elif place in _TOPIC_PLACES:
            self._topics[place] = chosen
        else:
            self._provider = chosen
        # What was said of the other fields still holds.
        self.errors = replace(self.errors, summary=[], form="", **dict.fromkeys(_SETTLED_BY.get(place, (place,)), ""))
        await self._promise()

    @rx.event(background=True)
    @access("subscriber")
    async def send(self, data: dict[str, Any]) -> AsyncIterator[EventSpec]:
        """Open the ticket and lead to its page."""
        viewer, form = current_viewer(), _form_of(data)
        async with self:
            self.errors, self.is_busy = TicketErrors(), True
        try:
            public_id = await write(open_ticket, viewer, form=form)
        except PortalError as refusal:
            async with self:
                self.errors = _errors_of(refusal, form.recipient)
            if first := problems_of(refusal)[0].field:
                yield rx.set_focus(_elements(form.recipient).get(first, first))
        else:
            yield rx.redirect(f"/support/{public_id}")
        finally:
            async with self:
                self.is_busy = False

    async def _promise(self) -> None:
        form = TicketForm(
            "", self.recipient, self._topics.get(f"topic_{self.recipient}", ""), "", self.account, self._provider
        )
        self.promise = await read(promise_for, current_viewer(), form=form)


def _form_of(data: object) -> TicketForm:
    message, recipient = written_in(data), text_of(data, "recipient")
    return TicketForm(
        intent_id=message.intent_id or new_id(),
        recipient=recipient,
        topic=text_of(data, f"topic_{recipient}"),
        text=message.text,
        account=text_of(data, "account"),
        provider_code=text_of(data, "provider"),
        files=message.files,
    )


def _errors_of(refusal: PortalError, recipient: str) -> TicketErrors:
    told = sentences_of(refusal)
    return TicketErrors(summary=summary_of(told, _elements(recipient)), **told)


def _elements(recipient: str) -> dict[str, str]:
    """Return the elements of fields that have another one for each recipient, or none of their own."""
    return {"topic": f"topic_{recipient}", "files": "attach", "recipient": "recipient_support"}
