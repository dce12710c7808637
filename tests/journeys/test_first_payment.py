"""The job the portal exists for: from the front door to «Оплата прошла»."""

import re
import time
from collections.abc import Callable

import pytest

from lkk_reflex.kit.numbers import numbered
from tests.support.people import DESKTOP, PHONE, People, Person, Theme
from tests.support.screen import shifts
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

#: What the machine may take of the two minutes; the rest is for reading and typing.
_MACHINE_SECONDS = 45.0


def _goes_from_the_front_door_to_the_code(person: Person) -> None:
    person.open("/")
    person.sees_heading("Личный кабинет абонента")
    person.follow("Создать кабинет")
    person.sees_heading("Создать кабинет")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")


def _pays(person: Person, account: TownAccount) -> None:
    person.connects(account)
    person.sees(numbered(account.number))
    person.follow("Оплатить онлайн")
    person.starts_paying(account.sum_on_screen)
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)


def test_newcomer_pays_the_first_bill_by_a_code_from_a_letter(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(PHONE), indebted()
    began = time.monotonic()
    _goes_from_the_front_door_to_the_code(person)
    person.fill("Введите код из сообщения", person.code())
    person.press("Подтвердить")
    _pays(person, account)
    assert time.monotonic() - began < _MACHINE_SECONDS
    person.follow("На главную")
    person.sees_heading("Лицевые счета")
    person.sees_sum("0,00 ₽")
    assert shifts(person.page) == []


def test_newcomer_pays_the_first_bill_by_a_phone_number(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP, "dark"), indebted("mezhraigaz")
    digits = f"912{person.line.address.split('.')[1]:0>3}{person.line.address.split('.')[2]:0>4}"
    person.login = f"8 {digits[:3]} {digits[3:6]}-{digits[6:8]}-{digits[8:]}"
    person.secrets |= {f"+7{digits}", f"8{digits}", digits}
    _goes_from_the_front_door_to_the_code(person)
    person.sees(re.compile(rf"\+7\s{digits[:3]}\s{digits[3:6]}[-‑]{digits[6:8]}[-‑]{digits[8:]}"))
    code = person.portal.code(f"+7{digits}")
    person.secrets.add(code)
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    _pays(person, account)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_newcomer_follows_the_link_of_the_letter_in_another_tab(
    people: People, indebted: Callable[..., TownAccount], theme: Theme
) -> None:
    person, account = people(PHONE, theme), indebted("uyutny-dom")
    _goes_from_the_front_door_to_the_code(person)
    first_tab = person.page
    letter = person.context.new_page()
    letter.goto(person.portal.link(person.login))
    person.use(letter)
    _pays(person, account)
    person.use(first_tab)
    first_tab.reload()
    person.sees_heading("Лицевые счета")


def test_link_of_the_letter_opened_in_another_browser_creates_the_cabinet_but_does_not_enter_it(people: People) -> None:
    person, elsewhere = people(PHONE), people(DESKTOP)
    _goes_from_the_front_door_to_the_code(person)
    elsewhere.page.goto(person.portal.link(person.login))
    elsewhere.press("Подтвердить")
    elsewhere.sees_heading("Вход в кабинет")
    elsewhere.sees("Кабинет создан. Войдите, чтобы подключить лицевой счёт.")
    elsewhere.login, elsewhere.password = person.login, person.password
    elsewhere.signs_in()
    elsewhere.sees_heading("Подключить лицевой счёт")


def test_letters_of_the_demo_are_found_from_the_page_that_asks_for_the_code(people: People) -> None:
    person = people(PHONE)
    _goes_from_the_front_door_to_the_code(person)
    person.portal.message(person.login)
    with person.context.expect_page() as opened:
        person.follow("Письма и СМС")
    letters = opened.value
    letter = letters.locator("article", has_text=person.login)
    code = letter.locator(".code").first.inner_text()
    person.secrets.add(code)
    person.use(person.page)
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")
