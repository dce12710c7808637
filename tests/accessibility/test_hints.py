"""Every «?» of the cabinet, as a mouse, a keyboard and a finger meet it (WCAG 1.4.13, 2.1.1)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.people import DESKTOP, PHONE, People, Person, Theme
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_PATHS = ("/cabinet/connect", "/cabinet/connect/gorvodokanal", "/account/{0}", "/pay/{0}", "/payments")
_IS_ON_SCREEN = """
(tip) => {
  const box = tip.getBoundingClientRect();
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight && box.width > 100;
}
"""


def _hints(person: Person) -> Iterator[tuple[Locator, Locator]]:
    """Return every button of a hint that can be seen, with its hint."""
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    shown = person.page.locator("button.round[data-tip]").filter(visible=True)
    for name in shown.evaluate_all("found => found.map((button) => button.dataset.tip)"):
        button = person.page.locator(f"button[data-tip='{name}']")
        assert button.get_attribute("aria-describedby") == name
        yield button, person.page.locator(f"[id='{name}']")


def _is_open(tip: Locator) -> None:
    expect(tip).to_be_visible()
    assert tip.evaluate(_IS_ON_SCREEN), "the hint leaves the screen"
    assert tip.inner_text().strip()


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """An account with a debt."""
    return indebted("teploset")


def _invited(people: People, device: dict[str, Any], account: TownAccount) -> Person:
    person = people(device)
    person.settles(account)
    return person


@pytest.mark.parametrize("path", _PATHS)
def test_hint_opens_under_the_mouse_and_stays_while_it_is_read(people: People, account: TownAccount, path: str) -> None:
    person = _invited(people, DESKTOP, account)
    person.open(path.format(*person.link_ids))
    for button, tip in _hints(person):
        button.hover()
        _is_open(tip)
        tip.hover()
        person.page.wait_for_timeout(400)
        _is_open(tip)
        person.page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        person.page.mouse.move(0, 0)


@pytest.mark.parametrize("path", _PATHS)
def test_hint_opens_by_the_keyboard_and_is_put_away_by_escape(people: People, account: TownAccount, path: str) -> None:
    person = _invited(people, DESKTOP, account)
    person.open(path.format(*person.link_ids))
    found = list(_hints(person))
    assert found
    for button, tip in found:
        person.tabs_to(button)
        _is_open(tip)
        person.page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        expect(button).to_be_focused()
        person.page.keyboard.press("Enter")
        _is_open(tip)
        person.page.keyboard.press("Escape")


@pytest.mark.parametrize("path", _PATHS)
def test_hint_opens_under_a_finger_and_is_put_away_beside_it(people: People, account: TownAccount, path: str) -> None:
    person = _invited(people, PHONE, account)
    person.open(path.format(*person.link_ids))
    for button, tip in _hints(person):
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        button.tap()
        _is_open(tip)
        expect(button).to_have_attribute("aria-expanded", "true")
        # The margin of the page, where no hint ever lies.
        person.page.touchscreen.tap(3, 420)
        expect(tip).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_portal_wears_the_colours_that_the_person_has_chosen_for_the_system(people: People, theme: Theme) -> None:
    person = people(PHONE, theme)
    person.open("/sign-in")
    ground = person.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    darkness = sum(int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(","))
    assert (darkness < 200) is (theme == "dark")
