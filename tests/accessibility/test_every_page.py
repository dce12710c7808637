"""What holds for every page of the portal: somebody looks at it, and waiting for it is for everybody too."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.security.surface import Surface
from tests.support.accessible import obstacles_of_waiting
from tests.support.people import DESKTOP, People
from tests.support.screen import until_alive
from tests.support.screens import Screens

_HERE = Path(__file__).parent
#: Between the page and the first answer of the server.
_WAITING = "Загружаем…"


def _tables() -> Iterator[Screens]:
    for file in sorted(_HERE.glob("test_*_screens.py")):
        yield importlib.import_module(f"tests.accessibility.{file.stem}").SCREENS


def test_every_page_stands_in_a_table_of_screens(surface: Surface) -> None:
    told = {page for table in _tables() for screen in table.known for page in screen.pages}
    assert set(surface.pages) - told == set()
    routes = {route.removeprefix("GET ") for route in surface.routes}
    assert told - set(surface.pages) <= routes


@pytest.mark.browser
def test_waiting_for_a_page_is_for_everybody(people: People, surface: Surface) -> None:
    """Open every page without an answer of the server: what holds its place has a name, a heading and no obstacle."""
    person = people(DESKTOP)
    person.settles()
    page = person.page
    page.route_web_socket("**/_event/**", lambda _: None)
    found, waited = [], 0
    for path in surface.pages:
        if path in ("/404", "/index"):
            continue
        page.goto(person.portal.address + path.replace("[", "").replace("]", ""))
        until_alive(page)
        waited += _is_waiting(page)
        found += obstacles_of_waiting(page, path)
    assert waited > len(surface.pages) / 2
    assert not found, "\n".join(found)


def _is_waiting(page: Page) -> bool:
    return page.locator("[aria-busy=true]").get_by_text(_WAITING).count() > 0
