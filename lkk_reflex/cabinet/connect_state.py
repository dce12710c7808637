"""Connecting an account: which provider, then which number."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.accounts.errors import ProviderMissing
from lkk_reflex.accounts.linking import Outcome
from lkk_reflex.accounts.projection import KIND_LABELS
from lkk_reflex.accounts.providers import ProviderChoice, provider_choices
from lkk_reflex.accounts.statements import has_connected_before, linked_bills
from lkk_reflex.cabinet.connecting import ConnectForm, connect_account
from lkk_reflex.cabinet.refusing import sentence_of
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import PortalError, problems_of, sentences_of, summary_of
from lkk_reflex.kit.raw_input import text_of
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.choices import Option

FIRST_STEP = "/cabinet/connect"
#: A pasted payment code (ГОСТ Р 56042-2014) holds the whole requisites.
_TYPED_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class ChosenProvider:
    """The provider of the first step, as the second one repeats it."""

    code: str = ""
    name: str = ""
    note: str = ""
    #: How its numbers look.
    hint: str = ""
    #: There is nothing to choose from, so the first step is left out.
    is_only: bool = False


@dataclass(frozen=True, slots=True)
class ConnectErrors:
    """What is wrong, by the name of the field; `form` is about the whole."""

    #: All of it again as pairs of a field and a sentence, when several fields are wrong.
    summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    provider: str = ""
    number: str = ""
    own_name: str = ""


class ConnectState(rx.State):
    """Both steps: the address says which provider was chosen in the first one."""

    is_loaded: bool = False
    #: Whom the form greets: `first`, nothing has ever been connected; `again`, nothing is now; else nobody.
    greeted: str = ""
    providers: rx.Field[list[Option]] = rx.field(default_factory=list)
    provider: ChosenProvider = blank(ChosenProvider)
    errors: ConnectErrors = blank(ConnectErrors)
    #: The account that turned out to be connected already.
    known_id: str = ""
    is_busy: bool = False

    @rx.event
    @access("subscriber")
    async def load(self) -> EventSpec | None:
        """Begin a step anew; an address that names no provider of ours leads to choosing one."""
        path = str(self.router.url.path).rstrip("/")
        choices = await read(provider_choices, current_viewer())
        greeted = ""
        if not await read(linked_bills, current_viewer()):
            greeted = "again" if await read(has_connected_before, current_viewer()) else "first"
        is_only = len(choices) == 1
        found = [_chosen(choice, is_only=is_only) for choice in choices if path == f"{FIRST_STEP}/{choice.code}"]
        self.reset()
        self.providers = [Option(choice.code, choice.name, _note(choice)) for choice in choices]
        self.provider, self.greeted, self.is_loaded = found[0] if found else ChosenProvider(), greeted, True
        if is_only and not found:
            return rx.redirect(f"{FIRST_STEP}/{choices[0].code}", replace=True)
        return None if found or path == FIRST_STEP else rx.redirect(FIRST_STEP)

    @rx.event
    @access("subscriber")
    async def choose(self, data: dict[str, Any]) -> EventSpec:
        """Go on to the number; the next page checks that there is such a provider."""
        if code := text_of(data, "provider"):
            return rx.redirect(f"{FIRST_STEP}/{quote(code, safe='')}")
        self.errors = _errors_of(ProviderMissing())
        return rx.set_focus(ProviderMissing.field)

    @rx.event(background=True)
    @access("subscriber")
    async def connect(self, data: dict[str, Any]) -> AsyncIterator[EventSpec]:
        """Connect what was typed; a pasted payment code needs no provider."""
        viewer, form = current_viewer(), _form_of(data)
        async with self:
            self.errors, self.known_id, self.is_busy = ConnectErrors(), "", True
        try:
            done = await write(connect_account, viewer, form=form)
        except PortalError as refusal:
            async with self:
                self.errors = _errors_of(refusal)
            if first := problems_of(refusal)[0].field:
                yield rx.set_focus(first)
        else:
            if done.outcome is not Outcome.ALREADY:
                yield rx.redirect(f"/cabinet/connected/{done.public_id}")
            async with self:
                self.known_id = done.public_id if done.outcome is Outcome.ALREADY else ""
        finally:
            async with self:
                self.is_busy = False


def _form_of(data: object) -> ConnectForm:
    return ConnectForm(
        provider_code=text_of(data, "provider"),
        typed=text_of(data, "number", limit=_TYPED_LIMIT),
        own_name=text_of(data, "own_name"),
    )


def _errors_of(refusal: PortalError) -> ConnectErrors:
    told = sentences_of(refusal, sentence_of)
    return ConnectErrors(summary=summary_of(told), **told)


def _chosen(choice: ProviderChoice, *, is_only: bool) -> ChosenProvider:
    example = f" Например, {choice.account_example}." if choice.account_example else ""
    hint = f"{choice.account_hint}{example} Пробелы можно не убирать."
    return ChosenProvider(choice.code, choice.name, _note(choice), hint.strip(), is_only=is_only)


def _note(choice: ProviderChoice) -> str:
    return " · ".join(filter(None, (KIND_LABELS[choice.kind], choice.town)))
