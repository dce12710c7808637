"""The settings: accounts and their names, consents, the copy of everything, closing the cabinet."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.live_portal import LivePortal
from tests.support.patience import until
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_TITLE = "Согласия и ваши данные"


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_step_6_one_more_account_is_connected_from_the_settings(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    person, first, second = people(device), indebted(), indebted("mezhraigaz")
    person.settles(first)
    person.open("/cabinet")
    person.page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Настройки").click()
    person.sees_heading("Настройки")
    person.sees(first.number)
    person.sees("Подключение ЛС")
    person.picture(f"settings-{'phone' if device is PHONE else 'desktop'}")
    person.follow("Подключить ЛС")
    person.sees("Подключение ЛС")
    person.connects(second)
    person.open("/settings")
    person.sees(second.number)


def test_account_is_renamed_disconnected_taken_back_and_connected_again(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    person.open("/settings")
    person.press(f"Переименовать счёт {account.provider}")
    expect(person.field("Название счёта")).to_be_focused()
    person.fill("Название счёта", "Квартира")
    person.press("Сохранить название")
    person.sees("Сохранено: «Квартира»")
    person.page.get_by_text("Отключить", exact=False).first.click()
    person.sees("это не закрывает договор")
    person.press("Да, отключить")
    person.sees("Счёт отключён")
    person.sees("Пока ни одного счёта.")
    person.press("Вернуть счёт")
    person.sees("Счёт снова подключён: Квартира")
    person.page.get_by_text("Отключить", exact=False).first.click()
    person.press("Да, отключить")
    person.sees("Пока ни одного счёта.")
    person.follow("Подключить ЛС")
    person.connects(account)
    person.open("/settings")
    person.sees(account.number)


def test_every_setting_is_reached_and_the_phone_can_sign_out(people: People) -> None:
    person = people(PHONE)
    person.settles()
    for name, heading in (
        ("Ваши данные", "Ваши данные"),
        ("Вход и безопасность", "Вход и безопасность"),
        ("Уведомления", "Уведомления"),
        (_TITLE, _TITLE),
    ):
        person.open("/settings")
        person.page.get_by_role("navigation", name="Другие настройки").get_by_role(
            "link", name=re.compile(f"^{name}")
        ).click()
        person.sees_heading(heading)
    person.open("/settings")
    person.keep_keys()
    person.page.locator("main").get_by_role("button", name="Выйти").click()
    person.sees_heading("Вход в кабинет")
    person.sees("Вы вышли из кабинета.")


def test_consent_to_news_is_given_and_withdrawn_and_the_log_tells_it(people: People) -> None:
    person = people(PHONE)
    person.settles()
    person.open("/settings/privacy")
    person.sees_heading(_TITLE)
    person.button("Дать согласие").last.click()
    person.sees("Согласие дано")
    news = person.page.get_by_role("listitem").filter(has=person.page.get_by_role("heading", name="Новости"))
    expect(news.get_by_text(re.compile("^Дано .* по Москве"))).to_be_visible()
    news.get_by_text("Прочитать текст").click()
    person.sees("Согласие на получение новостей и полезных писем")
    news.get_by_role("button", name="Отозвать").click()
    person.sees("Согласие отозвано")
    person.page.get_by_text("Журнал согласий").click()
    person.sees(re.compile("Новости и полезные письма: отозвано"))
    person.follow("политика")
    person.sees_heading("Политика обработки персональных данных")
    person.follow("Согласие: новости и полезные письма")
    person.sees_heading("Согласие на получение новостей и полезных писем")


def test_policy_is_reached_from_every_page_also_before_signing_in(people: People) -> None:
    person = people(PHONE)
    for path in ("/", "/sign-in", "/register", "/documents/consent"):
        person.open(path)
        person.page.locator("footer").get_by_role("link", name="Персональные данные").click()
        person.sees_heading("Политика обработки персональных данных")


def test_copy_of_everything_is_downloaded_with_the_password(
    people: People, indebted: Callable[..., TownAccount], tmp_path: Path
) -> None:
    person, account = people(DESKTOP), indebted()
    person.settles(account)
    person.open("/settings/privacy")
    person.fill("Ваш пароль", "wrong")
    person.press("Скачать мои данные")
    expect(person.error_of("Ваш пароль")).to_contain_text("Пароль не подходит")
    expect(person.field("Ваш пароль")).to_be_focused()
    person.fill("Ваш пароль", person.password)
    with person.page.expect_download() as waiting:
        person.press("Скачать мои данные")
    download = waiting.value
    assert re.fullmatch(r"Мои данные на \d\d\.\d\d\.\d{4}\.zip", download.suggested_filename)
    download.save_as(tmp_path / "own.zip")
    with zipfile.ZipFile(tmp_path / "own.zip") as packed:
        told = json.loads(packed.read("data.json"))
        for name, rows in told.items():
            if isinstance(rows, list):
                lines = packed.read(f"{name}.csv").decode("utf-8-sig").count("\r\n")
                assert lines > len(rows), name
    assert told["profile"][0]["login"] == person.login
    assert [row["number"] for row in told["accounts"]] == [account.number]
    assert account.owner not in json.dumps(told, ensure_ascii=False)
    person.sees_heading(_TITLE)


def test_cabinet_is_closed_and_taken_back_by_one_press(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    closes(person, account)
    person.sees("Кабинет закрыт.")
    assert "закрыт" in person.portal.message(person.login)
    assert "lkk" not in person.cookies()
    person.signs_in()
    person.sees_heading("Кабинет закрыт")
    person.open("/cabinet")
    person.sees_heading("Кабинет закрыт")
    person.does_not_see(account.number)
    person.picture("closed")
    person.press("Вернуть кабинет")
    person.sees_heading("Лицевые счета")
    person.sees_sum(account.sum_on_screen)


def test_closed_cabinet_is_erased_when_its_days_are_over(
    portal_of_its_own: LivePortal, people: People, indebted: Callable[..., TownAccount]
) -> None:
    portal, account = portal_of_its_own, indebted()
    person = people(PHONE, portal=portal)
    person.settles(account)
    closes(person, account)
    # A page that stays open would miss its server.
    person.page.goto("about:blank")
    portal.stop()
    # The days of grace are over; the job begins anew with the portal.
    portal.change("UPDATE cabinet_closing SET erase_after = '2020-01-01 00:00:00'")
    portal.change("DELETE FROM job_lease")
    portal.start()
    until(lambda: portal.rows("SELECT 1 FROM destruction_act") != [])
    assert portal.rows("SELECT login FROM subscriber WHERE login = ?", person.login) == []
    assert portal.rows("SELECT 1 FROM account_link WHERE ended_at IS NULL") == []
    person.open("/sign-in")
    person.signs_in()
    person.sees("Не получилось войти")


def closes(person: Person, account: TownAccount) -> None:
    """Close the cabinet with the password, having read what happens with the debt."""
    person.open("/settings/privacy")
    person.sees("Долг останется")
    person.sees(account.sum_on_screen)
    person.page.locator("summary", has_text="Закрыть кабинет").click()
    person.fill("Пароль для закрытия", person.password)
    person.keep_keys()
    person.press("Да, закрыть кабинет")
    person.sees_heading("Вход в кабинет")
