"""Every «?» of every page, as a mouse, a keyboard and a finger meet it (WCAG 1.4.13, 2.1.1)."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.people import DESKTOP, PHONE, People, Person, Theme
from tests.support.town_bills import TownAccount, newest_period

pytestmark = pytest.mark.browser

_PORTAL = Path(__file__).resolve().parents[2] / "lkk_reflex"
#: The window of extended access, at basic access.
_WINDOW = "/account/{1}#access"
#: Pages by what they are about; {0} is an account at extended access, {1} one at basic access, {month} its newest bill.
_TOURS = {
    "money": (
        "/account/{0}",
        "/bill/{0}/{month}",
        "/bills/{0}",
        "/pay/{0}",
        "/payments",
        "/account/{1}",
        _WINDOW,
    ),
    "accounts": ("/cabinet/connect", "/cabinet/connect/gorvodokanal", "/quick", "/settings", "/outages"),
    "meters": ("/readings/{0}", "/readings/{1}"),
    "person": (
        "/settings/profile",
        "/settings/security",
        "/settings/security/second-factor",
        "/settings/notifications",
        "/settings/privacy",
        "/support/new",
    ),
}
#: Hints of states that no page of these tours is in; the screens of the other tables show them.
_RARE = {
    "meters.estimate": "after a value is typed",
    "quick.number": "once a number has opened a pass",
    "account.proof_surname": "where the provider demands it in addition",
    "pay.confirmation": "once it is paid",
    "pay.receipt": "for a company whose receipts are made by the gateway",
    "pay.with_readings": "once that sum is chosen",
    "meters.verification": "when a verification ends soon",
    "settings.recovery_codes": "once the second step is on",
}
_IS_ON_SCREEN = """
(tip) => {
  const box = tip.getBoundingClientRect();
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight && box.width > 100;
}
"""
#: Of the ways to prove oneself one is open at a time; to meet the hints of all of them their group is undone.
_OPEN_ALL = """
() => document.querySelectorAll("main details, dialog details").forEach((part) => {
  part.removeAttribute("name");
  part.open = true;
})
"""


@pytest.fixture
def accounts(indebted: Callable[..., TownAccount]) -> tuple[TownAccount, TownAccount]:
    """Two accounts with a debt; the first has meters of every kind."""
    return indebted("uyutny-dom"), indebted("gorvodokanal")


def _invited(people: People, device: dict[str, Any], accounts: tuple[TownAccount, TownAccount]) -> Person:
    person = people(device)
    person.settles(*accounts)
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    return person


def _pages(person: Person, tour: str) -> Iterator[str]:
    """Open each page, with all that can be unfolded there."""
    for path in _TOURS[tour]:
        person.open(path.format(*person.link_ids, month=newest_period().key))
        expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
        if path == _WINDOW:
            person.press("Подключить")
            expect(person.page.get_by_text("Подтвердить номером счётчика")).to_be_visible()
        if path == "/settings":
            person.page.get_by_role("button", name=re.compile("^Переименовать")).first.click()
            expect(person.field("Название счёта")).to_be_focused()
        if path.startswith("/pay/"):
            person.page.get_by_role("radio", name="Другая сумма").check()
            expect(person.field("Сумма, ₽")).to_be_visible()
        person.page.evaluate(_OPEN_ALL)
        yield path


def _hints(person: Person) -> list[tuple[str, Locator, Locator]]:
    """Return every button of a hint that can be seen, with its hint."""
    window = person.page.get_by_role("dialog")
    scope = window if window.count() else person.page.locator("body")
    shown = scope.locator("button.round[data-tip]").filter(visible=True)
    found = []
    for name in shown.evaluate_all("found => found.map((button) => button.dataset.tip)"):
        button = person.page.locator(f"button[data-tip='{name}']")
        assert button.get_attribute("aria-describedby") == name
        found.append((name, button, person.page.locator(f"[id='{name}']")))
    return found


def _is_open(tip: Locator) -> None:
    expect(tip).to_be_visible()
    assert tip.evaluate(_IS_ON_SCREEN), "the hint leaves the screen"
    assert tip.inner_text().strip()


def _keys() -> set[str]:
    """Return every hint that the code draws."""
    calls = (
        node
        for file in _PORTAL.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "help_tip"
    )
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


def test_hint_opens_under_the_mouse_and_stays_while_it_is_read(
    people: People, accounts: tuple[TownAccount, TownAccount]
) -> None:
    person = _invited(people, DESKTOP, accounts)
    met: set[str] = set()
    for tour in _TOURS:
        for _ in _pages(person, tour):
            fresh = [hint for hint in _hints(person) if hint[0] not in met]
            for number, (name, button, tip) in enumerate(fresh):
                button.scroll_into_view_if_needed()
                button.hover()
                _is_open(tip)
                tip.hover()
                # Longer than a hint waits before it goes away; one of a page tells for all of them.
                person.page.wait_for_timeout(0 if number else 400)
                _is_open(tip)
                if not person.page.get_by_role("dialog").count():
                    person.page.keyboard.press("Escape")
                person.page.mouse.move(0, 0)
                expect(tip).to_be_hidden()
                met.add(name)
    keys = _keys()
    unmet = {key for key in keys if not any(name.startswith(f"tip-{key.replace('.', '-')}") for name in met)}
    assert unmet - _RARE.keys() == set()
    assert keys >= _RARE.keys()


@pytest.mark.parametrize("tour", _TOURS)
def test_hint_opens_by_the_keyboard_and_is_put_away_by_escape(
    people: People, accounts: tuple[TownAccount, TownAccount], tour: str
) -> None:
    person = _invited(people, DESKTOP, accounts)
    for path in _pages(person, tour):
        found = _hints(person)
        assert found, path
        for _, button, tip in found:
            person.tabs_to(button)
            _is_open(tip)
            person.page.keyboard.press("Escape")
            expect(tip).to_be_hidden()
            expect(button).to_be_focused()
            person.page.keyboard.press("Enter")
            _is_open(tip)
            person.page.keyboard.press("Escape")


@pytest.mark.parametrize("tour", _TOURS)
def test_hint_opens_under_a_finger_and_is_put_away_beside_it(
    people: People, accounts: tuple[TownAccount, TownAccount], tour: str
) -> None:
    person = _invited(people, PHONE, accounts)
    for _ in _pages(person, tour):
        in_window = person.page.get_by_role("dialog").count() > 0
        for _, button, tip in _hints(person):
            button.scroll_into_view_if_needed()
            box = button.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
            button.tap()
            _is_open(tip)
            expect(button).to_have_attribute("aria-expanded", "true")
            if in_window:
                # Beside a window lies nothing but its own end.
                button.tap()
            else:
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
