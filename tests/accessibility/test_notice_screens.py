"""The choices of notices, in every state, width and theme."""

import pytest
from playwright.sync_api import expect

from tests.support.accessible import obstacles
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.screen import shifts

pytestmark = pytest.mark.browser

_PATH = "/settings/notifications"


@pytest.fixture
def person(people: People) -> Person:
    """Somebody at a desk, in front of the choices."""
    person = people(DESKTOP)
    person.settles()
    person.open(_PATH)
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    return person


def test_choices_as_they_are_found_saved_and_refused(person: Person) -> None:
    found = obstacles(person, "notices")
    person.press("Сохранить")
    person.sees("Сохранено.")
    found += obstacles(person, "notices-saved")
    person.page.get_by_label("Пароль изменён: Письмо", exact=True).uncheck()
    person.press("Сохранить")
    person.sees("О безопасности кабинета мы пишем всегда.")
    expect(person.page.get_by_label("Пароль изменён: Письмо", exact=True)).to_be_focused()
    found += obstacles(person, "notices-refused")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_the_choices_load(people: People, device: dict[str, object]) -> None:
    person = people(device)
    person.settles()
    person.open(_PATH)
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    # Two pictures later everything that was to be drawn has been.
    person.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved = shifts(person.page)
    assert not moved, "\n".join(moved)
