"""Screens of those who pay and give readings without a cabinet, in every state, width and theme."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.residents import link_of_letter
from tests.support.screens import Screen, Screens, Stage
from tests.support.town_dials import dials_of

pytestmark = pytest.mark.browser

SCREENS = Screens()

_NUMBER = "Номер лицевого счёта"


@SCREENS.of("/quick/account", "/quick/readings", "/quick/readings/[token]")
def without_a_pass(stage: Stage) -> Iterator[str]:
    for path in ("/quick/account", "/quick/readings", "/quick/readings/no-such-link"):
        stage.person.open(path)
        stage.person.sees("Прошло больше часа, или ссылка устарела.")
        yield path.removeprefix("/quick/").replace("/", "-")


@SCREENS.of("/quick", "/quick/account", "/quick/readings")
def quick(stage: Stage) -> Iterator[str]:
    person, account = stage.person, stage.indebted("mezhraigaz")
    last = dials_of(person.portal, account.number)[0].last
    person.secrets.add(account.number)
    person.open("/quick")
    expect(person.field(_NUMBER)).to_be_visible()
    yield "empty"
    person.page.get_by_role("radio", name=account.provider).check()
    person.fill(_NUMBER, "1019999998")
    person.press("Продолжить")
    expect(person.error_of(_NUMBER)).not_to_be_empty()
    expect(person.field(_NUMBER)).to_be_focused()
    yield "error"
    person.fill(_NUMBER, account.number)
    person.press("Продолжить")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)
    yield "desk"
    person.fill("Сумма, ₽", "0")
    person.press("Перейти к оплате")
    expect(person.error_of("Сумма, ₽")).not_to_be_empty()
    expect(person.field("Сумма, ₽")).to_be_focused()
    yield "error-sum"
    person.follow("Передать показания")
    person.sees_heading("Передать показания")
    field = person.field("Показание на сегодня, м³")
    expect(field).to_be_visible()
    yield "readings"
    field.fill("1")
    person.press("Передать показания")
    person.sees("Меньше прошлого показания. Проверьте цифры.")
    expect(field).to_be_focused()
    yield "error-reading"
    field.fill(str(last + 5_000))
    person.press("Передать показания")
    person.sees("Показание намного больше прошлого. Всё верно?")
    yield "question"
    person.press("Исправить")
    field.fill(str(last + 3))
    person.press("Передать показания")
    person.sees("Показания приняты")
    yield "done"


@SCREENS.of("/quick/readings/[token]", "/pay/return/[payment]")
def letter_about_readings(stage: Stage) -> Iterator[str]:
    account = stage.indebted("mezhraigaz")
    person = stage.settled(account)
    last = dials_of(person.portal, account.number)[0].last
    # The letter is opened where nobody is signed in.
    person.context.clear_cookies()
    person.open(link_of_letter(person.portal, person.link_ids[0]))
    field = person.field("Показание на сегодня, м³")
    expect(field).to_be_visible()
    yield "empty"
    field.fill(str(last + 3))
    person.press("Передать показания")
    person.sees("Показания приняты")
    yield "done"
    person.press("Перейти к оплате")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)
    person.press("Перейти к оплате")
    person.page.wait_for_url("**/sandbox/bank/pay/**")
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    person.sees("Что дальше")
    yield "paid"


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)
