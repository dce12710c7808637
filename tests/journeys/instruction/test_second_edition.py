"""The second edition of the instruction: a link in the letter, question marks and hints, seven steps."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support.instruction import CHOICES, SCREENS, Choice, follows_the_form, goes_to, pays_online, reader
from tests.support.people import DESKTOP, People, Person
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

#: Where the demo's support gets its letters.
SUPPORT = "help@example.ru"
GUEST_PAGES = ("/", "/register", "/sign-in", "/reset", "/quick", "/support", "/help", "/documents/privacy", "/nowhere")
OWN_PAGES = (
    *("/cabinet", "/cabinet/connect", "/account/{0}", "/bills", "/pay/{0}", "/payments", "/readings/{0}"),
    *("/support", "/support/new", "/settings", "/settings/profile", "/settings/security"),
    *("/settings/notifications", "/settings/privacy"),
)


def registers_by_email(person: Person) -> str:
    """Fill in and send the form; return the link of the letter."""
    person.open("/register")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    return person.portal.link(person.login)


@SCREENS
def test_step_1_the_email_is_the_name_by_which_one_signs_in(people: People, screen: str) -> None:
    person = reader(people, screen)
    person.registers()
    person.signs_out()
    person.signs_in()
    person.sees_heading("Подключить лицевой счёт")


@SCREENS
def test_step_2_the_registration_is_confirmed_by_the_link_of_the_letter(people: People, screen: str) -> None:
    person = reader(people, screen)
    link = registers_by_email(person)
    assert link in person.portal.message(person.login)
    letter = person.context.new_page()
    letter.goto(link)
    person.use(letter)
    person.sees_heading("Подключить лицевой счёт")


@SCREENS
def test_step_3_the_cabinet_is_created_and_an_account_is_connected(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, account = reader(people, screen), indebted()
    person.page.goto(registers_by_email(person))
    person.sees_heading("Подключить лицевой счёт")
    person.sees("Вы зарегистрированы, личный кабинет создан")
    follows_the_form(person, account, own_name="Квартира")
    person.sees(f"№ {account.number}")


@SCREENS
def test_step_4_congratulation_ends_the_steps(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, account = reader(people, screen), indebted()
    person.settles()
    person.open("/cabinet/connect")
    follows_the_form(person, account, own_name="Квартира")
    person.sees(re.compile("^Поздравляем!"))
    person.sees("Все шаги пройдены, личным кабинетом можно пользоваться.")
    person.follow("На главную")
    person.sees_sum(account.sum_on_screen)


@SCREENS
@pytest.mark.parametrize("choice", CHOICES, ids=["debt", "own-sum", "with-readings"])
def test_step_5_pay_online_by_the_debt_or_an_own_sum_or_with_readings(
    people: People, indebted: Callable[..., TownAccount], screen: str, choice: Choice
) -> None:
    person, account = reader(people, screen), indebted("mezhraigaz")
    person.settles(account)
    pays_online(person, account, choice)


@SCREENS
def test_step_6_a_further_account_is_added_with_the_question_mark_beside_the_number(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, added = reader(people, screen), indebted("mezhraigaz")
    person.settles(indebted())
    person.open("/cabinet")
    goes_to(person, "Настройки")
    person.sees_heading("Настройки")
    person.page.get_by_role("link", name=re.compile("^Подключение ЛС")).click()
    person.chooses_provider(added)
    person.fill("Номер лицевого счёта", added.number)
    _asks_the_question_mark(person, screen)
    person.press("Подключить")
    person.sees_heading("Счёт подключён")


def _asks_the_question_mark(person: Person, screen: str) -> None:
    """Ask as the device can: under the mouse or under a finger."""
    mark = person.button("Подсказка: где найти номер")
    if screen == "phone":
        mark.tap()
    else:
        mark.hover()
    hint = person.page.get_by_role("tooltip").filter(visible=True)
    expect(hint).to_contain_text("Он напечатан в верхней части квитанции")
    expect(hint.get_by_role("img", name=re.compile("^Рисунок квитанции"))).to_be_visible()
    if screen == "phone":
        person.picture("help-connect")
    person.page.keyboard.press("Escape")
    expect(hint).to_have_count(0)


def _sections(person: Person) -> list[Locator]:
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    return person.page.get_by_role("navigation", name="Разделы").get_by_role("link").filter(visible=True).all()


def _popped_up(person: Person, section: Locator) -> str:
    """Wait for the window of a section's hint and return what it says."""
    window = person.page.locator(f"[id='{section.get_attribute('data-tip')}']")
    expect(window).to_be_visible()
    assert window.evaluate("hint => hint.matches(':popover-open')")
    return window.inner_text()


def test_step_7_a_hint_pops_up_when_the_mouse_stands_on_a_section(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person = people(DESKTOP)
    person.settles(indebted())
    person.open("/cabinet")
    told = {}
    for section in _sections(person):
        if section.get_attribute("data-tip"):
            section.hover()
            told[section.inner_text().strip()] = _popped_up(person, section)
    assert set(told) >= {"Главная", "Лицевой счёт", "Начисления", "Платежи", "Показания", "Обратная связь", "Настройки"}
    assert len(set(told.values())) == len(told)


def test_step_7_a_hint_pops_up_when_the_keyboard_comes_to_a_section(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person = people(DESKTOP, "dark")
    person.settles(indebted())
    person.open("/cabinet")
    for section in _sections(person):
        if section.get_attribute("data-tip"):
            person.tabs_to(section)
            assert _popped_up(person, section)


@SCREENS
def test_step_7_hints_help_inside_the_cabinet(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person = reader(people, screen)
    person.settles(indebted())
    for path in ("/account/{0}", "/pay/{0}", "/readings/{0}", "/payments"):
        person.open(path.format(*person.link_ids))
        expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
        mark = person.page.locator("button.round[data-tip]").filter(visible=True).first
        if screen == "phone":
            mark.tap()
        else:
            mark.hover()
        expect(person.page.get_by_role("tooltip").filter(visible=True).first).to_be_visible()


def _offers_the_support(person: Person, path: str) -> None:
    """See the address of the support below the page, and that a letter to it begins by one press."""
    person.open(path)
    address = person.page.locator("footer").get_by_role("link", name=SUPPORT, exact=True)
    address.scroll_into_view_if_needed()
    expect(address).to_be_visible()
    expect(address).to_have_attribute("href", f"mailto:{SUPPORT}")


@SCREENS
def test_step_7_the_address_of_the_support_stands_on_every_page(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person = reader(people, screen)
    person.watch.expected += ["/nowhere", "Failed to load resource"]
    for path in GUEST_PAGES:
        _offers_the_support(person, path)
    person.settles(indebted())
    for path in OWN_PAGES:
        _offers_the_support(person, path.format(*person.link_ids))
