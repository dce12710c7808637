"""The settings of the person and of the way in: own data, login, password, second step, open sessions."""

import re

import pyotp
import pytest
from playwright.sync_api import expect

from lkk_reflex.kit import clock
from tests.support.people import DESKTOP, PHONE, People, Person

pytestmark = pytest.mark.browser

_SECOND_CODE = "Код из приложения или запасной код"
_WIDTHS = (320, 390, 1280)


def _next_code(secret: str, *, after: str = "") -> str:
    """Return a code that the portal accepts and that is not `after`."""
    totp = pyotp.TOTP(secret)
    now = clock.now()
    code = totp.at(now)
    return code if code != after else totp.generate_otp(totp.timecode(now) + 1)


def _switches_on(person: Person) -> tuple[str, str, list[str]]:
    """Connect an application; return its secret, the code that was used, and the recovery codes."""
    # The secret is typed as it is: in Latin letters.
    person.watch.expected.append("(http://localhost")
    person.open("/settings/security/second-factor")
    person.fill("Пароль", person.password)
    person.press("Начать подключение")
    shown = person.page.locator("#factor-secret")
    expect(shown).to_be_visible()
    secret = shown.inner_text().replace(" ", "")
    person.secrets |= {secret, shown.inner_text()}
    expect(person.page.get_by_role("img", name=re.compile("QR-код"))).to_be_visible()
    person.picture(f"second-factor-scan-{person.page.viewport_size['width']}")  # type: ignore[index]
    code = _next_code(secret)
    person.fill("Код из приложения", code)
    person.press("Включить второй шаг")
    expect(person.page.locator("#recovery-codes")).to_be_focused()
    recovery = person.page.locator("#recovery-list li").all_inner_texts()
    person.secrets |= {secret, code, *recovery}
    person.picture(f"second-factor-codes-{person.page.viewport_size['width']}")  # type: ignore[index]
    assert len(recovery) == 10
    person.press("Коды сохранены")
    person.sees_heading("Вход и безопасность")
    person.sees("Второй шаг включён.")
    return secret, code, recovery


def test_additional_data_is_filled_in_after_the_registration(people: People) -> None:
    """«Дополнительные данные Вы сможете заполнить в своем Личном кабинете после прохождения регистрации»."""
    person = people(PHONE)
    person.registers()
    person.open("/settings/profile")
    person.sees_heading("Ваши данные")
    person.fill("Фамилия", "Petrova")
    person.fill("Имя", " Мария ")
    person.fill("Телефон для связи", "12")
    person.press("Сохранить")
    expect(person.error_of("Фамилия")).to_contain_text("напишите русскими буквами")
    expect(person.error_of("Телефон для связи")).to_contain_text("российский номер")
    expect(person.field("Фамилия")).to_be_focused()
    expect(person.field("Имя")).to_have_value(" Мария ")
    person.picture("profile-errors")
    person.fill("Фамилия", "Петрова")
    person.fill("Телефон для связи", "8 4912 12-34-56")
    second = f"second-{person.login}"
    person.fill("Вторая почта", second)
    person.press("Сохранить")
    person.sees("Сохранено: фамилия, имя, телефон для связи. Чтобы включить почту, введите код из письма.")
    code = person.portal.code(second)
    person.secrets |= {second, code}
    person.picture("profile-code")
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    person.sees(re.compile("Сохранено: почта"))
    person.page.reload()
    expect(person.field("Фамилия")).to_have_value("Петрова")
    expect(person.field("Телефон для связи")).to_have_value("+7\u00a0491\u00a0212-34-56")
    expect(person.field("Вторая почта")).to_have_value(second)


def test_password_is_changed_and_the_other_device_leaves(people: People) -> None:
    person, elsewhere = people(PHONE), people(DESKTOP)
    person.registers()
    elsewhere.login, elsewhere.password = person.login, person.password
    elsewhere.open("/sign-in")
    elsewhere.signs_in()
    elsewhere.fill("Введите код из сообщения", elsewhere.code(after=1))
    elsewhere.press("Подтвердить")
    elsewhere.sees_heading("Подключить лицевой счёт")
    elsewhere.open("/settings/profile")
    person.open("/settings/security/password")
    person.fill("Нынешний пароль", "wrong5pass")
    person.fill("Новый пароль", "new7Pw31")
    person.press("Сменить пароль")
    expect(person.error_of("Нынешний пароль")).to_contain_text("Осталось попыток: 4")
    person.fill("Нынешний пароль", person.password)
    person.press("Сменить пароль")
    person.sees("Пароль изменён. На других устройствах нужно войти заново.")
    person.password = "new7Pw31"
    person.secrets.add(person.password)
    elsewhere.press("Сохранить")
    elsewhere.sees_heading("Вход в кабинет")
    person.signs_out()
    person.signs_in()
    person.sees_heading("Подключить лицевой счёт")


