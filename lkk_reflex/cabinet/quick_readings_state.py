"""Giving readings without a sign-in: by the pass of the tab, or by the signed link of a letter."""

from dataclasses import replace
from typing import Any

import reflex as rx

from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.accounts.statements import GUEST_LINK
from lkk_reflex.cabinet import quick
from lkk_reflex.cabinet.quick_projection import QuickAnswer, guest_answer, guest_meters
from lkk_reflex.cabinet.quick_state import link_in, pass_in
from lkk_reflex.cabinet.refusing import sentence_of
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.meters.errors import SignedLinkOver
from lkk_reflex.meters.readings_form import read_form
from lkk_reflex.meters.readings_projection import MeterForm, Questions, with_errors
from lkk_reflex.meters.views import Desk, Submission
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.focusing import focus_again


class QuickReadingsState(rx.State):
    """The form of readings of a guest."""

    #: `ready`, `empty`, `ended`; empty before the first answer.
    stage: str = ""
    #: Counts openings: the fields are drawn anew with each.
    opened: int = 0
    provider: str = ""
    meters: rx.Field[list[MeterForm]] = rx.field(default_factory=list)
    #: There is something to fill in.
    is_open: bool = False
    #: Goes along with the form, so that all its clicks save once.
    intent: str = ""
    answer: QuickAnswer = blank(QuickAnswer)
    is_busy: bool = False

    @rx.event
    @access("public")
    async def open(self) -> None:
        """Build the page from scratch."""
        number = self.opened + 1
        desk = await _desk_or_none(current_viewer(), await pass_in(self), link_in(self))
        self.reset()
        self.opened, self.stage = number, "ended"
        if desk:
            self._show(desk)

    @rx.event
    @access("public")
    async def revise(self) -> None:
        """Take the questions away: the person wants to change what was typed."""
        names = [scale.name for meter in self.meters if meter.is_open for scale in meter.scales]
        focus = focus_again(names[0] if names else "", self.answer.focus)
        self.answer = replace(self.answer, questions=Questions(), focus=focus)

    @rx.event(background=True)
    @access("public")
    async def send(self, fields: dict[str, Any]) -> None:
        """Save the readings; what is asked or refused is said where it belongs."""
        viewer, form = current_viewer(), read_form(fields, link_id=GUEST_LINK)
        async with self:
            if self.is_busy or self.stage != "ready":
                return
            self.is_busy = True
            token, signed = await pass_in(self), link_in(self)
        try:
            submission = await write(quick.submit_readings, viewer, token=token, signed=signed, form=form)
            desk = await read(quick.readings_desk, viewer, token=token, signed=signed)
        except (PassEnded, SignedLinkOver):
            async with self:
                self.stage = "ended"
        except PortalError as refusal:
            async with self:
                self.answer = QuickAnswer(refusal=sentence_of(refusal), focus=self.answer.focus)
        else:
            async with self:
                self._tell(submission, desk)
        finally:
            async with self:
                self.is_busy = False

    def _show(self, desk: Desk) -> None:
        self.provider, self.meters = desk.provider_name, guest_meters(desk)
        self.is_open = any(meter.is_open for meter in self.meters)
        self.stage, self.intent = "ready" if self.meters else "empty", new_token()

    def _tell(self, submission: Submission, desk: Desk) -> None:
        """Show what was saved, and leave open what was not."""
        answer = guest_answer(submission.outcomes, desk)
        if submission.is_anything_saved:
            self._show(desk)
        self.meters = with_errors(self.meters, dict(answer.summary))
        self.answer = replace(answer, focus=focus_again(answer.focus, self.answer.focus))


async def _desk_or_none(viewer: Viewer, token: str, signed: str) -> Desk | None:
    """Return the form of readings, None when the pass or the link is over."""
    try:
        return await read(quick.readings_desk, viewer, token=token, signed=signed)
    except (PassEnded, SignedLinkOver):
        return None
