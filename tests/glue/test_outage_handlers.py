"""The handlers that show outages, called without a browser: to whom they belong, at basic access without an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.cabinet.home_state import HomeState
from lkk_reflex.cabinet.summary import cabinet_home
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import SignInRequired
from lkk_reflex.outages.outages_state import OutagesState
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.outages import TEXT, make_outage
from tests.support.handlers import call, state_at
from tests.support.portal import configured, hash_quickly, held_clock

#: What only extended access may show.
PERSONAL = ("Ленин", "Рязан", TEXT)


@dataclass
class Street:
    """Neighbours of one street, of whom one has proved the account, and one has no account at all."""

    anna: Viewer
    boris: Viewer
    vera: Viewer
    link_ids: dict[int | None, str]


@pytest.fixture
def street(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Street]:
    """An outage of tomorrow; Anna has extended access, Boris basic."""
    hash_quickly(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            provider = made.make_provider(session)
            people = [make_viewer(session) for _ in range(3)]
            link_ids = {}
            for viewer, level in zip(people, (LinkLevel.EXTENDED, LinkLevel.BASIC), strict=False):
                link = made.make_link(session, viewer, made.make_account(session, provider), level=level)
                link_ids[viewer.subscriber_id] = link.public_id
            make_outage(session, provider)
        yield Street(people[0], people[1], people[2], link_ids)


async def seen(viewer: Viewer, street: Street) -> list[Any]:
    """Return what the three pages show to a person."""
    home, page = state_at(HomeState, "/cabinet"), state_at(OutagesState, "/outages")
    account = state_at(AccountState, f"/account/{street.link_ids.get(viewer.subscriber_id, 'none')}")
    await call(viewer, home, "load")
    await call(viewer, page, "load")
    await call(viewer, account, "load")
    assert page.is_loaded
    return [*(view for one in home.accounts for view in one.outages), *account.details.outages, *page.present]


async def test_each_page_shows_the_outage_with_its_place_at_extended_access(street: Street) -> None:
    views = await seen(street.anna, street)
    assert [view.place for view in views] == ["ул. Ленина"] * 3
    assert [view.text for view in views] == [TEXT] * 3


async def test_at_basic_access_no_page_tells_the_address(street: Street) -> None:
    views = await seen(street.boris, street)
    assert [view.place for view in views] == ["по вашему счёту"] * 3
    for personal in PERSONAL:
        assert personal not in str(views)


async def test_who_has_no_account_there_sees_nothing(street: Street) -> None:
    assert await seen(street.vera, street) == []


async def test_nobody_sees_nothing(street: Street) -> None:
    with pytest.raises(SignInRequired):
        await call(Viewer(), state_at(OutagesState, "/outages"), "load")


def test_home_with_an_outage_asks_one_query_more(street: Street, engine: Engine) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with reading() as session:
        (account,) = cabinet_home(session, street.anna).accounts
    assert len(account.outages) == 1
    assert len([statement for statement in asked if not statement.startswith("BEGIN")]) == 4
