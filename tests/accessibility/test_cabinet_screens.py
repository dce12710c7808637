"""Screens of the cabinet, in every state, width and theme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.accessible import obstacles
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.screen import shifts
from tests.support.town_bills import TownAccount, accounts_of

pytestmark = pytest.mark.browser

_NUMBER = "Номер лицевого счёта"
_SUM = "Сумма, ₽"


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """An account with a debt."""
    return indebted("uyutny-dom")


@pytest.fixture
def person(people: People) -> Person:
    """Somebody at a desk."""
    return people(DESKTOP)


def _is_for_everybody(person: Person, name: str) -> None:
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    found = obstacles(person, name)
    assert not found, "\n".join(found)


def test_home_without_accounts(person: Person) -> None:
    person.settles()
    person.open("/cabinet")
    person.sees_heading("Подключить лицевой счёт")
    person.page.go_back()
    person.sees("Пока ни одного счёта.")
    _is_for_everybody(person, "home-empty")


def test_home_with_every_kind_of_balance(
    person: Person, account: TownAccount, indebted: Callable[..., TownAccount]
) -> None:
    overpaid = next(found for found in accounts_of("teploset") if found.owes_kopecks < 0)
    clear = next(found for found in accounts_of("mezhraigaz") if found.owes_kopecks == 0)
    person.settles(account, indebted("gorvodokanal"), overpaid, clear)
    person.open("/cabinet")
    person.sees("Всего к оплате")
    person.sees("Переплата")
    _is_for_everybody(person, "home")


def test_choosing_the_provider(person: Person) -> None:
    person.settles()
    person.open("/cabinet/connect")
    expect(person.page.get_by_role("radio")).to_have_count(4)
    _is_for_everybody(person, "connect-provider")


def test_choosing_no_provider(person: Person) -> None:
    person.settles()
    person.open("/cabinet/connect")
    person.press("Дальше")
    person.sees("Выберите поставщика из списка.")
    person.page.get_by_text("Есть текст QR-кода с квитанции?").click()
    _is_for_everybody(person, "connect-provider-error")


def test_number_of_the_account(person: Person) -> None:
    person.settles()
    person.open("/cabinet/connect/gorvodokanal")
    expect(person.field(_NUMBER)).to_be_visible()
    _is_for_everybody(person, "connect-number")


def test_number_of_the_account_with_its_hint_open(person: Person) -> None:
    person.settles()
    person.open("/cabinet/connect/gorvodokanal")
    person.press("Подсказка: где найти номер")
    person.sees("Лицевой счёт — номер вашей квартиры или дома у поставщика.")
    _is_for_everybody(person, "connect-hint")


def test_number_that_is_none(person: Person) -> None:
    person.settles()
    person.open("/cabinet/connect/gorvodokanal")
    person.fill(_NUMBER, "123")
    person.press("Подключить")
    expect(person.error_of(_NUMBER)).not_to_be_empty()
    _is_for_everybody(person, "connect-number-error")


def test_congratulation(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open(f"/cabinet/connected/{person.link_ids[0]}")
    person.sees("Поздравляем!")
    _is_for_everybody(person, "connected")


def test_account(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open(f"/account/{person.link_ids[0]}")
    person.sees_sum(account.sum_on_screen)
    person.page.get_by_text("Отключить счёт").click()
    _is_for_everybody(person, "account")


def test_account_that_is_nobodys(person: Person) -> None:
    person.settles()
    person.open("/account/nothing")
    expect(person.link("На главную")).to_be_visible()
    _is_for_everybody(person, "account-missing")


def test_paying_the_debt(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open(f"/pay/{person.link_ids[0]}")
    expect(person.button(f"Оплатить {account.sum_on_screen}")).to_be_visible()
    _is_for_everybody(person, "pay")


def test_paying_a_wrong_sum(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open(f"/pay/{person.link_ids[0]}")
    person.page.get_by_role("radio", name="Другая сумма").check()
    person.fill(_SUM, "0")
    person.press("Оплатить")
    expect(person.error_of(_SUM)).not_to_be_empty()
    _is_for_everybody(person, "pay-error")


def test_result_and_history(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open("/payments")
    person.sees("Платежей пока нет.")
    _is_for_everybody(person, "payments-empty")
    person.open(f"/pay/{person.link_ids[0]}")
    person.starts_paying(account.sum_on_screen)
    person.page.get_by_role("link", name="Вернуться, не платя").click()
    person.sees("Ещё не заплатили?")
    _is_for_everybody(person, "result-open")
    person.page.get_by_role("link", name="Перейти к оплате").click()
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    _is_for_everybody(person, "paid")
    person.open("/payments")
    person.page.locator("summary").first.click()
    _is_for_everybody(person, "payments")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_by_itself_while_pages_open(
    people: People, account: TownAccount, device: dict[str, object]
) -> None:
    person = people(device)
    person.settles(account, accounts_of("gorvodokanal")[3])
    for path in (
        "/cabinet",
        f"/account/{person.link_ids[0]}",
        f"/pay/{person.link_ids[0]}",
        "/payments",
        "/cabinet/connect",
        "/cabinet/connect/gorvodokanal",
        f"/cabinet/connected/{person.link_ids[0]}",
    ):
        person.open(path)
        expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
        # Two pictures later everything that was to be drawn has been.
        person.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        moved = shifts(person.page)
        assert not moved, "\n".join(moved)
