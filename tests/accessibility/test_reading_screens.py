"""Screens of giving readings and of paying with them, in every state, width and theme."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, PHONE, People
from tests.support.screen import shifts
from tests.support.screens import Screen, Screens, Stage
from tests.support.town_bills import TownAccount
from tests.support.town_dials import dials_of

pytestmark = pytest.mark.browser

SCREENS = Screens()

_FIELD = "Показание на сегодня, м³"


@SCREENS.of("/readings", "/readings/[id]")
def choice(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open("/readings")
    person.sees(re.compile("Счётчиков пока нет"))
    yield "none"
    person = stage.settled("mezhraigaz", "gorvodokanal")
    person.open("/readings")
    expect(person.page.get_by_role("link", name="Передать показания")).to_have_count(2)
    yield "filled"
    person.open("/readings/nothing")
    expect(person.page.locator("main").get_by_role("link", name="На главную")).to_be_visible()
    yield "missing"


@SCREENS.of("/readings/[id]")
def charts_and_scales(stage: Stage) -> Iterator[str]:
    person = stage.settled("mezhraigaz", "uyutny-dom", extended=True)
    person.open(f"/readings/{person.link_ids[0]}")
    expect(person.page.get_by_role("img", name=re.compile("расход по месяцам"))).to_be_visible()
    person.page.get_by_text("Показать таблицей").click()
    yield "charts"
    person.open(f"/readings/{person.link_ids[1]}")
    expect(person.field("День, кВт·ч")).to_be_visible()
    yield "scales"


@SCREENS.of("/readings/[id]", "/pay/[account]")
def form(stage: Stage) -> Iterator[str]:
    person, account = stage.person, stage.indebted("mezhraigaz")
    person.settles(account)
    last = dials_of(person.portal, account.number)[0].last
    person.open(f"/pay/{person.link_ids[0]}")
    person.page.get_by_role("radio", name="С показаниями счётчиков").check()
    person.fill(_FIELD, str(last + 5))
    person.sees(re.compile(r"Расход 5\sм³"))
    yield "pay"
    person.open(f"/readings/{person.link_ids[0]}")
    expect(person.field(_FIELD)).to_be_visible()
    yield "empty"
    person.fill(_FIELD, "1")
    person.press("Передать показания")
    expect(person.error_of(_FIELD)).to_contain_text("Меньше прошлого показания")
    expect(person.field(_FIELD)).to_be_focused()
    yield "error"
    person.fill(_FIELD, str(last))
    person.press("Передать показания")
    expect(person.button("Да, всё верно")).to_be_visible()
    yield "question"
    person.fill(_FIELD, str(last + 5))
    expect(person.button("Передать показания")).to_be_visible()
    person.press("Передать показания")
    person.sees(re.compile("Показания приняты"))
    yield "done"
    person.press("Исправить")
    expect(person.field(_FIELD)).to_be_focused()
    person.page.get_by_text("Отозвать", exact=True).click()
    yield "correcting"


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """A home with a gas meter."""
    return indebted("mezhraigaz")


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)


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
