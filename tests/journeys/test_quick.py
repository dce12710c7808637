"""Without a sign-in: paying and giving readings by the number on the bill, and by the link of a letter."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, PHONE, People, Person, Theme
from tests.support.residents import link_of_letter, put_meter
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_NUMBER = "Номер лицевого счёта"


def _names_the_account(person: Person, account: TownAccount) -> None:
    person.secrets.add(account.number)
    person.page.get_by_role("radio", name=account.provider).check()
    person.fill(_NUMBER, account.number)
    person.press("Продолжить")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)


def _opens_in_another_browser(person: Person, address: str, account: TownAccount) -> None:
    """Without the pass of the tab the page tells the sum, and nothing by which to know the account."""
    person.open(address.removeprefix(person.portal.address))
    person.sees_paid(account.sum_on_screen)
    person.does_not_see(re.compile("•••"))
    person.does_not_see("Что дальше")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_looks_like_a_button_beside_the_sample_of_the_front_door_leads_on(people: People, theme: Theme) -> None:
    person = people(DESKTOP, theme)
    person.open("/")
    person.sees("Пример: так счёт выглядит в кабинете")
    expect(person.page.locator(".button:not(a, button)")).to_have_count(0)
    person.picture(f"front-1280-{theme}")
    person.follow("Оплатить свой счёт")
    person.sees_heading("Оплатить или передать показания без входа")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_guest_pays_from_the_front_door(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    person, account = people(device), indebted()
    person.open("/")
    person.follow("Оплатить без входа")
    person.sees_heading("Оплатить или передать показания без входа")
    _names_the_account(person, account)
    for personal in (*account.owner.split(), account.address, account.number):
        assert personal not in person.page.content()
    person.press("Перейти к оплате")
    person.page.wait_for_url("**/sandbox/bank/pay/**")
    expect(person.page.locator(".sum")).to_have_text(account.sum_on_screen)
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    person.sees(re.compile(r"№\s[0-9A-F]{8}"))
    person.sees(account.provider)
    person.sees(f"№ •••{account.number[-4:]}")
    assert account.number not in person.page.content()
    person.picture(f"quick-paid-{person.page.viewport_size['width'] if person.page.viewport_size else ''}")
    paid_page = person.page.url
    person.follow("Передать показания")
    person.sees_heading("Передать показания")
    _opens_in_another_browser(people(device), paid_page, account)
    ((subscriber,),) = person.portal.rows(
        "SELECT payment.subscriber_id FROM payment JOIN personal_account ON personal_account.id = payment.account_id"
        " WHERE personal_account.number = ?",
        account.number,
    )
    assert subscriber is None


def test_guest_gives_readings(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    meter_id = put_meter(person.portal, account)
    person.open("/sign-in")
    person.follow("Передать показания без входа")
    _names_the_account(person, account)
    person.follow("Передать показания")
    person.sees_heading("Передать показания")
    field = person.page.locator(f"input[name^=value-{meter_id}]")
    expect(field).to_be_visible()
    # Not as a part of a number either: the serial number of the meter is by chance.
    assert not re.search(r"(?<![\d\u202f])196(?!\d)", person.page.locator("main").inner_text())
    person.press("Передать показания")
    person.sees("Введите показание хотя бы одного счётчика.")
    field.fill("190")
    person.press("Передать показания")
    person.sees("Меньше прошлого показания. Проверьте цифры.")
    expect(field).to_be_focused()
    field.fill("900")
    person.press("Передать показания")
    person.sees("Показание намного больше прошлого. Всё верно?")
    person.press("Исправить")
    expect(person.page.locator("input[name^=value-]").first).to_be_focused()
    field.fill("203")
    person.press("Передать показания")
    person.sees("Показания приняты")
    person.picture("quick-readings-saved")
    rows = person.portal.rows("SELECT subscriber_id FROM reading WHERE number IS NOT NULL ORDER BY id DESC LIMIT 1")
    assert rows == [(None,)]


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_link_of_a_letter_takes_readings_and_leads_on_to_paying(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    owner, person, account = people(device), people(device), indebted()
    meter_id = put_meter(person.portal, account)
    owner.settles(account)
    person.secrets |= owner.secrets
    person.open(link_of_letter(person.portal, owner.link_ids[0]))
    person.sees_heading("Передать показания")
    person.sees(account.provider)
    person.page.locator(f"input[name^=value-{meter_id}]").fill("203")
    person.press("Передать показания")
    person.sees("Показания приняты")
    person.does_not_see(re.compile("•••|₽"))
    person.picture(f"quick-letter-{person.page.viewport_size['width'] if person.page.viewport_size else ''}")
    person.press("Перейти к оплате")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)
    for personal in (*account.owner.split(), account.address, account.number):
        assert personal not in person.page.content()
    person.press("Перейти к оплате")
    person.page.wait_for_url("**/sandbox/bank/pay/**")
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    query = "SELECT payment.subscriber_id FROM payment JOIN account_link USING (account_id) WHERE public_id = ?"
    assert person.portal.rows(query, owner.link_ids[0]) == [(None,)]


def test_pass_leads_from_the_readings_back_to_the_sum(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    person.open("/quick")
    _names_the_account(person, account)
    person.follow("Передать показания")
    person.sees_heading("Передать показания")
    person.press("Перейти к оплате")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)


def test_wrong_numbers_are_refused_alike(people: People) -> None:
    person = people(PHONE)
    person.open("/quick")
    person.press("Продолжить")
    person.sees("Выберите поставщика из списка.")
    person.page.get_by_role("radio", name="Горводоканал").check()
    for number in ("1019999998", "1019999999"):
        person.fill(_NUMBER, number)
        person.press("Продолжить")
        expect(person.error_of(_NUMBER)).to_contain_text("Не удалось подтвердить счёт.")
        expect(person.field(_NUMBER)).to_be_focused()
        expect(person.field(_NUMBER)).to_have_value(number)


def test_pages_of_guests_without_a_pass_lead_back_to_the_number(people: People) -> None:
    person = people(PHONE)
    for path in ("/quick/account", "/quick/readings", "/quick/readings/no-such-link"):
        person.open(path)
        person.sees("Прошло больше часа, или ссылка устарела.")
        person.follow("Ввести номер")
        expect(person.field(_NUMBER)).to_be_visible()
