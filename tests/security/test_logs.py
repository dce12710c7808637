"""What the log tells when it tells everything it can: not one secret."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.live_portal import LivePortal
from tests.support.people import DESKTOP, People, told_in_log
from tests.support.residents import print_pin
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_CODE = "Введите код из сообщения"


def test_whole_way_through_the_portal_leaves_no_secret_in_the_log(
    people: People, portal: LivePortal, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(DESKTOP, portal=portal), indebted()
    person.registers()
    person.connects(account)
    person.follow("Оплатить онлайн")
    person.starts_paying(account.sum_on_screen)
    person.pays_by_card()
    person.sees_paid(account.sum_on_screen)
    person.portal.message(person.login, after=1)
    person.follow("На главную")
    person.signs_out()
    right, person.password = person.password, "wr0ngPass9"
    person.signs_in()
    person.sees("не подходят")
    person.secrets.add(person.password)
    person.password = right
    person.signs_in()
    person.sees_heading("Лицевые счета")
    assert len(portal.log.read_text()) > 1000
    assert told_in_log(person) == []


def test_settings_papers_tickets_and_guests_leave_no_secret_in_the_log(
    people: People, portal: LivePortal, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(DESKTOP, portal=portal), indebted()
    pin = print_pin(portal, account)
    person.secrets |= {pin, pin.replace("-", "")}
    person.settles(account)
    (link_id,) = person.link_ids
    person.open(f"/account/{link_id}")
    person.press("Подключить")
    person.page.get_by_role("dialog").get_by_text("У меня есть пин-код").click()
    person.fill("Пин-код", pin)
    person.press("Активировать")
    person.sees("Расширенный доступ открыт")
    person.secrets |= {account.owner, account.address}
    person.open("/settings/profile")
    second, surname = f"second-{person.login}", "Неповторимова"
    person.secrets |= {second, surname}
    person.fill("Фамилия", surname)
    person.fill("Вторая почта", second)
    person.press("Сохранить")
    expect(person.field(_CODE)).to_be_visible()
    code = portal.code(second)
    person.secrets.add(code)
    person.fill(_CODE, code)
    person.press("Подтвердить")
    person.sees(re.compile("Сохранено: почта"))
    person.open("/settings/security/second-factor")
    person.watch.expected.append("(http://localhost")
    person.fill("Пароль", person.password)
    person.press("Начать подключение")
    shown = person.page.locator("#factor-secret")
    expect(shown).to_be_visible()
    person.secrets |= {shown.inner_text(), shown.inner_text().replace(" ", "")}
    person.open("/support/new")
    words = "Неповторимый вопрос"
    person.secrets.add(words)
    person.page.get_by_label("О чём обращение").filter(visible=True).select_option("Другое")
    person.page.locator("textarea[name=text]").fill(words)
    person.press("Отправить")
    person.sees("Сообщение отправлено")
    assert person.context.request.get(f"{portal.address}/papers/statement/{link_id}.pdf").status == 200
    guest = people(DESKTOP, portal=portal)
    guest.secrets.add(account.number)
    guest.open("/quick")
    guest.page.get_by_role("radio", name=account.provider).check()
    guest.fill("Номер лицевого счёта", account.number)
    guest.press("Продолжить")
    guest.sees_heading("Оплата без входа")
    assert told_in_log(person) == told_in_log(guest) == []


def test_search_for_secrets_finds_one_that_is_there(people: People, live_portal: LivePortal) -> None:
    person = people(DESKTOP)
    person.secrets = {"Портал"}
    assert told_in_log(person) == ["Портал"]
    person.secrets = set()
