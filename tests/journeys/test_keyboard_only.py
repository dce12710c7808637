"""The whole way without a mouse: Tab, Enter, Space, arrows and letters."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, People
from tests.support.town_bills import TownAccount
from tests.support.town_dials import dials_of

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


def test_readings_are_given_and_corrected_without_a_mouse(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted("mezhraigaz")
    person.settles(account)
    keyboard, last = person.page.keyboard, dials_of(person.portal, account.number)[0].last
    person.open("/cabinet")
    person.tabs_to(person.link("Показания"))
    keyboard.press("Enter")
    person.sees_heading("Передать показания")
    reading = person.field("Показание на сегодня, м³")
    expect(reading).to_be_visible()
    person.types(reading, "1")
    keyboard.press("Enter")
    expect(person.error_of("Показание на сегодня, м³")).to_contain_text("Меньше прошлого показания")
    expect(reading).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type(str(last + 5))
    keyboard.press("Enter")
    person.sees(re.compile("Показания приняты"))
    person.tabs_to(person.button("Исправить"))
    keyboard.press("Enter")
    expect(reading).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type(str(last + 6))
    person.tabs_to(person.button("Передать показания"))
    keyboard.press("Enter")
    person.sees(re.compile("Показания исправлены"))


def test_question_is_asked_without_a_mouse(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    person.settles(indebted())
    keyboard = person.page.keyboard
    person.open("/support")
    person.sees("Обращений пока нет.")
    person.tabs_to(person.link("Написать"))
    keyboard.press("Enter")
    person.sees_heading("Написать нам")
    topic = person.page.get_by_label("О чём обращение").filter(visible=True)
    expect(topic).to_be_visible()
    person.tabs_to(topic)
    keyboard.press("ArrowDown")
    person.types(person.page.locator("textarea[name=text]"), "Почему 140?")
    person.tabs_to(person.button("Отправить"))
    keyboard.press("Enter")
    person.sees("Сообщение отправлено")
    person.types(person.page.locator("textarea[name=text]"), "И ещё вопрос.")
    person.tabs_to(person.button("Отправить"))
    keyboard.press("Enter")
    person.sees("И ещё вопрос.")
    person.tabs_to(person.button("Вопрос решён, закрыть"))
    keyboard.press("Enter")
    person.sees("Обращение закрыто.")


def test_settings_are_changed_without_a_mouse(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted()
    person.settles(account)
    keyboard = person.page.keyboard
    person.open("/settings")
    person.tabs_to(person.button(f"Переименовать счёт {account.provider}"))
    keyboard.press("Enter")
    expect(person.field("Название счёта")).to_be_focused()
    keyboard.type("Дача")
    keyboard.press("Enter")
    person.sees("Сохранено: «Дача»")
    person.open("/settings/profile")
    person.types(person.field("Фамилия"), "Петрова")
    keyboard.press("Enter")
    person.sees(re.compile("Сохранено: фамилия"))
    person.open("/settings/notifications")
    box = person.page.get_by_label("Вышла новая квитанция: Письмо", exact=True)
    person.tabs_to(box)
    keyboard.press("Space")
    person.tabs_to(person.button("Сохранить"))
    keyboard.press("Enter")
    person.sees(re.compile("Сохранено"))
    expect(box).not_to_be_checked()
    person.open("/settings/security/password")
    person.types(person.field("Нынешний пароль"), person.password)
    person.password = "new7Pw31"
    person.secrets.add(person.password)
    person.types(person.field("Новый пароль"), person.password)
    keyboard.press("Enter")
    person.sees("Пароль изменён. На других устройствах нужно войти заново.")


def test_keyboard_goes_past_the_menu_to_the_content(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    person.settles(indebted())
    person.open("/cabinet")
    person.sees_heading("Лицевые счета")
    person.tabs_to(person.link("Перейти к содержанию"))
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("document.querySelector('main').contains(document.activeElement)")
