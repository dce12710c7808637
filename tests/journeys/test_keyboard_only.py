"""The whole way without a mouse: Tab, Enter, Space, arrows and letters."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, People
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser


def test_newcomer_pays_without_a_mouse(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted()
    keyboard = person.page.keyboard
    person.open("/")
    person.tabs_to(person.link("Создать кабинет"))
    keyboard.press("Enter")
    person.sees_heading("Создать кабинет")
    person.types(person.field("Телефон или электронная почта"), person.login)
    person.types(person.field("Придумайте пароль"), person.password)
    person.tabs_to(person.page.get_by_role("checkbox"))
    keyboard.press("Space")
    person.tabs_to(person.button("Зарегистрироваться"))
    keyboard.press("Enter")
    person.sees_heading("Подтверждение")
    person.types(person.field("Введите код из сообщения"), person.code())
    keyboard.press("Enter")
    person.sees_heading("Подключить лицевой счёт")
    person.types(person.page.get_by_role("searchbox"), "водоканал")
    person.tabs_to(person.page.get_by_role("radio", name=account.provider))
    keyboard.press("Space")
    person.tabs_to(person.button("Дальше"))
    keyboard.press("Enter")
    person.types(person.field("Номер лицевого счёта"), account.number)
    keyboard.press("Enter")
    person.sees_heading("Счёт подключён")
    person.tabs_to(person.link("Оплатить онлайн"))
    keyboard.press("Enter")
    person.sees_heading("Оплата")
    person.tabs_to(person.button(f"Оплатить {account.sum_on_screen}"))
    keyboard.press("Enter")
    person.page.wait_for_url("**/sandbox/bank/pay/**")
    person.tabs_to(person.link("СБП"))
    keyboard.press("Enter")
    person.page.wait_for_url("**method=sbp")
    pay = person.button("Оплатить в приложении банка")
    expect(pay).to_be_focused()
    keyboard.press("Enter")
    person.sees_paid(account.sum_on_screen)
    person.tabs_to(person.link("На главную"))
    keyboard.press("Enter")
    person.sees_sum("0,00 ₽")
    person.tabs_to(person.button("Выйти"))
    keyboard.press("Enter")
    person.sees_heading("Вход в кабинет")


def test_arrows_choose_the_provider_and_the_sum(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted()
    person.settles(account)
    keyboard = person.page.keyboard
    person.open("/cabinet/connect")
    radios = person.page.get_by_role("radio")
    expect(radios).to_have_count(4)
    person.tabs_to(radios.first)
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(radios.nth(2)).to_be_focused()
    expect(radios.nth(2)).to_be_checked()
    keyboard.press("Enter")
    person.tabs_to(person.button("Дальше"))
    keyboard.press("Enter")
    expect(person.field("Номер лицевого счёта")).to_be_visible()
    person.open(f"/pay/{person.link_ids[0]}")
    person.tabs_to(person.page.get_by_role("radio", name="Текущий долг"))
    keyboard.press("ArrowDown")
    person.types(person.field("Сумма, ₽"), "10")
    expect(person.button("Оплатить 10,00 ₽")).to_be_visible()


def test_keyboard_goes_past_the_menu_to_the_content(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    person.settles(indebted())
    person.open("/cabinet")
    person.sees_heading("Лицевые счета")
    person.tabs_to(person.link("Перейти к содержанию"))
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("document.querySelector('main').contains(document.activeElement)")
