"""Screens that everybody sees, in every state, width and theme."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.accessible import obstacles
from tests.support.people import DESKTOP, People, Person
from tests.support.screens import Screen, Screens, Stage
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

SCREENS = Screens()

_LOGIN = "Телефон или электронная почта"
_CODE = "Введите код из сообщения"


@SCREENS.of("/index", "/help", "/documents/consent", "/documents/consent/news", "/documents/privacy", "/404")
def papers(stage: Stage) -> Iterator[str]:
    person = stage.person
    person.watch.expected.append("404")
    for name, path in (
        ("front", "/"),
        ("help", "/help"),
        ("consent", "/documents/consent"),
        ("news", "/documents/consent/news"),
        ("privacy", "/documents/privacy"),
        ("missing", "/nothing-is-here"),
    ):
        person.open(path)
        yield name


@SCREENS.of("/register", "/activate")
def register(stage: Stage) -> Iterator[str]:
    person = stage.person
    person.open("/activate")
    person.sees("Начните ещё раз")
    yield "without-a-beginning"
    person.open("/register")
    yield "empty"
    person.fill(_LOGIN, "ivanov")
    person.press("Зарегистрироваться")
    expect(person.error_of(_LOGIN)).to_contain_text("Укажите")
    expect(person.field(_LOGIN)).to_be_focused()
    yield "errors"
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    yield "code"
    person.fill(_CODE, "12")
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).not_to_be_empty()
    expect(person.field(_CODE)).to_be_focused()
    yield "errors-code"


@SCREENS.of("/sign-in", "/sign-in/code")
def sign_in(stage: Stage) -> Iterator[str]:
    person = stage.person
    person.open("/sign-in?bye=1")
    person.sees("Вы вышли из кабинета.")
    yield "done"
    person.signs_in()
    expect(person.error_of("Пароль")).to_contain_text("не подходят")
    yield "error"
    person.settles()
    person.context.clear_cookies()
    person.open("/sign-in")
    yield "empty"
    person.signs_in()
    person.sees_heading("Вход с нового устройства")
    yield "code"
    person.fill(_CODE, "000000")
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).not_to_be_empty()
    expect(person.field(_CODE)).to_be_focused()
    yield "error-code"


@SCREENS.of("/reset")
def reset(stage: Stage) -> Iterator[str]:
    person = stage.person
    person.settles()
    person.context.clear_cookies()
    person.open("/reset")
    yield "empty"
    person.press("Прислать код")
    expect(person.error_of(_LOGIN)).not_to_be_empty()
    yield "error"
    person.fill(_LOGIN, person.login)
    person.press("Прислать код")
    expect(person.field(_CODE)).to_be_visible()
    yield "code"
    person.fill(_CODE, person.code())
    person.press("Подтвердить")
    expect(person.field("Придумайте новый пароль")).to_be_visible()
    yield "password"
    person.fill("Придумайте новый пароль", "1")
    person.press("Сохранить и войти")
    expect(person.error_of("Придумайте новый пароль")).not_to_be_empty()
    expect(person.field("Придумайте новый пароль")).to_be_focused()
    yield "error-password"


@SCREENS.of("/auth/link")
def link_of_a_letter(stage: Stage) -> Iterator[str]:
    person = stage.person
    person.page.goto(f"{person.portal.address}/auth/link?token=x")
    yield "asked"
    person.watch.expected.append("410")
    person.press("Подтвердить")
    person.page.wait_for_load_state()
    yield "used-up"


@SCREENS.of("/demo/inbox")
def letters(stage: Stage) -> Iterator[str]:
    person = stage.person
    # Nobody's letters but these, whoever has been here before.
    for letter in (person.portal.data_dir / "outbox").glob("*.json"):
        letter.unlink()
    person.open("/register")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    person.portal.message(person.login)
    person.page.goto(f"{person.portal.address}/demo/inbox")
    yield "filled"


@SCREENS.of("/pay/return/[payment]")
def result_of_no_payment(stage: Stage) -> Iterator[str]:
    stage.person.open(f"/pay/return/{uuid.uuid4()}")
    stage.person.sees("Такого платежа нет.")
    yield "missing"


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("state", ["card", "sbp", "error", "refused", "finished"])
def test_page_of_the_demos_bank_is_for_everybody(
    people: People, indebted: Callable[..., TownAccount], state: str
) -> None:
    person, account = people(DESKTOP), indebted("teploset")
    person.settles(account)
    person.open(f"/pay/{person.link_ids[0]}")
    person.starts_paying(account.sum_on_screen)
    address = person.page.url
    _comes_to(person, state, account)
    if state == "finished":
        person.page.goto(address)
    person.page.wait_for_load_state()
    found = obstacles(person, f"bank-{state}")
    assert not found, "\n".join(found)


def _comes_to(person: Person, state: str, account: TownAccount) -> None:
    match state:
        case "sbp":
            person.page.get_by_role("link", name="СБП").click()
        case "error":
            person.watch.expected.append("422")
            person.button(f"Оплатить {account.sum_on_screen}").click()
        case "refused":
            person.press("Банк отказал")
        case "finished":
            person.pays_by_card()
