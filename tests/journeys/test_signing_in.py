"""Coming back: signing in and out, a new device, a forgotten password, codes that do not fit."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.live_portal import LivePortal
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_CODE = "Введите код из сообщения"


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def _begins(person: Person) -> None:
    person.open("/register")
    person.fill_registration()
    person.press("Зарегистрироваться")
    person.sees_heading("Подтверждение")


def test_after_signing_out_the_back_button_shows_nothing(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    person.open("/cabinet")
    person.sees_sum(account.sum_on_screen)
    person.follow("Подробнее")
    person.page.wait_for_url("**/account/**")
    person.signs_out()
    person.sees("Вы вышли из кабинета.")
    for _ in range(2):
        person.page.go_back()
        person.sees_heading("Вход в кабинет")
        person.does_not_see(account.number)
        person.does_not_see(account.sum_on_screen)
    assert "lkk" not in person.cookies()
    # How the person likes the colours is nobody's secret.
    assert person.page.evaluate("Object.keys(localStorage)") in ([], ["theme"])


def test_signing_out_ends_the_other_tab_too(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(DESKTOP), indebted()
    person.settles(account)
    person.open("/cabinet")
    first, second = person.page, person.context.new_page()
    second.goto(f"{person.portal.address}/account/{person.link_ids[0]}")
    person.use(second)
    person.sees(account.number)
    person.use(first)
    person.signs_out()
    person.use(second)
    person.fill("Название счёта", "Дача")
    person.press("Сохранить название")
    person.sees_heading("Вход в кабинет")


def test_who_was_sent_to_sign_in_comes_to_the_page_that_was_wanted(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    person.open("/cabinet")
    person.signs_out()
    person.open(f"/account/{person.link_ids[0]}")
    person.sees_heading("Вход в кабинет")
    person.signs_in()
    person.page.wait_for_url(f"**/account/{person.link_ids[0]}")
    person.sees(account.number)


def test_new_device_is_asked_for_a_code_and_the_second_time_is_not(people: People) -> None:
    person, elsewhere = people(PHONE), people(DESKTOP)
    person.settles()
    elsewhere.login, elsewhere.password = person.login, person.password
    elsewhere.open("/sign-in")
    elsewhere.signs_in()
    elsewhere.sees_heading("Вход с нового устройства")
    elsewhere.fill(_CODE, elsewhere.code())
    elsewhere.press("Подтвердить")
    elsewhere.sees_heading("Подключить лицевой счёт")
    elsewhere.signs_out()
    elsewhere.signs_in()
    elsewhere.sees_heading("Подключить лицевой счёт")


def test_wrong_password_is_refused_like_an_unknown_login(people: People) -> None:
    person = people(PHONE)
    person.settles()
    person.context.clear_cookies()
    said = []
    for login in (person.login, "nobody-here@example.ru"):
        person.open("/sign-in")
        person.fill("Телефон или электронная почта", login)
        person.fill("Пароль", "wrong5pass")
        person.press("Войти")
        error = person.error_of("Пароль")
        expect(error).to_contain_text("не подходят")
        said.append(error.inner_text())
        expect(person.button("Войти")).to_be_enabled()
    assert said[0] == said[1]


def test_forgotten_password_is_replaced_by_a_code(people: People) -> None:
    person = people(PHONE)
    person.settles()
    person.context.clear_cookies()
    person.open("/sign-in")
    person.follow("Не помню пароль")
    person.sees_heading("Новый пароль")
    person.fill("Телефон или электронная почта", person.login)
    person.press("Прислать код")
    code = person.code()
    person.fill(_CODE, f"{code[:4]}-{code[4:]}")
    person.press("Подтвердить")
    person.password = "new7Pw31"
    person.secrets.add(person.password)
    person.fill("Придумайте новый пароль", person.password)
    person.press("Сохранить и войти")
    person.sees_heading("Подключить лицевой счёт")
    person.signs_out()
    person.signs_in()
    person.sees_heading("Подключить лицевой счёт")


def test_password_is_not_reset_for_a_login_without_a_cabinet_and_nobody_can_tell(people: People) -> None:
    owner, stranger = people(PHONE), people(PHONE)
    owner.settles()
    owner.context.clear_cookies()
    said = []
    for person in (owner, stranger):
        person.open("/reset")
        person.fill("Телефон или электронная почта", person.login)
        person.press("Прислать код")
        expect(person.field(_CODE)).to_be_visible()
        told = person.page.locator("main").inner_text().replace(person.login, "…")
        # Until the next message the seconds are counted down.
        said.append(re.sub(r"\d:\d\d", "0:00", told))
        person.portal.message(person.login)
    assert said[0] == said[1]
    assert "Код" not in stranger.portal.message(stranger.login)


def test_wrong_code_says_how_many_tries_are_left_until_a_new_one_is_needed(people: People) -> None:
    person = people(PHONE)
    _begins(person)
    wrong = _wrong(person.code())
    for left in (4, 3, 2, 1):
        person.fill(_CODE, wrong)
        person.press("Подтвердить")
        expect(person.error_of(_CODE)).to_contain_text(f"Осталось попыток: {left}")
        expect(person.field(_CODE)).to_be_focused()
        expect(person.button("Подтвердить")).to_be_enabled()
    person.fill(_CODE, wrong)
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).to_contain_text("Этот код больше не действует.")
    person.fill(_CODE, person.code())
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).to_contain_text("Этот код больше не действует.")
    person.sees_heading("Подтверждение")


def test_code_is_pasted_as_it_stands_in_the_letter(people: People) -> None:
    person = people(DESKTOP)
    _begins(person)
    code = person.code()
    field = person.field(_CODE)
    assert field.get_attribute("autocomplete") == "one-time-code"
    field.focus()
    person.page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });"
        " if (document.activeElement.dispatchEvent(event)) document.execCommand('insertText', false, text); }",
        f" {code[:3]} {code[3:]}",
    )
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")


def test_another_code_is_offered_after_a_countdown_and_not_sent_before_its_time(people: People) -> None:
    person = people(PHONE)
    _begins(person)
    person.portal.message(person.login)
    resend = person.button("Отправить ещё раз")
    expect(resend).to_be_hidden()
    person.sees(re.compile(r"Отправить ещё раз через\s0:[0-5]\d"))
    # An impatient person with tools of a developer.
    person.page.evaluate("document.querySelector('wait-button').setAttribute('seconds', '0')")
    resend.click()
    person.sees("Следующее сообщение можно отправить через")
    assert len(person.portal.messages(person.login)) == 1


def test_another_code_replaces_the_first_one(portal_of_its_own: LivePortal, people: People) -> None:
    person = people(PHONE, portal=portal_of_its_own)
    _begins(person)
    first = person.code()
    # As if a minute had passed.
    portal_of_its_own.change("DELETE FROM rate_counter")
    person.page.reload()
    person.press("Отправить ещё раз")
    person.sees("Отправили новый код. Прежний больше не действует.")
    second = person.code(after=1)
    person.fill(_CODE, first)
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).to_contain_text("Осталось попыток")
    person.fill(_CODE, second)
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")


def test_registering_a_login_that_has_a_cabinet_shows_the_same_and_tells_its_owner(people: People) -> None:
    owner, stranger = people(PHONE), people(PHONE)
    owner.settles()
    stranger.login = owner.login
    _begins(stranger)
    assert "уже" in owner.portal.message(owner.login)


def test_form_sent_before_the_page_is_alive_loses_nothing_but_time(people: People) -> None:
    person = people(PHONE)
    person.page.route("**/assets/*.js", lambda route: route.abort())
    person.watch.expected.append("ERR_FAILED")
    person.page.goto(f"{person.portal.address}/sign-in")
    person.fill("Телефон или электронная почта", person.login)
    person.fill("Пароль", person.password)
    person.press("Войти")
    person.page.wait_for_url("**/sign-in?again=1")
    assert person.password not in person.page.url
    person.page.unroute("**/assets/*.js")
    person.page.reload()
    person.sees("Страница ещё загружалась. Введите данные ещё раз.")


def test_everything_wrong_with_the_registration_is_said_at_once(people: People) -> None:
    person = people(PHONE)
    person.open("/register")
    person.fill("Телефон или электронная почта", "ivanov")
    person.fill("Придумайте пароль", "пароль")
    person.press("Зарегистрироваться")
    expect(person.error_of("Телефон или электронная почта")).to_contain_text("Укажите мобильный телефон")
    expect(person.error_of("Придумайте пароль")).to_contain_text("латинских букв и цифр")
    person.sees("Отметьте согласие на обработку персональных данных")
    expect(person.field("Телефон или электронная почта")).to_be_focused()
    expect(person.field("Телефон или электронная почта")).to_have_value("ivanov")


def test_password_can_be_looked_at_while_it_is_typed(people: People) -> None:
    person = people(PHONE)
    person.open("/register")
    field = person.field("Придумайте пароль")
    field.fill(person.password)
    person.press("Показать пароль")
    expect(field).to_have_attribute("type", "text")
    person.press("Скрыть пароль")
    expect(field).to_have_attribute("type", "password")
    assert field.get_attribute("autocomplete") == "new-password"


def test_who_is_signed_in_finds_the_cabinet_behind_the_front_door_and_nobody_else_does(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, visitor = people(PHONE), people(PHONE)
    person.settles(indebted())
    visitor.open("/")
    expect(visitor.link("Создать кабинет")).to_be_visible()
    person.open("/")
    expect(person.link("Перейти в кабинет")).to_be_visible()
    expect(person.page.locator("main").get_by_role("link", name="Создать кабинет")).to_have_count(0)
    person.follow("Перейти в кабинет")
    person.sees_heading("Лицевые счета")
    expect(visitor.link("Создать кабинет")).to_be_visible()
