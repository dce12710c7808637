"""Screens that everybody sees, in every state, width and theme."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.accessible import obstacles
from tests.support.people import DESKTOP, People, Person
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_LOGIN = "Телефон или электронная почта"
_CODE = "Введите код из сообщения"


def front_door(person: Person) -> None:
    person.open("/")


def help_page(person: Person) -> None:
    person.open("/help")


def consent(person: Person) -> None:
    person.open("/documents/consent")


def not_found(person: Person) -> None:
    person.watch.expected.append("404")
    person.open("/nothing-is-here")


def register(person: Person) -> None:
    person.open("/register")


def register_with_errors(person: Person) -> None:
    person.open("/register")
    person.fill(_LOGIN, "ivanov")
    person.press("Зарегистрироваться")
    expect(person.error_of(_LOGIN)).to_contain_text("Укажите")


def activate(person: Person) -> None:
    person.open("/register")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")


def activate_with_error(person: Person) -> None:
    activate(person)
    person.fill(_CODE, "12")
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).not_to_be_empty()


def activate_without_a_beginning(person: Person) -> None:
    person.open("/activate")
    person.sees("Начните ещё раз")


def sign_in(person: Person) -> None:
    person.open("/sign-in")


def sign_in_with_error(person: Person) -> None:
    person.open("/sign-in")
    person.signs_in()
    expect(person.error_of("Пароль")).to_contain_text("не подходят")


def sign_in_after_leaving(person: Person) -> None:
    person.open("/sign-in?bye=1")
    person.sees("Вы вышли из кабинета.")


def new_device(person: Person) -> None:
    person.settles()
    person.context.clear_cookies()
    person.open("/sign-in")
    person.signs_in()
    person.sees_heading("Вход с нового устройства")


def reset(person: Person) -> None:
    person.open("/reset")


def reset_code(person: Person) -> None:
    person.open("/reset")
    person.fill(_LOGIN, person.login)
    person.press("Прислать код")
    expect(person.field(_CODE)).to_be_visible()


def reset_password(person: Person) -> None:
    person.settles()
    person.context.clear_cookies()
    reset_code(person)
    person.fill(_CODE, person.code())
    person.press("Подтвердить")
    expect(person.field("Придумайте новый пароль")).to_be_visible()


def link_of_a_letter(person: Person) -> None:
    person.page.goto(f"{person.portal.address}/auth/link?token=x")


def link_of_a_letter_that_is_used_up(person: Person) -> None:
    link_of_a_letter(person)
    person.watch.expected.append("410")
    person.press("Подтвердить")
    person.page.wait_for_load_state()


def letters(person: Person) -> None:
    activate(person)
    person.portal.message(person.login)
    person.page.goto(f"{person.portal.address}/demo/inbox")


def result_of_no_payment(person: Person) -> None:
    person.open(f"/pay/return/{uuid.uuid4()}")
    person.sees("Такого платежа нет.")


@pytest.mark.parametrize(
    "screen",
    [
        front_door,
        help_page,
        consent,
        not_found,
        register,
        register_with_errors,
        activate,
        activate_with_error,
        activate_without_a_beginning,
        sign_in,
        sign_in_with_error,
        sign_in_after_leaving,
        new_device,
        reset,
        reset_code,
        reset_password,
        link_of_a_letter,
        link_of_a_letter_that_is_used_up,
        letters,
        result_of_no_payment,
    ],
)
def test_screen_is_for_everybody(people: People, screen: Callable[[Person], None]) -> None:
    person = people(DESKTOP)
    screen(person)
    found = obstacles(person, screen.__name__.replace("_", "-"))
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
            person.page.goto(address)
    person.page.wait_for_load_state()
    found = obstacles(person, f"bank-{state}")
    assert not found, "\n".join(found)
