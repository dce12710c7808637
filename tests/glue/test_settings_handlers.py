"""The handlers of the settings, of privacy and of a closed cabinet, called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reflex.event import EventSpec
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts import linking
from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.cabinet import own_data
from lkk_reflex.cabinet.closed_state import ClosedState
from lkk_reflex.cabinet.privacy_state import PrivacyState
from lkk_reflex.cabinet.settings_state import SettingsState
from lkk_reflex.identity import guard, own_changes
from lkk_reflex.identity.consent_texts import NEWS, PERSONAL_DATA
from lkk_reflex.identity.errors import CabinetErased, ConsentNeeded, ConsentTextChanged, TooManyChanges
from lkk_reflex.identity.models import CabinetClosing, Consent
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.rate_limit import Limit, Scope
from tests.factories import accounts as made
from tests.factories.identity import PASSWORD, make_viewer
from tests.support.handlers import JUNK, argument, call, state_at
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

NUMBER = "1000123456"


@dataclass
class Street:
    """An account with a debt, its subscriber, and a neighbour."""

    owner: Viewer
    neighbour: Viewer
    link_id: str
    clock: HeldClock

    def link(self) -> AccountLink:
        """Return the connection as it stands."""
        with reading() as session:
            return session.exec(select(AccountLink).where(AccountLink.public_id == self.link_id)).one()


@pytest.fixture
def street(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Street]:
    """One connected account; time stands still."""
    hash_quickly(monkeypatch)
    with held_clock() as clock, configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            account = made.make_account(session, made.make_provider(session), number=NUMBER)
            made.make_bill(session, account, 1542_30)
            owner, neighbour = make_viewer(session), make_viewer(session)
            link = made.make_link(session, owner, account, level=LinkLevel.EXTENDED)
        yield Street(owner, neighbour, link.public_id, clock)


async def settings(viewer: Viewer) -> Any:
    state = state_at(SettingsState, "/settings")
    await call(viewer, state, "load")
    return state


async def privacy(viewer: Viewer, query: str = "") -> Any:
    state = state_at(PrivacyState, f"/settings/privacy{query}")
    await call(viewer, state, "load")
    return state


def focus(events: list[EventSpec]) -> list[str]:
    return argument(events, "ref")


def test_every_handler_says_for_whom_it_is() -> None:
    levels = {
        kind: {handler.fn.__access__ for name, handler in kind.event_handlers.items() if name != "setvar"}
        for kind in (SettingsState, PrivacyState, ClosedState)
    }
    assert levels == {
        SettingsState: {guard.Access.SUBSCRIBER},
        PrivacyState: {guard.Access.SUBSCRIBER},
        ClosedState: {guard.Access.CLOSED},
    }


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(role=Role.CLOSED, subscriber_id=1)])
@pytest.mark.parametrize("kind", [SettingsState, PrivacyState])
async def test_use_cases_refuse_who_got_past_the_gate(street: Street, kind: Any, viewer: Viewer) -> None:
    with pytest.raises(SignInRequired):
        await call(viewer, state_at(kind, "/settings"), "load")


async def test_settings_name_the_accounts_without_anything_personal(street: Street) -> None:
    (shown,) = (await settings(street.owner)).accounts
    assert (shown.title, shown.where) == ("Горводоканал", "№\u00a01000123456")
    assert shown.is_extended
    assert "Иванов" not in str(shown)
    assert "Ленина" not in str(shown)
    assert (await settings(street.neighbour)).accounts == []


async def test_account_is_renamed_in_its_place(street: Street) -> None:
    state = await settings(street.owner)
    await call(street.owner, state, "ask_name", street.link_id)
    assert state.renamed_id == street.link_id
    assert await call(street.owner, state, "rename", {"own_name": "Дача"}) == []
    assert (state.saved, state.renamed_id, state.accounts[0].title) == ("Сохранено: «Дача»", "", "Дача")
    assert state.accounts[0].where == "Горводоканал · №\u00a01000123456"
    await call(street.owner, state, "ask_name", street.link_id)
    await call(street.owner, state, "keep_name")
    assert (state.renamed_id, state.saved) == ("", "")
    await call(street.owner, state, "ask_name", street.link_id)
    await call(street.owner, state, "rename", {"own_name": " "})
    assert state.saved == "Название убрано, счёт снова называется: Горводоканал"


async def test_name_that_is_too_long_keeps_the_form_open(street: Street) -> None:
    state = await settings(street.owner)
    await call(street.owner, state, "ask_name", street.link_id)
    events = await call(street.owner, state, "rename", {"own_name": "д" * 61})
    assert state.renamed_id == street.link_id
    assert "60" in state.refusal
    assert any("own_name" in str(event.args) for event in events)
    assert street.link().own_name == ""


async def test_account_is_disconnected_and_taken_back_with_its_level(street: Street) -> None:
    state = await settings(street.owner)
    await call(street.owner, state, "disconnect", street.link_id)
    assert (state.accounts, state.ended.public_id) == ([], street.link_id)
    street.clock.pass_(minutes=9)
    await call(street.owner, state, "take_back")
    assert state.saved == "Счёт снова подключён: Горводоканал"
    assert (state.ended.public_id, state.accounts[0].is_extended) == ("", True)
    assert street.link().level is LinkLevel.EXTENDED


async def test_double_press_disconnects_once_and_takes_back_once(street: Street) -> None:
    state = await settings(street.owner)
    for _ in range(2):
        await call(street.owner, state, "disconnect", street.link_id)
        assert (state.accounts, state.ended.public_id, state.refusal) == ([], street.link_id, "")
    for _ in range(2):
        await call(street.owner, state, "take_back")
        assert (state.saved, state.refusal) == ("Счёт снова подключён: Горводоканал", "")


async def test_taking_back_has_its_time(street: Street) -> None:
    state = await settings(street.owner)
    await call(street.owner, state, "disconnect", street.link_id)
    street.clock.pass_(minutes=10)
    await call(street.owner, state, "take_back")
    assert "прошло больше 10 минут" in state.refusal
    assert street.link().ended_at is not None


async def test_who_disconnects_and_takes_back_all_the_time_is_told_when_to_go_on_and_may_still_do_so(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The window ends before the time for taking back does.
    once = Limit("change", Scope.SUBJECT, 1, timedelta(minutes=5))
    monkeypatch.setitem(own_changes.LIMITS, Change.RECONNECTION, (once,))
    state = await settings(street.owner)
    for _ in range(2):
        await call(street.owner, state, "disconnect", street.link_id)
        await call(street.owner, state, "take_back")
    assert state.refusal == TooManyChanges(wait="5 мин").message
    assert (state.ended.public_id, state.accounts) == (street.link_id, [])
    street.clock.pass_(minutes=5)
    await call(street.owner, state, "take_back")
    assert (state.refusal, street.link().ended_at) == ("", None)


async def test_what_the_company_has_ended_does_not_come_back_with_extended_access(street: Street) -> None:
    with unit_of_work() as session:
        link = session.get_one(AccountLink, street.link().id)
        # As `owner_change.end_links` leaves it.
        link.ended_at, link.level = street.clock.now, LinkLevel.BASIC
        session.add(link)
    with unit_of_work() as session:
        linking.take_back_disconnection(session, street.owner, public_id=street.link_id)
    assert street.link().level is LinkLevel.BASIC


async def test_strangers_neither_rename_nor_end_nor_bring_back(street: Street) -> None:
    state = await settings(street.neighbour)
    await call(street.neighbour, state, "ask_name", street.link_id)
    await call(street.neighbour, state, "rename", {"own_name": "Моё"})
    assert state.refusal == Forbidden.text
    await call(street.neighbour, state, "disconnect", street.link_id)
    assert state.refusal == Forbidden.text
    assert (street.link().own_name, street.link().ended_at) == ("", None)
    owner = await settings(street.owner)
    await call(street.owner, owner, "disconnect", street.link_id)
    with pytest.raises(Forbidden), unit_of_work() as session:
        linking.take_back_disconnection(session, street.neighbour, public_id=street.link_id)
    with pytest.raises(SignInRequired), unit_of_work() as session:
        linking.take_back_disconnection(session, Viewer(), public_id=street.link_id)


@pytest.mark.parametrize("junk", JUNK)
async def test_settings_survive_anything(street: Street, junk: Any) -> None:
    state = await settings(street.owner)
    for name in ("ask_name", "rename", "disconnect"):
        await call(street.owner, state, name, junk)
    await call(street.owner, state, "take_back")
    assert (street.link().own_name, street.link().ended_at) == ("", None)


async def test_privacy_shows_consents_and_what_stays_behind(street: Street) -> None:
    state = await privacy(street.owner)
    assert [consent.kind for consent in state.consents] == [PERSONAL_DATA, NEWS]
    assert (state.leaving.debt, state.leaving.until) == ("1\u202f542,30\u00a0₽", "22.12.2026")
    assert state.leaving.unfinished == ""
    assert state.errors == {}
    assert (await privacy(street.neighbour)).leaving.debt == ""


async def test_optional_consent_is_given_and_taken_back(street: Street) -> None:
    state = await privacy(street.owner)
    news = state.consents[1]
    await call(street.owner, state, "give", NEWS, news.text_hash)
    assert (state.saved, state.consents[1].is_given, len(state.log)) == ("Согласие дано", True, 1)
    await call(street.owner, state, "withdraw", NEWS)
    assert (state.saved, state.consents[1].is_given, len(state.log)) == ("Согласие отозвано", False, 2)


async def test_refusals_of_consents_are_said(street: Street) -> None:
    state = await privacy(street.owner)
    await call(street.owner, state, "give", NEWS, "another")
    assert state.errors == {"consent": ConsentTextChanged.text}
    await call(street.owner, state, "withdraw", PERSONAL_DATA)
    assert state.errors == {"consent": ConsentNeeded.text}


@pytest.mark.parametrize("junk", JUNK)
async def test_privacy_survives_anything(street: Street, junk: Any) -> None:
    state = await privacy(street.owner)
    await call(street.owner, state, "give", junk, junk)
    await call(street.owner, state, "withdraw", junk)
    await call(street.owner, state, "ask_data", junk)
    await call(street.owner, state, "close", junk)
    assert (state.data_ticket, state.leave_ticket) == ("", "")
    with reading() as session:
        assert session.exec(select(CabinetClosing)).all() == []
        assert session.exec(select(Consent)).all() == []


async def test_password_opens_the_copy(street: Street) -> None:
    state = await privacy(street.owner)
    events = await call(street.owner, state, "ask_data", {"own_password": "wrong"})
    assert "Пароль не подходит" in state.errors["data"]
    assert any("own_password" in str(event.args) for event in events)
    await call(street.owner, state, "ask_data", {"own_password": PASSWORD})
    assert (state.errors, state.is_busy) == ({}, False)
    own_data.archive(street.owner, ticket=state.data_ticket).close()


async def test_late_archive_is_explained(street: Street) -> None:
    state = state_at(PrivacyState, "/settings/privacy?expired=1")
    await call(street.owner, state, "load")
    assert "ещё раз" in state.errors["data"]


async def test_closing_asks_for_the_password_and_then_leaves(street: Street) -> None:
    state = await privacy(street.owner)
    events = await call(street.owner, state, "close", {"close_password": "wrong"})
    assert "Пароль не подходит" in state.errors["close"]
    assert any("close_password" in str(event.args) for event in events)
    assert not state.is_busy
    await call(street.owner, state, "close", {"close_password": PASSWORD})
    assert state.leave_ticket
    with reading() as session:
        assert session.exec(select(CabinetClosing)).one().subscriber_id == street.owner.subscriber_id


async def test_closed_cabinet_is_taken_back_by_one_press(street: Street) -> None:
    closed = await closed_by(street)
    state = state_at(ClosedState, "/closed")
    assert await call(closed, state, "load") == []
    assert (state.closed.until, state.closed.is_over) == ("22.12.2026", False)
    assert argument(await call(closed, state, "take_back"), "path") == ["/cabinet"]
    assert argument(await call(closed, state, "load"), "path") == ["/cabinet"]


async def test_too_late_to_take_it_back_is_said(street: Street) -> None:
    closed = await closed_by(street)
    state = state_at(ClosedState, "/closed")
    street.clock.pass_(days=30)
    await call(closed, state, "load")
    assert state.closed.is_over
    assert await call(closed, state, "take_back") == []
    assert state.refusal == CabinetErased.text


@pytest.mark.parametrize("name", ["load", "take_back"])
async def test_open_cabinets_have_nothing_to_take_back(street: Street, name: str) -> None:
    state = state_at(ClosedState, "/closed")
    if name == "load":
        with pytest.raises(SignInRequired):
            await call(street.owner, state, name)
    else:
        await call(street.owner, state, name)
        assert state.refusal == SignInRequired.text


async def closed_by(street: Street) -> Viewer:
    await call(street.owner, await privacy(street.owner), "close", {"close_password": PASSWORD})
    return Viewer(role=Role.CLOSED, subscriber_id=street.owner.subscriber_id)
