"""Step 8 of the instruction: «Лицевой счёт», «Подключить», «У меня есть пин-код», «Активировать»."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from tests.support.patience import settled
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.residents import print_pin
from tests.support.town_bills import TownAccount, newest_period

pytestmark = pytest.mark.browser

SMALL = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}
_REFUSAL = "Не удалось подтвердить, что счёт ваш."


def _window(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="Расширенный доступ")


def _add_up_to(parts: Locator, kopecks: int) -> None:
    added = settled(lambda: sum(Money.parse(part).kopecks for part in parts.all_inner_texts()), kopecks)
    assert added == kopecks


def _with_sum_of_its_own(
    person: Person, indebted: Callable[..., TownAccount]
) -> tuple[TownAccount, BillingPeriod, Money]:
    """Return an account, an earlier month of the list and its sum; a sum that another month has too proves nothing."""
    while True:
        account = indebted("mezhraigaz")
        bills = person.portal.rows(
            "SELECT period, closing_kopecks FROM bill JOIN personal_account ON personal_account.id = account_id"
            " WHERE number_shown = ?",
            account.number,
        )  # fmt: skip
        owed = {period: int(str(kopecks)) for period, kopecks in bills}
        times = Counter(owed.values())
        for month in (newest_period().shifted(-ago) for ago in range(1, 7)):
            kopecks = owed[month.key]
            if kopecks > 0 and times[kopecks] == 1:
                return account, month, Money(kopecks)


def _opens_the_window(person: Person, account: TownAccount) -> None:
    person.settles(account)
    person.open(f"/account/{person.link_ids[0]}")
    person.sees("Базовый доступ")
    person.press("Подключить")
    expect(_window(person)).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pin_opens_extended_access(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, Any]
) -> None:
    person, account = people(device), indebted()
    pin = print_pin(person.portal, account)
    person.secrets |= {pin, pin.replace("-", "")}
    _opens_the_window(person, account)
    person.sees("Пин-код выдают при личном обращении в участок поставщика")
    person.picture(f"access-window-{device['viewport']['width']}")
    _window(person).get_by_text("У меня есть пин-код").click()
    person.fill("Пин-код", pin.replace("-", " ").lower())
    person.picture(f"access-pin-{device['viewport']['width']}")
    person.press("Активировать")
    person.sees("Расширенный доступ открыт")
    expect(person.button("Показать счёт")).to_be_focused()
    person.picture(f"access-done-{device['viewport']['width']}")
    person.press("Показать счёт")
    expect(_window(person)).to_have_count(0)
    person.sees(account.address)
    expect(person.button("Подключить")).to_have_count(0)
    expect(person.page.locator("h1")).to_be_focused()
    person.open(f"/account/{person.link_ids[0]}")
    person.sees(account.address)


def test_wrong_pin_is_explained_at_its_field_and_the_fifth_ends_it(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(SMALL), indebted()
    pin = print_pin(person.portal, account)
    _opens_the_window(person, account)
    _window(person).get_by_text("У меня есть пин-код").click()
    person.press("Активировать")
    expect(person.error_of("Пин-код")).to_contain_text("Введите пин-код")
    expect(person.field("Пин-код")).to_be_focused()
    for number in range(5):
        person.fill("Пин-код", f"ZZZZ-ZZZ{number + 2}")
        person.press("Активировать")
        expect(person.error_of("Пин-код")).to_contain_text(_REFUSAL)
        tries = f"Осталось попыток: {4 - number}." if number < 4 else "Попытки закончились, новые будут через 24 ч."
        expect(person.error_of("Пин-код")).to_contain_text(tries)
        expect(person.button("Активировать")).to_be_enabled()
        expect(person.field("Пин-код")).to_have_value(f"ZZZZ-ZZZ{number + 2}")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 320
    person.picture("access-refused-320")
    person.fill("Пин-код", pin)
    person.press("Активировать")
    expect(person.error_of("Пин-код")).to_contain_text("Слишком много попыток")
    expect(person.field("Пин-код")).to_be_focused()


def test_window_is_worked_by_the_keyboard_alone(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted()
    pin = print_pin(person.portal, account)
    person.settles(account)
    person.open(f"/account/{person.link_ids[0]}")
    person.sees("Базовый доступ")
    person.tabs_to(person.button("Подключить"))
    person.page.keyboard.press("Enter")
    expect(_window(person)).to_be_visible()
    person.page.keyboard.press("Escape")
    expect(_window(person)).to_have_count(0)
    expect(person.button("Подключить")).to_be_focused()
    person.page.keyboard.press("Enter")
    person.tabs_to(_window(person).get_by_text("У меня есть пин-код"))
    person.page.keyboard.press("Enter")
    person.types(person.field("Пин-код"), pin)
    person.page.keyboard.press("Enter")
    person.sees("Расширенный доступ открыт")
    expect(_window(person).get_by_role("button", name="Показать счёт")).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(_window(person)).to_have_count(0)


def test_window_closes_by_a_tap_outside(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(DESKTOP)
    _opens_the_window(person, indebted())
    person.page.mouse.click(5, 5)
    expect(_window(person)).to_have_count(0)


def test_other_proofs_stand_below_the_pin_where_the_provider_accepts_them(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person = people(PHONE, "dark")
    _opens_the_window(person, indebted())
    _window(person).get_by_text("Подтвердить суммой из квитанции").click()
    person.press("Подтвердить")
    expect(person.error_of("Месяц квитанции")).to_contain_text("Выберите месяц квитанции из списка.")
    expect(person.field("Месяц квитанции")).to_be_focused()
    expect(person.error_of("Итого к оплате, ₽")).to_contain_text("Впишите сумму из квитанции")
    _window(person).get_by_role("alert").get_by_role("link", name="Впишите сумму").click()
    expect(person.field("Итого к оплате, ₽")).to_be_focused()
    expect(_window(person)).to_be_visible()
    expect(_window(person).get_by_text("Подтвердить номером счётчика")).to_be_visible()
    person.picture("access-other-dark")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_surname_is_told_beside_the_sum_where_the_provider_demands_it(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, Any]
) -> None:
    person = people(device)
    account, month, owes = _with_sum_of_its_own(person, indebted)
    _opens_the_window(person, account)
    _window(person).get_by_text("Подтвердить суммой из квитанции").click()
    months = person.field("Месяц квитанции").get_by_role("option")
    expect(months).to_have_count(7)
    assert newest_period().label not in months.all_inner_texts()
    person.field("Месяц квитанции").select_option(str(month.key))
    person.fill("Итого к оплате, ₽", owes.figures())
    person.press("Подтвердить")
    expect(person.error_of("Фамилия владельца")).to_contain_text("Впишите фамилию владельца счёта")
    expect(person.field("Фамилия владельца")).to_be_focused()
    person.fill("Фамилия владельца", "Никто")
    person.press("Подтвердить")
    expect(person.error_of("Итого к оплате, ₽")).to_contain_text("Осталось попыток: 4.")
    expect(person.error_of("Фамилия владельца")).to_be_empty()
    person.picture(f"access-surname-{device['viewport']['width']}")
    person.fill("Фамилия владельца", account.owner.split()[0].upper())
    person.press("Подтвердить")
    person.sees("Расширенный доступ открыт")
    person.press("Показать счёт")
    person.sees(account.address)


def test_proved_account_needs_no_paper_and_tells_what_a_payment_goes_for(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    account = indebted()
    owner = people(PHONE)
    owner.settles(account)
    owner.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", owner.link_ids[0])
    owner.open(f"/account/{owner.link_ids[0]}")
    owner.press("Не присылать бумажную квитанцию")
    owner.sees("Бумажную квитанцию не пришлют.")
    owner.picture("account-paperless")
    owner.open("/settings/notifications")
    owner.page.get_by_role("checkbox", name="Вышла новая квитанция: Письмо").uncheck()
    owner.press("Сохранить")
    owner.sees("Сохранено")
    owner.open(f"/account/{owner.link_ids[0]}")
    owner.sees("Отказ от бумажной не действует")
    owner.page.get_by_text("Отказ от бумажной не действует").scroll_into_view_if_needed()
    owner.picture("account-paperless-unheard")
    owner.press("Снять отказ от бумажной квитанции")
    owner.sees("Ваш отказ от бумажной квитанции снят.")
    owner.open(f"/pay/{owner.link_ids[0]}")
    owner.page.get_by_text("На что пойдёт платёж").click()
    parts = owner.page.get_by_role("group").filter(has_text="На что пойдёт платёж").get_by_role("definition")
    expect(parts.first).to_be_visible()
    _add_up_to(parts, account.owes_kopecks)
    owner.picture("pay-purposes")
    owner.page.get_by_text("Другая сумма").first.click()
    owner.fill("Сумма, ₽", "100")
    owner.sees_sum("100,00 ₽")
    _add_up_to(parts, 100_00)
