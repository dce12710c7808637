"""Screens of the settings, in every state, width and theme."""

import re
from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import expect

from lkk_reflex.kit import clock
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.screen import shifts
from tests.support.screens import Screen, Screens, Stage
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

SCREENS = Screens()

_CODE = "Введите код из сообщения"
_SECOND_CODE = "Код из приложения или запасной код"
_NOTICES = "/settings/notifications"


@SCREENS.of("/settings")
def settings(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open("/settings")
    person.sees("Пока ни одного счёта.")
    yield "empty"
    account = stage.indebted()
    stage.settled(account)
    person.open("/settings")
    person.press(f"Переименовать счёт {account.provider}")
    expect(person.field("Название счёта")).to_be_focused()
    yield "renaming"
    person.fill("Название счёта", "Д" * 200)
    person.press("Сохранить название")
    expect(person.error_of("Название счёта")).not_to_be_empty()
    yield "error-name"
    person.fill("Название счёта", "Квартира")
    person.press("Сохранить название")
    person.sees("Сохранено: «Квартира»")
    yield "done-name"
    person.page.get_by_text("Отключить", exact=False).first.click()
    person.press("Да, отключить")
    person.sees("Счёт отключён")
    yield "done-disconnected"


@SCREENS.of(_NOTICES)
def notices(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open(_NOTICES)
    yield "found"
    person.press("Сохранить")
    person.sees(re.compile("Сохранено"))
    yield "done"
    person.page.get_by_label("Пароль изменён: Письмо", exact=True).uncheck()
    person.press("Сохранить")
    person.sees("О безопасности кабинета мы пишем всегда.")
    expect(person.page.get_by_label("Пароль изменён: Письмо", exact=True)).to_be_focused()
    yield "refused"


@SCREENS.of("/settings/privacy", "/closed", "/sign-in")
def privacy(stage: Stage) -> Iterator[str]:
    person = stage.settled("gorvodokanal")
    person.open("/settings/privacy")
    person.sees("Долг останется")
    person.button("Дать согласие").last.click()
    person.sees("Согласие дано")
    person.page.get_by_text("Журнал согласий").click()
    person.page.get_by_text("Прочитать текст").first.click()
    yield "done"
    person.press("Скачать мои данные")
    expect(person.error_of("Ваш пароль")).not_to_be_empty()
    expect(person.field("Ваш пароль")).to_be_focused()
    yield "error-copy"
    person.page.locator("summary", has_text="Закрыть кабинет").click()
    person.fill("Пароль для закрытия", "wrong5pass")
    person.press("Да, закрыть кабинет")
    expect(person.error_of("Пароль для закрытия")).not_to_be_empty()
    expect(person.field("Пароль для закрытия")).to_be_focused()
    yield "error-closing"
    person.fill("Пароль для закрытия", person.password)
    person.keep_keys()
    person.press("Да, закрыть кабинет")
    person.sees_heading("Вход в кабинет")
    person.sees("Кабинет закрыт.")
    yield "done-closed"
    person.signs_in()
    person.sees_heading("Кабинет закрыт")
    yield "closed"


@SCREENS.of("/settings/profile")
def profile(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open("/settings/profile")
    yield "empty"
    person.fill("Фамилия", "<b>")
    person.fill("Телефон для связи", "12")
    person.press("Сохранить")
    expect(person.error_of("Фамилия")).not_to_be_empty()
    expect(person.field("Фамилия")).to_be_focused()
    yield "errors"
    second = f"second-{person.login}"
    person.secrets.add(second)
    person.fill("Фамилия", "Петрова")
    person.fill("Телефон для связи", "")
    person.fill("Вторая почта", second)
    person.press("Сохранить")
    expect(person.field(_CODE)).to_be_visible()
    yield "done-code"
    person.fill(_CODE, "12")
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).not_to_be_empty()
    yield "error-code"


@SCREENS.of("/settings/security", "/settings/security/password", "/settings/security/login")
def security(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    person.open("/settings/security")
    person.sees("это устройство")
    yield "overview"
    person.open("/settings/security/password")
    yield "password"
    person.fill("Нынешний пароль", "wrong5pass")
    person.fill("Новый пароль", "1")
    person.press("Сменить пароль")
    expect(person.error_of("Новый пароль")).not_to_be_empty()
    yield "errors-password"
    person.open("/settings/security/login")
    yield "login"
    person.press("Прислать код")
    expect(person.error_of("Новый телефон или электронная почта")).not_to_be_empty()
    yield "errors-login"
    new = f"new-{person.login}"
    person.secrets.add(new)
    person.fill("Новый телефон или электронная почта", new)
    person.fill("Пароль", person.password)
    person.press("Прислать код")
    expect(person.field(_CODE)).to_be_visible()
    yield "login-code"
    person.fill(_CODE, "12")
    person.press("Подтвердить")
    expect(person.error_of(_CODE)).not_to_be_empty()
    yield "error-login-code"


@SCREENS.of("/settings/security/second-factor", "/settings/security", "/sign-in/second")
def second_factor(stage: Stage) -> Iterator[str]:
    person = stage.settled()
    # The secret is typed as it is: in Latin letters.
    person.watch.expected.append("(http://localhost")
    person.open("/settings/security/second-factor")
    yield "off"
    person.press("Начать подключение")
    expect(person.error_of("Пароль")).not_to_be_empty()
    yield "error-beginning"
    person.fill("Пароль", person.password)
    person.press("Начать подключение")
    shown = person.page.locator("#factor-secret")
    expect(shown).to_be_visible()
    secret = shown.inner_text().replace(" ", "")
    person.secrets |= {secret, shown.inner_text()}
    yield "scanning"
    person.press("Включить второй шаг")
    expect(person.error_of("Код из приложения")).not_to_be_empty()
    expect(person.field("Код из приложения")).to_be_focused()
    yield "error-scanning"
    code = pyotp.TOTP(secret).at(clock.now())
    person.fill("Код из приложения", code)
    person.press("Включить второй шаг")
    expect(person.page.locator("#recovery-codes")).to_be_focused()
    person.secrets |= {code, *person.page.locator("#recovery-list li").all_inner_texts()}
    yield "done-codes"
    person.press("Коды сохранены")
    person.sees("Второй шаг включён.")
    yield "done"
    person.open("/settings/security/second-factor")
    person.press("Выключить второй шаг")
    expect(person.field("Пароль")).to_be_visible()
    yield "switching-off"
    person.keep_keys()
    person.context.clear_cookies()
    person.open("/sign-in")
    person.signs_in()
    person.sees_heading("Код из приложения")
    yield "step"
    person.fill(_SECOND_CODE, "123")
    person.press("Подтвердить")
    expect(person.error_of(_SECOND_CODE)).not_to_be_empty()
    expect(person.field(_SECOND_CODE)).to_be_focused()
    yield "error-step"


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_settings_load(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    person = people(device)
    person.settles(indebted())
    for path in (_NOTICES, "/settings", "/settings/profile", "/settings/security", "/settings/privacy"):
        _opens_still(person, path)


def _opens_still(person: Person, path: str) -> None:
    person.open(path)
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    # Two pictures later everything that was to be drawn has been.
    person.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved = shifts(person.page)
    assert not moved, "\n".join(moved)
