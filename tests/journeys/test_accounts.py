"""Connecting accounts, naming them, and what happens with numbers that are none."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lkk_reflex.sandbox import town
from tests.support.people import DESKTOP, PHONE, People
from tests.support.town_bills import TownAccount, on_screen

pytestmark = pytest.mark.browser

_REFUSAL = "Не удалось подтвердить счёт. Проверьте номер по последней квитанции."


def test_several_accounts_have_names_of_ones_own(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    home, parents = indebted(), indebted("mezhraigaz")
    person.settles()
    person.open("/cabinet")
    person.connects(home, own_name="Квартира")
    person.sees("Поздравляем! Счёт Квартира подключён.")
    person.follow("Подключить ещё один")
    person.connects(parents)
    person.follow("На главную")
    person.sees(f"Всего к оплате {on_screen(home.owes_kopecks + parents.owes_kopecks)}")
    expect(person.page.get_by_role("heading", name="Квартира")).to_be_visible()
    person.page.locator("section.card", has_text=parents.number).get_by_role("link", name="Подробнее").click()
    person.fill("Название счёта", "Дом родителей")
    person.press("Сохранить название")
    person.sees("Сохранено: «Дом родителей»")
    person.sees_heading("Дом родителей")
    person.page.get_by_text("Отключить счёт").click()
    person.press("Да, отключить")
    person.sees("Счёт отключён.")
    person.follow("На главную")
    person.sees_sum(home.sum_on_screen)
    person.does_not_see(parents.number)


def test_nothing_personal_is_shown_for_a_number_that_anybody_may_know(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    for path in ("/cabinet", f"/account/{person.link_ids[0]}", f"/pay/{person.link_ids[0]}"):
        person.open(path)
        expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
        for part in account.owner.split():
            assert part not in person.page.content()
        assert account.address not in person.page.content()


@pytest.mark.parametrize("spelling", ["{0}", "л/с № {0}", " {1} {2} {3} ", "Лицевой счёт: {1}-{2}-{3}"])
def test_number_is_taken_as_people_write_it(
    people: People, indebted: Callable[..., TownAccount], spelling: str
) -> None:
    person, account = people(PHONE), indebted()
    number = account.number
    person.settles()
    person.open("/cabinet/connect/gorvodokanal")
    person.fill("Номер лицевого счёта", spelling.format(number, number[:4], number[4:7], number[7:]))
    person.press("Подключить")
    person.sees_heading("Счёт подключён")
    person.sees(f"№ {number}")


def test_pasted_payment_code_connects_its_account(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    inn = next(provider.inn for provider in town.PROVIDERS if provider.name == account.provider)
    person.settles()
    person.open("/cabinet/connect")
    person.page.get_by_text("Есть текст QR-кода с квитанции?").click()
    person.fill(
        "Текст QR-кода",
        f"ST00012|Name=МУП Горводоканал|PersonalAcc=40702810338000077504|BankName=Банк|BIC=044525225|"
        f"CorrespAcc=30101810400000000225|PayeeINN={inn}|PersAcc={account.number}|Sum={account.owes_kopecks}",
    )
    person.press("Подключить по коду")
    person.sees_heading("Счёт подключён")
    person.sees(f"№ {account.number}")
    person.sees(account.provider)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1019999999", _REFUSAL),
        ("40702810338000077504", "Похоже, это расчётный счёт компании."),
        ("044525225", "Похоже, это БИК банка."),
        ("123", "Номер не похож на лицевой счёт этого поставщика."),
        ("", "Введите номер лицевого счёта из квитанции."),
    ],
)
def test_number_that_is_none_is_explained_at_its_field(people: People, typed: str, sentence: str) -> None:
    person = people(PHONE)
    person.settles()
    person.open("/cabinet/connect/gorvodokanal")
    person.fill("Номер лицевого счёта", typed)
    person.press("Подключить")
    expect(person.error_of("Номер лицевого счёта")).to_contain_text(sentence)
    expect(person.field("Номер лицевого счёта")).to_be_focused()
    expect(person.field("Номер лицевого счёта")).to_have_value(typed)


def test_guessing_numbers_ends_in_a_wait_that_is_named(people: People) -> None:
    person = people(PHONE)
    person.settles()
    person.open("/cabinet/connect/teploset")
    for number in range(5):
        person.fill("Номер лицевого счёта", f"9999999{number}")
        person.press("Подключить")
        expect(person.error_of("Номер лицевого счёта")).to_contain_text(_REFUSAL)
        expect(person.button("Подключить")).to_be_enabled()
    person.fill("Номер лицевого счёта", "99999996")
    person.press("Подключить")
    person.sees("Слишком много попыток")


def test_account_that_is_connected_already_is_said_to_be(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    person.open("/cabinet/connect/gorvodokanal")
    person.fill("Номер лицевого счёта", account.number)
    person.press("Подключить")
    person.sees("Этот счёт уже подключён")
    person.follow("Перейти к счёту")
    person.page.wait_for_url(f"**/account/{person.link_ids[0]}")


def test_address_of_somebody_elses_account_looks_like_a_wrong_one(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    owner, stranger = people(PHONE), people(PHONE)
    owner.settles(indebted())
    stranger.settles(indebted())
    texts = []
    for link_id in (owner.link_ids[0], "there-is-no-such-account"):
        shown = []
        for path in (f"/account/{link_id}", f"/pay/{link_id}", f"/cabinet/connected/{link_id}"):
            stranger.open(path)
            expect(stranger.link("На главную")).to_be_visible()
            shown.append(stranger.page.locator("main").inner_text())
        texts.append(shown)
    assert texts[0] == texts[1]