def test_login_is_changed_by_the_code_at_the_new_address(people: People) -> None:
    person = people(DESKTOP)
    person.registers()
    former, new = person.login, f"new-{person.login}"
    person.open("/settings/security/login")
    person.fill("Новый телефон или электронная почта", new)
    person.fill("Пароль", person.password)
    person.press("Прислать код")
    expect(person.field("Введите код из сообщения")).to_be_visible()
    person.picture("login-code")
    code = person.portal.code(new)
    person.secrets |= {new, code}
    person.open("/settings/security")
    person.sees("Ждёт кода: n•••@example.ru")
    person.follow("Ввести код")
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    person.sees("Логин изменён.")
    person.sees(new)
    assert "n•••@example.ru" in person.portal.message(former, after=1)
    person.login = new
    person.signs_out()
    person.signs_in()
    person.sees_heading("Подключить лицевой счёт")


def test_second_step_guards_every_sign_in_and_a_recovery_code_stands_in(people: People) -> None:
    person = people(PHONE)
    person.registers()
    secret, used, recovery = _switches_on(person)
    person.signs_out()
    person.signs_in()
    person.sees_heading("Код из приложения")
    person.picture("second-step")
    person.fill(_SECOND_CODE, used)
    person.press("Подтвердить")
    expect(person.error_of(_SECOND_CODE)).to_contain_text("Осталось попыток: 4")
    person.fill(_SECOND_CODE, _next_code(secret, after=used))
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")
    person.signs_out()
    person.signs_in()
    person.fill(_SECOND_CODE, recovery[0])
    person.press("Подтвердить")
    person.sees_heading("Подключить лицевой счёт")
    person.open("/settings/security")
    person.sees("Запасных кодов осталось: 9")
    assert secret not in person.page.content()


def test_secrets_are_gone_from_the_page_that_showed_them(people: People) -> None:
    person = people(DESKTOP)
    person.registers()
    secret, _, recovery = _switches_on(person)
    person.page.go_back()
    person.sees_heading("Второй шаг входа")
    person.sees("Запасных кодов осталось: 10")
    content = person.page.content()
    assert not any(code in content for code in (secret, *recovery))


def test_forgotten_password_needs_the_second_step_too(people: People) -> None:
    person = people(PHONE)
    person.settles()
    _, _, recovery = _switches_on(person)
    person.context.clear_cookies()
    person.open("/reset")
    person.fill("Телефон или электронная почта", person.login)
    person.press("Прислать код")
    # The notice of the second step came before.
    code = person.portal.code(person.login, after=1)
    person.secrets.add(code)
    person.fill("Введите код из сообщения", code)
    person.press("Подтвердить")
    person.fill("Придумайте новый пароль", "new7Pw31")
    person.fill(_SECOND_CODE, "123")
    person.press("Сохранить и войти")
    expect(person.error_of(_SECOND_CODE)).to_contain_text("6 цифр из приложения")
    person.fill(_SECOND_CODE, recovery[1])
    person.press("Сохранить и войти")
    person.sees_heading("Подключить лицевой счёт")


def test_session_of_another_device_is_ended(people: People) -> None:
    person, elsewhere = people(PHONE), people(DESKTOP)
    person.registers()
    elsewhere.login, elsewhere.password = person.login, person.password
    elsewhere.open("/sign-in")
    elsewhere.signs_in()
    elsewhere.fill("Введите код из сообщения", elsewhere.code(after=1))
    elsewhere.press("Подтвердить")
    elsewhere.sees_heading("Подключить лицевой счёт")
    elsewhere.open("/settings/profile")
    person.open("/settings/security")
    person.sees("это устройство")
    end = person.page.get_by_role("button", name=re.compile("^Завершить"))
    expect(end).to_have_count(1)
    end.click()
    person.sees(re.compile("Завершено: "))
    expect(end).to_have_count(0)
    elsewhere.press("Сохранить")
    elsewhere.sees_heading("Вход в кабинет")
    elsewhere.sees("Вы вышли из кабинета или долго в нём не были.")
    elsewhere.picture("session-ended-1280")
    elsewhere.signs_in()
    elsewhere.sees_heading("Ваши данные")
    person.press("Выйти везде, и здесь тоже")
    person.sees_heading("Вход в кабинет")
    person.sees("Вы вышли из кабинета на всех устройствах.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_every_screen(people: People, theme: str) -> None:
    person = people(DESKTOP, theme)  # type: ignore[arg-type]
    person.settles()
    for path in ("", "/login", "/password", "/second-factor"):
        person.open(f"/settings/security{path}")
        for width in _WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 900})
            assert person.page.evaluate("document.documentElement.scrollWidth") <= width
            person.picture(f"security{path.replace('/', '-')}-{width}-{theme}")
    person.open("/settings/profile")
    for width in _WIDTHS:
        person.page.set_viewport_size({"width": width, "height": 900})
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
        person.picture(f"profile-{width}-{theme}")
