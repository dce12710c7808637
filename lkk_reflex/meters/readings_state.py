"""The form of readings of one account, and the choice among several accounts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.kit.raw_input import name_in_address, plain_text
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.meters import desk as desks
from lkk_reflex.meters import submitting
from lkk_reflex.meters.giving import give
from lkk_reflex.meters.history_state import HistoryState
from lkk_reflex.meters.overview import account_name, metered_accounts
from lkk_reflex.meters.readings_form import LONGEST_VALUE, not_saved, read_form, read_number, typed_values
from lkk_reflex.meters.readings_projection import (
    AccountChoice,
    MeterForm,
    Questions,
    SavedReading,
    account_choice,
    closed,
    errors_of,
    meter_forms,
    opened,
    questions_of,
    saved_readings,
    summary_of,
    total_of,
    with_errors,
    with_uses,
)
from lkk_reflex.meters.views import Checked, Desk, Submission
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.focusing import focus_again


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal says to the form as it was sent last."""

    #: Refusals as pairs of a field and a sentence.
    summary: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    questions: Questions = field(default_factory=Questions)
    saved: list[SavedReading] = field(default_factory=list)
    note: str = ""
    #: What gets the focus, for `ui.focusing`.
    focus: str = ""


class ChoiceState(rx.State):
    """The accounts that have meters."""

    is_loaded: bool = False
    accounts: rx.Field[list[AccountChoice]] = rx.field(default_factory=list)

    @rx.event
    @access("subscriber")
    async def open(self) -> EventSpec | None:
        """Show the accounts; who has one alone goes straight to it."""
        found = await read(metered_accounts, current_viewer())
        self.accounts, self.is_loaded = [account_choice(account) for account in found], True
        return rx.redirect(f"/readings/{found[0].link_id}", replace=True) if len(found) == 1 else None


