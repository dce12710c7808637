"""The handlers of the choices of notices, called without a browser."""

from typing import Any

import pytest

from lkk_reflex.identity import guard
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_components import CHANNELS, GROUPS
from lkk_reflex.identity.notice_state import NoticesState
from lkk_reflex.identity.notices import SECURITY
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import SignInRequired
from lkk_reflex.notifications.models import Channel
from tests.factories.identity import make_viewer
from tests.identity.conftest import Portal
from tests.support.handlers import JUNK, argument, call, state_at

PATH = "/settings/notifications"
SECURE = {f"{event}-email": True for event in SECURITY}


@pytest.fixture
def viewer(portal: Portal) -> Viewer:
    """Somebody who signs in by e-mail."""
    with unit_of_work() as session:
        return make_viewer(session, login="ivan@mail.ru")


async def opened(viewer: Viewer) -> Any:
    state = state_at(NoticesState, PATH)
    await call(viewer, state, "open")
    return state


def test_every_handler_is_for_subscribers() -> None:
    levels = {handler.fn.__access__ for name, handler in NoticesState.event_handlers.items() if name != "setvar"}
    assert levels == {guard.Access.SUBSCRIBER}


def test_every_event_and_every_channel_has_words() -> None:
    asked = [event for group in GROUPS for event in group.events]
    assert sorted(asked) == sorted(NoticeEvent)
    assert set(CHANNELS) == set(Channel)


async def test_boxes_are_ticked_as_chosen_and_saved_as_ticked(viewer: Viewer) -> None:
    state = await opened(viewer)
    assert "new_bill-email" in state.shown.ticked
    await call(viewer, state, "save", SECURE | {"payment_credited-email": "on"})
    assert state.saved
    again = await opened(viewer)
    assert "new_bill-email" not in again.shown.ticked
    assert "payment_credited-email" in again.shown.ticked
    assert not again.saved


async def test_security_that_nobody_would_be_told_of_is_refused_and_the_focus_goes_there(viewer: Viewer) -> None:
    state = await opened(viewer)
    events = await call(viewer, state, "save", SECURE | {"password_changed-email": False})
    assert "О безопасности" in state.refusal
    assert argument(events, "ref") == ["ref_password_changed_email"]
    assert not state.busy
    assert (await opened(viewer)).shown.ticked == state.shown.ticked


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_in_the_place_of_a_form_is_a_form_without_ticks(viewer: Viewer, junk: object) -> None:
    state = await opened(viewer)
    await call(viewer, state, "save", junk)
    assert state.refusal
    assert not state.saved


async def test_use_cases_refuse_who_got_past_the_gate_without_a_session(viewer: Viewer) -> None:
    with pytest.raises(SignInRequired):
        await opened(Viewer())
    state = state_at(NoticesState, PATH)
    await call(Viewer(), state, "save", SECURE)
    assert state.refusal == SignInRequired.text
