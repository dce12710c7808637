"""What the help shows beside the steps of the instruction: readings, a bill, a ticket, the window of a PIN."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.instruction import reader
from tests.support.people import People, Person
from tests.support.residents import answer_ticket
from tests.support.town_bills import TownAccount, newest_period
from tests.support.town_dials import dials_of

pytestmark = pytest.mark.browser


def names(person: Person, own_name: str) -> None:
    """Let the first account have had a name of its own for a while."""
    person.portal.change("UPDATE account_link SET own_name = ? WHERE public_id = ?", own_name, person.link_ids[0])


@pytest.fixture
def person(people: People) -> Person:
    """Somebody with a sharp phone."""
    return reader(people, "phone")


def test_pay_page_offers_three_ways(person: Person, indebted: Callable[..., TownAccount]) -> None:
    person.settles(indebted("mezhraigaz"))
    names(person, "Квартира")
    person.open(f"/pay/{person.link_ids[0]}")
    expect(person.page.get_by_role("radio")).to_have_count(3)
    person.picture("help-pay")


def test_consumption_and_cost_stand_below_what_is_typed(person: Person, indebted: Callable[..., TownAccount]) -> None:
    account = indebted("mezhraigaz")
    person.settles(account)
    names(person, "Дом родителей")
    (dial,) = dials_of(person.portal, account.number)
    person.open(f"/readings/{person.link_ids[0]}")
    person.fill("Показание на сегодня, м³", str(dial.last + 12))
    person.sees(re.compile(r"Расход 12\sм³ ≈"))
    person.picture("help-readings")


def test_bill_is_told_line_by_line(person: Person, indebted: Callable[..., TownAccount]) -> None:
    person.settles(indebted())
    names(person, "Квартира")
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    person.open(f"/bill/{person.link_ids[0]}/{newest_period().key}")
    lines = person.page.get_by_role("table", name=re.compile("^Начислено по услугам"))
    expect(lines).to_be_visible()
    lines.evaluate("table => scrollTo(0, scrollY + table.getBoundingClientRect().top - 36)")
    person.picture("help-bill")


def test_window_of_extended_access_asks_for_the_pin(person: Person, indebted: Callable[..., TownAccount]) -> None:
    person.settles(indebted())
    person.open(f"/account/{person.link_ids[0]}")
    person.press("Подключить")
    window = person.page.get_by_role("dialog", name="Расширенный доступ")
    window.get_by_text("У меня есть пин-код").click()
    person.fill("Пин-код", "7K4M-2X9A")
    expect(person.button("Активировать")).to_be_visible()
    person.picture("help-access")


def test_ticket_shows_the_question_and_the_answer(person: Person, indebted: Callable[..., TownAccount]) -> None:
    person.settles(indebted())
    person.open("/support/new")
    person.page.get_by_role("radio", name="Сотрудникам компании").check()
    about = person.page.get_by_label("О чём обращение").filter(has_text="Счётчик и поверка")
    expect(about).to_be_visible()
    about.select_option("Счётчик и поверка")
    person.page.get_by_role("textbox", name="Сообщение").fill("Счётчик заменили 12 числа. Куда отправить акт?")
    person.press("Отправить")
    person.sees("Сообщение отправлено")
    answer_ticket(
        person.portal,
        person.page.url.rpartition("/")[2],
        "Здравствуйте. Прикрепите фото акта к этому обращению, мы внесём новый счётчик за два дня.",
    )
    person.page.reload()
    person.sees(re.compile("^Здравствуйте. Прикрепите"))
    person.picture("help-support")