class ReadingsState(rx.State):
    """The form of one account: what it asks, what was answered."""

    #: Of which address the rest speaks; empty before the first answer.
    asked_id: str = ""
    #: `missing`, `empty`, `ready`.
    stage: str = ""
    #: Counts openings: the fields are drawn anew with each.
    opened: int = 0
    #: Goes along with the form, so that all its clicks save once.
    intent: str = ""
    #: `Дача · № 3700 1234 5678`.
    account: str = ""
    meters: rx.Field[list[MeterForm]] = rx.field(default_factory=list)
    #: There is something to fill in.
    is_open: bool = False
    #: What all typed readings together will cost.
    total: str = ""
    answer: Answer = blank(Answer)
    is_busy: bool = False
    _typed: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @access("subscriber")
    async def open(self) -> None:
        """Build the page from scratch."""
        link_id, number = self._link_id(), self.opened + 1
        desk = await _desk_or_none(current_viewer(), link_id)
        name = await read(account_name, current_viewer(), link_id=link_id) if desk else ""
        self.reset()
        self.asked_id, self.opened, self.stage, self.account = link_id, number, "missing", name
        if desk:
            self._show(desk)

    @rx.event
    @access("subscriber")
    async def type_value(self, name: str, text: str) -> None:
        """Say what has been typed so far means."""
        await self._weigh(name, text, is_left=False)

    @rx.event
    @access("subscriber")
    async def leave_value(self, name: str, text: str) -> None:
        """Say what is wrong with a value once the person has left its field."""
        await self._weigh(name, text, is_left=True)

    @rx.event
    @access("subscriber")
    async def correct(self, meter_id: str) -> None:
        """Open the fields of a meter whose reading is sent already."""
        asked = plain_text(meter_id)
        self._put(opened(self.meters, asked))
        names = [meter.scales[0].name for meter in self.meters if meter.id == asked and meter.is_open]
        self._answer(Answer(), focus=names[0] if names else "")

    @rx.event
    @access("subscriber")
    async def keep(self, meter_id: str) -> None:
        """Close the fields of a meter again: what was sent stays, what was typed in its place is forgotten."""
        asked = plain_text(meter_id)
        names = {
            scale.name for meter in self.meters if meter.id == asked and meter.may_correct for scale in meter.scales
        }
        if not names:
            return
        self._typed = {name: text for name, text in self._typed.items() if name not in names}
        form = read_form(self._typed, link_id=self.asked_id, intent_id=self.intent)
        checked = await read(desks.check, current_viewer(), form=form)
        self._put(with_uses(closed(self.meters, asked), checked))
        self.total = total_of(checked)
        self._answer(Answer(), focus=f"sent-{asked}")

    @rx.event
    @access("subscriber")
    async def revise(self) -> None:
        """Take the questions away: the person wants to change what was typed."""
        asked = next((scale.name for meter in self.meters for scale in meter.scales if self._typed.get(scale.name)), "")
        self._answer(replace(self.answer, questions=Questions()), focus=asked)

    @rx.event
    @access("subscriber")
    async def withdraw(self, number: str) -> AsyncIterator[Any]:
        """Take back a reading that has not been exported."""
        named, link_id = read_number(number), self._link_id()
        answer = Answer(note=f"Показание {numbered(named)} отозвано.")
        try:
            await write(submitting.withdraw, current_viewer(), link_id=link_id, number=named)
        except PortalError as refusal:
            answer = Answer(refusal=refusal.message)
        if desk := await _desk_or_none(current_viewer(), link_id):
            self._show(desk)
            self._answer(answer, focus="saved")
            yield HistoryState.open

    @rx.event(background=True)
    @access("subscriber")
    async def send(self, fields: dict[str, Any]) -> AsyncIterator[Any]:
        """Save the readings; what is asked or refused is said where it belongs, what is saved is saved."""
        viewer = current_viewer()
        async with self:
            if self.is_busy:
                return
            self.is_busy, self._typed = True, typed_values(fields)
            form = read_form(fields, link_id=self._link_id())
        try:
            submission = await write(give, viewer, form=form)
            desk = await read(desks.desk, viewer, link_id=form.link_id)
            # A press may overtake the last word about a value that was typed just before it.
            left = await read(desks.check, viewer, form=not_saved(form, submission))
        except PortalError as refusal:
            async with self:
                self._refuse(refusal)
        else:
            async with self:
                self._tell(submission, desk, left)
            if submission.is_anything_saved:
                yield HistoryState.open
        finally:
            async with self:
                self.is_busy = False

    async def _weigh(self, name: str, text: str, *, is_left: bool) -> None:
        """Check the whole form with one more value; only the field that was left is told that it is wrong."""
        field_name = plain_text(name)
        errors = {scale.name: scale.error for meter in self.meters if meter.is_open for scale in meter.scales}
        value = plain_text(text, limit=LONGEST_VALUE)
        # The pause after typing may end later than the form was sent, and pressing «Да» leaves the field: what was
        # answered to the same value still holds.
        is_new = self._typed.get(field_name, "") != value
        if field_name not in errors or not (is_new or is_left):
            return
        self._typed = {**self._typed, field_name: value}
        form = read_form(self._typed, link_id=self.asked_id, intent_id=self.intent)
        checked = await read(desks.check, current_viewer(), form=form)
        errors[field_name] = errors_of(checked.meters).get(field_name, "") if is_left else ""
        self.meters = with_errors(with_uses(self.meters, checked), errors)
        self.total = total_of(checked)
        if is_new:
            self.answer = replace(self.answer, questions=Questions())

    def _show(self, desk: Desk) -> None:
        """Show an account anew, with a form that has saved nothing yet."""
        self._put(meter_forms(desk))
        self.stage = "ready" if desk.meters else "empty"
        self.intent, self._typed, self.total = new_token(), {}, ""

    def _put(self, meters: list[MeterForm]) -> None:
        self.meters, self.is_open = meters, any(meter.is_open for meter in meters)

    def _answer(self, answer: Answer, *, focus: str) -> None:
        self.answer = replace(answer, focus=focus_again(focus, self.answer.focus))

    def _tell(self, submission: Submission, desk: Desk, left: Checked) -> None:
        """Show what was saved, and leave open what was not."""
        checked = [outcome.checked for outcome in submission.outcomes if not outcome.saved]
        typed, was_open = self._typed, {meter.id for meter in self.meters if meter.is_open}
        saved_ids = {outcome.checked.public_id for outcome in submission.outcomes if outcome.saved}
        if submission.is_anything_saved:
            self._show(desk)
            for meter_id in was_open - saved_ids:
                self._put(opened(self.meters, meter_id))
        self._typed = typed
        self.meters = with_errors(with_uses(self.meters, left), errors_of(checked))
        self.total = total_of(left)
        answer = Answer(
            summary=summary_of(checked),
            questions=questions_of(checked),
            saved=saved_readings(submission.outcomes, desk),
        )
        focus = answer.summary[0][0] if answer.summary else ""
        self._answer(answer, focus=focus or ("" if answer.questions.asked else "saved"))

    def _refuse(self, refusal: PortalError) -> None:
        """Say that nothing was saved; the first field that can be filled in gets the focus."""
        names = [scale.name for meter in self.meters if meter.is_open for scale in meter.scales]
        self._answer(Answer(refusal=refusal.message), focus=names[0] if names else "")

    def _link_id(self) -> str:
        return name_in_address(str(self.router.url.path))


async def _desk_or_none(viewer: Viewer, link_id: str) -> Desk | None:
    """Return the form of an account, None for somebody else's and for none at all."""
    try:
        return await read(desks.desk, viewer, link_id=link_id)
    except Forbidden:
        return None
