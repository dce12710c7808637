"""The job the portal exists for: from the front door to «Оплата прошла»."""

import time
from collections.abc import Callable

import pytest

from tests.support.people import PHONE, People
from tests.support.screen import layout_shift
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

#: What the machine may take of the two minutes; the rest belongs to the person's reading and typing.
_MACHINE_SECONDS = 40.0


def test_newcomer_pays_the_first_bill_on_a_phone(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    began = time.monotonic()
    person.open("/")
    person.sees_heading("Личный кабинет абонента")
    person.follow("Создать кабинет")
    person.sees_heading("Создать кабинет")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    person.fill("Введите код из сообщения", person.code())
    person.press("Подтвердить")
    person.connects(account)
    person.sees(f"№ {account.number}")
    person.follow("Оплатить онлайн")
    person.starts_paying(account.sum_on_screen)
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    took = time.monotonic() - began
    assert took < _MACHINE_SECONDS
    person.follow("На главную")
    person.sees_heading("Лицевые счета")
    person.sees_sum("0,00 ₽")
    assert layout_shift(person.page) <= 0.02
