"""Screens of giving readings and of paying with them, in every state, width and theme."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.accessible import obstacles
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.screen import shifts
from tests.support.town_bills import TownAccount
from tests.support.town_dials import dials_of

pytestmark = pytest.mark.browser

_FIELD = "Показание на сегодня, м³"


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """A home with a gas meter."""
    return indebted("mezhraigaz")


@pytest.fixture
def person(people: People, account: TownAccount) -> Person:
    """Somebody at a desk, with the account connected."""
    person = people(DESKTOP)
    person.settles(account)
    return person


@pytest.fixture
def last(person: Person, account: TownAccount) -> int:
    """What the meter showed last."""
    return dials_of(person.portal, account.number)[0].last


def _is_for_everybody(person: Person, name: str) -> None:
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    found = obstacles(person, name)
    assert not found, "\n".join(found)


def _opens(person: Person) -> None:
    person.open(f"/readings/{person.link_ids[0]}")
    expect(person.field(_FIELD)).to_be_visible()


def test_choice_of_an_account(people: People, account: TownAccount, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    person.settles(account, indebted("gorvodokanal"))
    person.open("/readings")
    expect(person.page.get_by_role("link", name="Передать показания")).to_have_count(2)
    _is_for_everybody(person, "readings-choice")


def test_no_meters_at_all(people: People) -> None:
    person = people(DESKTOP)
    person.settles()
    person.open("/readings")
    person.sees(re.compile("Счётчиков пока нет"))
    _is_for_everybody(person, "readings-none")


def test_form_at_basic_access(person: Person) -> None:
    _opens(person)
    _is_for_everybody(person, "readings-form")


def test_form_with_charts_and_history(person: Person) -> None:
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    _opens(person)
    expect(person.page.get_by_role("img", name=re.compile("расход по месяцам"))).to_be_visible()
    person.page.get_by_text("Показать таблицей").click()
    _is_for_everybody(person, "readings-charts")


def test_several_scales(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    person.settles(indebted("uyutny-dom"))
    person.open(f"/readings/{person.link_ids[0]}")
    expect(person.field("День, кВт·ч")).to_be_visible()
    _is_for_everybody(person, "readings-scales")


def test_refused_value(person: Person) -> None:
    _opens(person)
    person.fill(_FIELD, "1")
    person.press("Передать показания")
    expect(person.error_of(_FIELD)).to_contain_text("Меньше прошлого показания")
    _is_for_everybody(person, "readings-refused")


def test_question(person: Person, last: int) -> None:
    _opens(person)
    person.fill(_FIELD, str(last))
    person.press("Передать показания")
    expect(person.button("Да, всё верно")).to_be_visible()
    _is_for_everybody(person, "readings-question")


def test_accepted_and_opened_for_a_correction(person: Person, last: int) -> None:
    _opens(person)
    person.fill(_FIELD, str(last + 5))
    person.press("Передать показания")
    person.sees(re.compile("Показания приняты"))
    _is_for_everybody(person, "readings-accepted")
    person.press("Исправить")
    expect(person.field(_FIELD)).to_be_focused()
    person.page.get_by_text("Отозвать", exact=True).click()
    _is_for_everybody(person, "readings-correcting")


def test_paying_with_readings(person: Person, last: int) -> None:
    person.open(f"/pay/{person.link_ids[0]}")
    person.page.get_by_role("radio", name="С показаниями счётчиков").check()
    person.fill(_FIELD, str(last + 5))
    person.sees(re.compile(r"Расход 5\sм³"))
    _is_for_everybody(person, "pay-with-readings")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_by_itself_while_the_form_opens_and_is_filled(
    people: People, account: TownAccount, device: dict[str, object]
) -> None:
    person = people(device)
    person.settles(account)
    (dial,) = dials_of(person.portal, account.number)
    for path in ("/readings", f"/readings/{person.link_ids[0]}"):
        person.open(path)
        expect(person.field(_FIELD)).to_be_visible()
        expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
        person.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert not shifts(person.page), "\n".join(shifts(person.page))
    person.fill(_FIELD, str(dial.last + 5))
    person.sees(re.compile(r"Расход 5\sм³"))
    assert not shifts(person.page), "\n".join(shifts(person.page))
