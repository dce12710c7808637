"""Paying in every way but the straight one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount, on_screen

pytestmark = pytest.mark.browser


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """An account with a debt."""
    return indebted()


@pytest.fixture
def payer(people: People, account: TownAccount) -> Person:
    """Somebody with the account connected, on its pay page."""
    person = people(PHONE)
    person.settles(account)
    person.open(f"/pay/{person.link_ids[0]}")
    return person


def _payments(person: Person) -> list[tuple[object, ...]]:
    return person.portal.rows(
        "SELECT payment.status, payment.amount_kopecks FROM payment JOIN account_link USING (account_id) "
        "WHERE account_link.public_id = ? ORDER BY payment.created_at",
        person.link_ids[0],
    )


def test_own_amount_is_paid_by_the_banks_application(payer: Person, account: TownAccount) -> None:
    payer.sees_heading("Оплата")
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.fill("Сумма, ₽", "100.5")
    payer.starts_paying("100,50 ₽")
    payer.page.get_by_role("link", name="СБП").click()
    payer.press("Оплатить в приложении банка")
    payer.sees_paid("100,50 ₽")
    payer.sees("СБП")
    payer.open("/cabinet")
    payer.sees_sum(on_screen(account.owes_kopecks - 100_50))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "Заплатить можно не меньше 1,00 ₽."),
        ("сто", "Введите сумму в рублях, например 1542,30."),
        ("99999999", "За один раз можно заплатить не больше"),
    ],
)
def test_wrong_own_amount_is_explained_at_its_field(payer: Person, typed: str, sentence: str) -> None:
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.fill("Сумма, ₽", typed)
    payer.press("Оплатить")
    expect(payer.error_of("Сумма, ₽")).to_contain_text(sentence)
    expect(payer.field("Сумма, ₽")).to_be_focused()
    expect(payer.field("Сумма, ₽")).to_have_value(typed)
    assert _payments(payer) == []


def test_bank_refuses_and_the_second_try_is_paid(payer: Person, account: TownAccount) -> None:
    payer.starts_paying(account.sum_on_screen)
    payer.press("Банк отказал")
    payer.sees("Оплата не прошла.")
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    assert _payments(payer) == [("succeeded", account.owes_kopecks)]


def test_who_comes_back_without_paying_pays_later_by_the_same_payment(payer: Person, account: TownAccount) -> None:
    payer.starts_paying(account.sum_on_screen)
    payer.follow("Вернуться, не платя")
    payer.sees_heading("Проверяем оплату")
    payer.sees("Ещё не заплатили?")
    payer.open("/cabinet")
    payer.sees_sum(account.sum_on_screen)
    payer.open("/payments")
    payer.page.get_by_text("Проверяем оплату").filter(visible=True).first.click()
    payer.follow("Открыть")
    payer.sees_heading("Проверяем оплату")
    payer.follow("Перейти к оплате")
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    assert _payments(payer) == [("succeeded", account.owes_kopecks)]


def test_double_click_makes_one_payment(payer: Person, account: TownAccount) -> None:
    payer.sees_heading("Оплата")
    payer.button(f"Оплатить {account.sum_on_screen}").dblclick()
    payer.page.wait_for_url("**/sandbox/bank/pay/**")
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    assert _payments(payer) == [("succeeded", account.owes_kopecks)]


def test_who_comes_back_from_the_bank_by_the_browsers_button_may_press_again(
    payer: Person, account: TownAccount
) -> None:
    payer.starts_paying(account.sum_on_screen)
    payer.page.go_back()
    payer.starts_paying(account.sum_on_screen)
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    payer.open("/cabinet")
    payer.sees_sum("0,00 ₽")
    assert _payments(payer).count(("succeeded", account.owes_kopecks)) == 1


def test_same_bill_paid_in_two_tabs_is_not_paid_twice_unnoticed(payer: Person, account: TownAccount) -> None:
    """Both tabs show the debt; the one that comes second is told that it has gone."""
    first, second = payer.page, payer.context.new_page()
    second.goto(first.url)
    payer.use(second)
    expect(payer.button(f"Оплатить {account.sum_on_screen}")).to_be_enabled()
    payer.use(first)
    payer.starts_paying(account.sum_on_screen)
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    payer.use(second)
    payer.press(f"Оплатить {account.sum_on_screen}")
    payer.sees("Долга нет")
    assert _payments(payer) == [("succeeded", account.owes_kopecks)]


def test_stranger_with_the_address_of_the_result_sees_only_the_sum_and_the_state(
    payer: Person, people: People, account: TownAccount
) -> None:
    payer.starts_paying(account.sum_on_screen)
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    stranger = people(DESKTOP)
    stranger.open(payer.page.url.removeprefix(payer.portal.address))
    stranger.sees_paid(account.sum_on_screen)
    stranger.does_not_see(account.number)
    stranger.does_not_see(account.provider)
    assert account.number not in stranger.page.content()


def test_history_says_in_words_where_each_payment_stands(payer: Person, account: TownAccount) -> None:
    payer.starts_paying(account.sum_on_screen)
    payer.pays_by_card()
    payer.sees_paid(account.sum_on_screen)
    payer.follow("История платежей")
    payer.sees_heading("Платежи")
    row = payer.page.get_by_role("row").nth(1)
    expect(row).to_contain_text("Оплачено")
    expect(row).to_contain_text(account.sum_on_screen)
    expect(row).to_contain_text(account.number)
    payer.opens_in_place(row.locator("summary"))
