"""Screens of the cabinet that are about accounts, bills and money, in every state, width and theme."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, PHONE, People
from tests.support.residents import print_pin
from tests.support.screen import shifts
from tests.support.screens import Screen, Screens, Stage
from tests.support.town_bills import TownAccount, accounts_of, newest_period

pytestmark = pytest.mark.browser

SCREENS = Screens()

_NUMBER = "Номер лицевого счёта"
_SUM = "Сумма, ₽"


@SCREENS.of("/cabinet", "/account", "/bills", "/payments")
def nothing_yet(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open("/cabinet")
    person.sees_heading("Подключить лицевой счёт")
    person.page.go_back()
    person.sees(re.compile("Пока ни одного счёта"))
    yield "home"
    for path in ("/account", "/bills"):
        person.open(path)
        person.sees(re.compile("Пока ни одного счёта"))
        yield path.removeprefix("/")
    person.open("/payments")
    person.sees("Платежей пока нет.")
    yield "payments"


@SCREENS.of("/cabinet", "/account")
def home(stage: Stage) -> Iterator[str]:
    person = stage.person
    overpaid = next(found for found in accounts_of("teploset") if found.owes_kopecks < 0)
    clear = next(found for found in accounts_of("mezhraigaz") if found.owes_kopecks == 0)
    person.settles(stage.indebted(), stage.indebted("uyutny-dom"), overpaid, clear)
    person.open("/cabinet")
    person.sees("Всего к оплате")
    # What colours say is said by words as well.
    cards = person.page.locator("main section.card")
    expect(cards.filter(has_text="Переплата")).to_have_count(1)
    expect(cards.filter(has_text=re.compile("[Кк] оплате до|Просрочен"))).to_have_count(2)
    yield "filled"
    person.open("/account")
    expect(person.page.get_by_role("link", name="Открыть")).to_have_count(4)
    yield "account-choice"


@SCREENS.of("/cabinet/connect", "/cabinet/connect/[provider_code]", "/cabinet/connected/[id]")
def connect(stage: Stage) -> Iterator[str]:
    person, account = stage.settled(), stage.indebted()
    person.open("/cabinet/connect")
    expect(person.page.get_by_role("radio")).to_have_count(4)
    yield "provider"
    person.press("Дальше")
    person.sees("Выберите поставщика из списка.")
    person.page.get_by_text("Есть текст QR-кода с квитанции?").click()
    expect(person.field("Текст QR-кода")).to_be_visible()
    yield "provider-and-code"
    person.press("Подключить по коду")
    expect(person.error_of("Текст QR-кода")).not_to_be_empty()
    yield "error-code"
    person.open("/cabinet/connect/gorvodokanal")
    expect(person.field(_NUMBER)).to_be_visible()
    yield "number"
    person.press("Подсказка: где найти номер")
    person.sees("Лицевой счёт — номер вашей квартиры или дома у поставщика.")
    yield "hint"
    person.page.keyboard.press("Escape")
    person.fill(_NUMBER, "123")
    person.press("Подключить")
    expect(person.error_of(_NUMBER)).not_to_be_empty()
    expect(person.field(_NUMBER)).to_be_focused()
    yield "error-number"
    person.fill(_NUMBER, account.number)
    person.press("Подключить")
    person.sees("Поздравляем!")
    yield "done"


@SCREENS.of("/account/[id]")
def account(stage: Stage) -> Iterator[str]:
    person = stage.person
    own = stage.indebted("uyutny-dom")
    person.settles(own)
    person.open(f"/account/{person.link_ids[0]}")
    person.sees_sum(own.sum_on_screen)
    person.page.get_by_text("Отключить счёт").click()
    yield "basic"
    person.fill("Название счёта", "Д" * 200)
    person.press("Сохранить название")
    expect(person.error_of("Название счёта")).not_to_be_empty()
    expect(person.field("Название счёта")).to_be_focused()
    yield "error-name"
    person.fill("Название счёта", "Дача")
    person.press("Сохранить название")
    person.sees("Сохранено: «Дача»")
    yield "done-name"
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    person.open(f"/account/{person.link_ids[0]}")
    person.sees("Расширенный доступ")
    yield "extended"
    person.page.get_by_text("Отключить счёт").click()
    person.press("Да, отключить")
    person.sees(re.compile("Счёт отключён"))
    yield "done-disconnected"
    person.open("/account/nothing")
    expect(person.page.locator("main").get_by_role("link", name="На главную")).to_be_visible()
    yield "missing"


@SCREENS.of("/account/[id]")
def window_of_extended_access(stage: Stage) -> Iterator[str]:
    person, own = stage.person, stage.indebted()
    pin = print_pin(person.portal, own)
    person.secrets |= {pin, pin.replace("-", "")}
    # The second provider demands a surname beside the sum.
    person.settles(own, stage.indebted("mezhraigaz"))
    person.open(f"/account/{person.link_ids[0]}")
    person.press("Подключить")
    window = person.page.get_by_role("dialog", name="Расширенный доступ")
    window.get_by_text("Подтвердить суммой из квитанции").click()
    yield "other-proofs"
    person.press("Подтвердить")
    expect(person.error_of("Месяц квитанции")).to_contain_text("Выберите месяц квитанции из списка.")
    yield "errors-sum"
    window.get_by_text("У меня есть пин-код").click()
    person.fill("Пин-код", "ZZZZ-ZZZ2")
    person.press("Активировать")
    expect(person.error_of("Пин-код")).not_to_be_empty()
    expect(person.field("Пин-код")).to_be_focused()
    yield "error-pin"
    person.fill("Пин-код", pin)
    person.press("Активировать")
    person.sees("Расширенный доступ открыт")
    yield "done"
    person.open(f"/account/{person.link_ids[1]}")
    person.press("Подключить")
    window.get_by_text("Подтвердить суммой из квитанции").click()
    month = newest_period().shifted(-2)
    person.field("Месяц квитанции").select_option(str(month.key))
    person.fill("Итого к оплате, ₽", "0,01")
    person.press("Подтвердить")
    expect(person.error_of("Фамилия владельца")).to_contain_text("Впишите фамилию")
    expect(person.field("Фамилия владельца")).to_be_focused()
    yield "error-surname"


@SCREENS.of("/bills", "/bills/[id]", "/bill/[id]/[period]")
def bills(stage: Stage) -> Iterator[str]:
    person = stage.settled("uyutny-dom", "gorvodokanal")
    first, month = person.link_ids[0], newest_period().key
    person.open(f"/bills/{first}")
    person.sees(re.compile("видны после подтверждения"))
    yield "basic"
    person.open(f"/bill/{first}/{month}")
    person.sees(re.compile("видны после подтверждения"))
    yield "bill-basic"
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", first)
    person.open("/bills")
    expect(person.page.locator("tbody tr")).to_have_count(24)
    yield "filled"
    person.open(f"/bill/{first}/{month}")
    person.sees("Как сложилась сумма, ₽")
    yield "bill"
    person.open("/bills/nothing")
    expect(person.page.locator("main").get_by_role("link", name="На главную")).to_be_visible()
    yield "missing"
    person.open(f"/bill/{first}/209901")
    expect(person.page.locator("main").get_by_role("link").first).to_be_visible()
    yield "bill-missing"


@SCREENS.of("/outages", "/cabinet", "/account/[id]")
def outages(stage: Stage) -> Iterator[str]:
    # Without any to come or that goes on: the emergency of the town is of another provider.
    person = stage.settled("uyutny-dom")
    person.open("/outages")
    person.sees(re.compile("Отключений по вашим счетам нет"))
    yield "none"
    # The first one is printed at the start for visitors to try.
    garden = [found for found in accounts_of("gorvodokanal") if "Садовая" in found.address][1]
    person = stage.settled(garden, accounts_of("mezhraigaz")[1])
    person.open("/cabinet")
    expect(person.page.locator("main [role=note]")).to_have_count(2)
    # At basic access nothing tells where the account is.
    expect(person.page.locator("main")).not_to_contain_text("Садовая")
    yield "home-basic"
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    person.open(f"/account/{person.link_ids[0]}")
    expect(person.page.locator("main [role=note]")).to_contain_text("ул. Садовая")
    yield "account"
    person.page.get_by_role("link", name="Все отключения").click()
    person.sees_heading("Отключения")
    expect(person.page.locator("li.topic")).to_have_count(2)
    yield "filled"


@SCREENS.of("/pay/[account]", "/pay/return/[payment]", "/payments")
def pay(stage: Stage) -> Iterator[str]:
    person, own = stage.person, stage.indebted()
    person.settles(own)
    person.open(f"/pay/{person.link_ids[0]}")
    expect(person.button(f"Оплатить {own.sum_on_screen}")).to_be_visible()
    yield "debt"
    person.page.get_by_role("radio", name="Другая сумма").check()
    person.fill(_SUM, "0")
    person.press("Оплатить")
    expect(person.error_of(_SUM)).not_to_be_empty()
    expect(person.field(_SUM)).to_be_focused()
    yield "error-sum"
    person.open(f"/pay/{person.link_ids[0]}")
    person.starts_paying(own.sum_on_screen)
    person.page.get_by_role("link", name="Вернуться, не платя").click()
    person.sees("Ещё не заплатили?")
    yield "open"
    person.page.get_by_role("link", name="Перейти к оплате").click()
    person.pays_by_card()
    person.sees_paid(own.sum_on_screen)
    yield "done"
    person.open("/payments")
    person.page.locator("main summary").first.click()
    yield "history"


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)


@pytest.fixture
def indebted_account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """An account with a debt."""
    return indebted("uyutny-dom")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_by_itself_while_pages_open(
    people: People, indebted_account: TownAccount, device: dict[str, object]
) -> None:
    person = people(device)
    person.settles(indebted_account, accounts_of("gorvodokanal")[3])
    for path in (
        "/cabinet",
        f"/account/{person.link_ids[0]}",
        # With an outage.
        f"/account/{person.link_ids[1]}",
        "/outages",
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
