"""The first edition of the instruction: a login by e-mail or phone, a code of activation, eight steps."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.instruction import (
    CHOICES,
    SCREENS,
    Choice,
    follows_the_form,
    goes_to,
    own_number,
    pays_online,
    reader,
)
from tests.support.people import People, Person
from tests.support.residents import print_pin
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

LOGIN = "Телефон или электронная почта"
PASSWORD = "Придумайте пароль"

LOGINS = pytest.mark.parametrize("kind", ["mail", "phone"])


def begins(person: Person, kind: str) -> str:
    """Fill the form of registration in; return where its message will come."""
    person.open("/")
    person.follow("Создать кабинет")
    person.sees_heading("Создать кабинет")
    reached = person.login
    if kind == "phone":
        digits = f"91200{own_number(person)}"
        person.login, reached = f"8 {digits[:3]} {digits[3:6]}-{digits[6:8]}-{digits[8:]}", f"+7{digits}"
        person.secrets |= {person.login, reached, f"8{digits}", digits}
    person.fill_registration()
    return reached


@SCREENS
def test_step_1_a_login_is_an_email_and_a_password_is_5_to_10_latin_letters_and_digits(
    people: People, screen: str
) -> None:
    person = reader(people, screen)
    begins(person, "mail")
    person.sees("От 5 до 10 латинских букв и цифр, без пробелов")
    if screen == "phone":
        person.picture("help-register")
    for refused in ("aZ19", "aZ19kq7Lw3x", "пароль7"):
        person.fill(PASSWORD, refused)
        person.press("Зарегистрироваться")
        expect(person.error_of(PASSWORD)).to_contain_text("от 5 до 10 латинских букв и цифр")
        expect(person.field(LOGIN)).to_have_value(person.login)
    person.password = "w7Kq3"
    person.secrets.add(person.password)
    person.fill(PASSWORD, person.password)
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")


@SCREENS
def test_step_1_a_login_may_be_a_phone_and_a_password_may_have_10_signs(people: People, screen: str) -> None:
    person = reader(people, screen)
    person.password = "w7Kq3vTz9M"
    person.secrets.add(person.password)
    begins(person, "phone")
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")


@SCREENS
def test_step_1_further_data_are_filled_in_after_the_registration(people: People, screen: str) -> None:
    person = reader(people, screen)
    person.settles()
    person.open("/settings")
    person.page.get_by_role("link", name=re.compile("^Ваши данные")).click()
    person.sees_heading("Ваши данные")
    person.fill("Фамилия", "Петрова")
    person.fill("Имя", "Анна")
    person.press("Сохранить")
    person.sees(re.compile("^Сохранено"))


@SCREENS
@LOGINS
def test_step_2_the_button_sends_a_message_with_a_code_of_activation(people: People, screen: str, kind: str) -> None:
    person = reader(people, screen)
    reached = begins(person, kind)
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    person.secrets.add(person.portal.code(reached))
    (message,) = person.portal.messages(reached)
    assert "Код" in message["body"]


@SCREENS
@LOGINS
def test_step_3_the_code_is_entered_on_the_form_of_confirmation(people: People, screen: str, kind: str) -> None:
    person = reader(people, screen)
    reached = begins(person, kind)
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")
    code = person.portal.code(reached)
    person.secrets.add(code)
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")
    person.sees("Вы зарегистрированы, личный кабинет создан")
    person.sees("Чтобы начать им пользоваться, подключите лицевой счёт.")


@SCREENS
def test_step_3_an_account_is_connected_by_its_provider_and_the_number_on_the_bill(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, account = reader(people, screen), indebted()
    person.registers()
    follows_the_form(person, account, own_name="Квартира")
    person.sees(f"№ {account.number}")


@SCREENS
def test_step_4_congratulation_and_more_accounts_if_there_are_several(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person = reader(people, screen)
    person.settles()
    person.open("/cabinet/connect")
    follows_the_form(person, indebted(), own_name="Квартира")
    person.sees("Поздравляем! Счёт Квартира подключён.")
    person.sees("Все шаги пройдены, личным кабинетом можно пользоваться.")
    person.follow("Подключить ещё один")
    follows_the_form(person, indebted("mezhraigaz"), own_name="Дом родителей")
    person.follow("На главную")
    person.sees_heading("Лицевые счета")
    for name in ("Квартира", "Дом родителей"):
        expect(person.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    if screen == "phone":
        person.picture("help-home")


@SCREENS
@pytest.mark.parametrize("choice", CHOICES, ids=["debt", "own-sum", "with-readings"])
def test_step_5_pay_online_by_the_debt_or_an_own_sum_or_with_readings(
    people: People, indebted: Callable[..., TownAccount], screen: str, choice: Choice
) -> None:
    person, account = reader(people, screen), indebted("mezhraigaz")
    person.settles(account)
    pays_online(person, account, choice)


@SCREENS
def test_step_6_further_accounts_are_added_by_the_button_of_the_settings(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, added = reader(people, screen), indebted("mezhraigaz")
    person.settles(indebted())
    person.open("/cabinet")
    goes_to(person, "Настройки")
    person.sees_heading("Настройки")
    person.follow("Подключить ЛС")
    follows_the_form(person, added, own_name="Дача")
    person.sees("Поздравляем! Счёт Дача подключён.")
    person.open("/settings")
    expect(person.page.get_by_role("heading", name="Дача", exact=True)).to_be_visible()
    if screen == "phone":
        person.picture("help-settings")


@SCREENS
@pytest.mark.parametrize(
    ("whom", "topic"),
    [("Технической поддержке портала", "Оплата на портале"), ("Сотрудникам компании", "Начисления и перерасчёт")],
    ids=["support", "company"],
)
def test_step_7_a_message_goes_to_the_support_or_to_the_staff_of_the_company(
    people: People, indebted: Callable[..., TownAccount], screen: str, whom: str, topic: str
) -> None:
    person = reader(people, screen)
    person.settles(indebted())
    person.open("/cabinet")
    goes_to(person, "Обратная связь")
    person.sees_heading("Обратная связь")
    person.follow("Написать")
    person.sees_heading("Написать нам")
    person.page.get_by_role("radio", name=whom).check()
    # Each recipient has topics of its own.
    about = person.page.get_by_label("О чём обращение").filter(has_text=topic)
    expect(about).to_be_visible()
    about.select_option(topic)
    person.page.get_by_role("textbox", name="Сообщение").fill("Добрый день. Когда придёт квитанция за этот месяц?")
    person.press("Отправить")
    person.sees_heading(re.compile(r"Обращение №\s\d{3}[-‑]\d{4}"))
    person.sees("Сообщение отправлено")


@SCREENS
def test_step_8_the_extended_version_is_opened_by_a_pin_in_the_section_of_the_account(
    people: People, indebted: Callable[..., TownAccount], screen: str
) -> None:
    person, account = reader(people, screen), indebted()
    pin = print_pin(person.portal, account)
    person.secrets |= {pin, pin.replace("-", "")}
    person.settles(account)
    person.open("/cabinet")
    goes_to(person, "Лицевой счёт")
    person.sees("Базовый доступ")
    person.press("Подключить")
    window = person.page.get_by_role("dialog", name="Расширенный доступ")
    expect(window).to_contain_text("Пин-код выдают при личном обращении в участок")
    expect(window).to_contain_text("печатают в квитанции")
    window.get_by_text("У меня есть пин-код").click()
    person.fill("Пин-код", pin)
    person.press("Активировать")
    person.sees("Расширенный доступ открыт")
    person.press("Показать счёт")
    person.sees(account.owner)
    person.sees(account.address)
