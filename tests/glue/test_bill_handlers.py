"""The handlers of bills and of the section «Лицевой счёт», called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.cabinet.account_state import ChoiceState
from lkk_reflex.cabinet.bill_state import BillState
from lkk_reflex.cabinet.bills_state import BillsState
from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from tests.factories import accounts as made
from tests.factories.accounts import PERIOD
from tests.factories.identity import make_viewer
from tests.support.handlers import argument, call, state_at
from tests.support.portal import configured, hash_quickly, held_clock

KINDS = (ChoiceState, BillsState, BillState)


@dataclass
class Street:
    """Who has proved one account and only connected another one, and a neighbour with nothing."""

    owner: Viewer
    neighbour: Viewer
    proved: str
    basic: str


@pytest.fixture
def street(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Street]:
    """Two connected accounts; time stands still."""
    hash_quickly(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            owner, neighbour = make_viewer(session), make_viewer(session)
            provider = made.make_provider(session)
            links = []
            for level in (LinkLevel.EXTENDED, LinkLevel.BASIC):
                account = made.make_account(session, provider)
                for back in range(30):
                    made.make_bill(session, account, 1542_30, period=PERIOD.shifted(-back), charged_kopecks=1542_30)
                links.append(made.make_link(session, owner, account, level=level).public_id)
        yield Street(owner, neighbour, *links)


async def opened(kind: Any, path: str, viewer: Viewer) -> Any:
    state = state_at(kind, path)
    await call(viewer, state, "load")
    return state


def test_every_handler_is_for_subscribers() -> None:
    handlers = [handler for kind in KINDS for name, handler in kind.event_handlers.items() if name != "setvar"]
    assert {handler.fn.__access__ for handler in handlers} == {guard.Access.SUBSCRIBER}


@pytest.mark.parametrize(
    ("kind", "path"), [(ChoiceState, "/account"), (BillsState, "/bills"), (BillState, "/bill/x/202610")]
)
async def test_who_has_not_signed_in_is_refused_before_anything_is_read(street: Street, kind: Any, path: str) -> None:
    if kind is BillState:
        state = await opened(kind, path, Viewer())
        assert state.refusal == SignInRequired.text
        return
    with pytest.raises(SignInRequired):
        await opened(kind, path, Viewer())


async def test_only_account_is_opened_at_once_and_several_are_offered(street: Street) -> None:
    state = state_at(ChoiceState, "/account")
    assert await call(street.owner, state, "load") == []
    assert [account.public_id for account in state.accounts] == [street.proved, street.basic]
    assert (await opened(ChoiceState, "/account", street.neighbour)).accounts == []
    with unit_of_work() as session:
        account = made.make_account(session, made.make_provider(session))
        link_id = made.make_link(session, street.neighbour, account).public_id
    events = await call(street.neighbour, state_at(ChoiceState, "/account"), "load")
    assert argument(events, "path") == [f"/account/{link_id}"]


async def test_bills_of_the_first_account_come_step_by_step(street: Street) -> None:
    state = await opened(BillsState, "/bills", street.owner)
    assert (state.asked_id, state.account.public_id, len(state.rows), state.has_more) == ("", street.proved, 24, True)
    assert len(state.months) == 30
    await call(street.owner, state, "show_more")
    assert (len(state.rows), state.has_more, state.busy) == (30, False, False)
    await call(street.owner, state, "show_more")
    assert len(state.rows) == 30


async def test_bills_at_basic_access_are_none(street: Street) -> None:
    state = await opened(BillsState, f"/bills/{street.basic}", street.owner)
    assert (state.account.is_extended, state.rows, state.months) == (False, [], [])
    bill = await opened(BillState, f"/bill/{street.basic}/202610", street.owner)
    assert (bill.view.is_extended, bill.view.lines, bill.view.owner, bill.refusal) == (False, [], "", "")


@pytest.mark.parametrize("path", ["/bills/{0}", "/bills/nothing"])
async def test_bills_of_somebody_else_look_like_none(street: Street, path: str) -> None:
    state = await opened(BillsState, path.format(street.proved), street.neighbour)
    assert (state.is_missing, state.rows, state.account.public_id) == (True, [], "")


async def test_bills_that_are_disconnected_meanwhile_do_not_go_on(street: Street) -> None:
    state = await opened(BillsState, "/bills", street.owner)
    state.router = state_at(BillsState, f"/bills/{street.proved}").router
    await call(street.neighbour, state, "show_more")
    assert (len(state.rows), state.has_more) == (24, False)


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/bill/{0}/202613", Forbidden.text),
        ("/bill/{0}/203001", "За этот период начислений нет."),
        ("/bill/{0}/x", Forbidden.text),
        ("/bill/nothing/202610", Forbidden.text),
        ("/bill", Forbidden.text),
    ],
)
async def test_bill_that_is_none_is_said_to_be(street: Street, path: str, refusal: str) -> None:
    state = await opened(BillState, path.format(street.proved), street.owner)
    assert (state.is_missing, state.refusal, state.view.title) == (True, refusal, "")


async def test_bill_of_somebody_else_looks_like_none(street: Street) -> None:
    state = await opened(BillState, f"/bill/{street.proved}/202610", street.neighbour)
    assert (state.refusal, state.view.title) == (Forbidden.text, "")
    own = await opened(BillState, f"/bill/{street.proved}/202610", street.owner)
    assert (own.asked, own.view.title, own.view.owner) == (
        f"{street.proved}/202610",
        "Октябрь 2026",
        "Иванов Иван Иванович",
    )
