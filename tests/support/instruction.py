"""What both editions of the instruction tell a subscriber to do, in its words."""

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount
from tests.support.town_dials import dials_of

#: The choices that «Оплатить онлайн» gives, in the order of the instruction.
Choice = Literal["Текущий долг", "Другая сумма", "С показаниями счётчиков"]
CHOICES: tuple[Choice, ...] = ("Текущий долг", "Другая сумма", "С показаниями счётчиков")

#: A phone as sharp as those that people have, for the pictures of the help.
SHARP_PHONE = PHONE | {"device_scale_factor": 2}
#: Whom the instruction may be read by: at a phone by daylight, at a desk in the evening.
SCREENS = pytest.mark.parametrize("screen", ["phone", "desktop"])

_OWN_SUM = "150,00"


def reader(people: People, screen: str, *, own: dict[str, Any] = SHARP_PHONE) -> Person:
    """Invite somebody who reads the instruction at a phone or at a desk."""
    person = people(own) if screen == "phone" else people(DESKTOP, "dark")
    person.login = f"anna.petrova.{own_number(person)}@example.ru"
    person.secrets.add(person.login)
    return person


def own_number(person: Person) -> str:
    """Return digits that nobody else of this run has."""
    _, upper, lower, _ = person.line.address.split(".")
    return f"{upper}{lower:0>3}"


def goes_to(person: Person, section: str) -> None:
    """Open a section by its name: of the menu, or where a phone that has no room for it keeps it."""
    expect(in_settings(person)).to_be_visible()
    menu = person.page.get_by_role("navigation", name="Разделы").get_by_role("link", name=section, exact=True)
    if not menu.is_visible():
        in_settings(person).click()
        person.sees_heading("Настройки")
        menu = person.page.get_by_role("navigation", name="Другие настройки").get_by_role(
            "link", name=re.compile(f"^{section}")
        )
    menu.click()


def in_settings(person: Person) -> Locator:
    """Return the link to the settings, which the menu has on every screen."""
    return person.page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Настройки", exact=True)


def follows_the_form(person: Person, account: TownAccount, *, own_name: str) -> None:
    """Choose the provider of services and type the number that stands on the bill."""
    person.secrets.add(account.number)
    person.sees_heading("Подключить лицевой счёт")
    person.sees(re.compile("выберите поставщика услуг, затем введите номер с квитанции"))
    provider = person.page.get_by_role("group", name="Поставщик услуг")
    provider.get_by_role("radio", name=account.provider).check()
    person.press("Дальше")
    person.fill("Номер лицевого счёта", account.number)
    person.fill("Своё название (необязательно)", own_name)
    person.press("Подключить")
    person.sees_heading("Счёт подключён")


def pays_online(person: Person, account: TownAccount, choice: Choice) -> None:
    """Press «Оплатить онлайн», see the three choices, take one, and come back from the bank."""
    person.open("/cabinet")
    person.sees_sum(account.sum_on_screen)
    person.follow("Оплатить онлайн")
    person.sees_heading("Оплата")
    for offered in CHOICES:
        expect(person.page.get_by_role("radio", name=offered)).to_be_visible()
    person.page.get_by_role("radio", name=choice).check()
    paid = _fills_in(person, account, choice)
    person.press(f"Оплатить {paid}")
    person.page.wait_for_url("**/sandbox/bank/pay/**")
    person.pays_by_card()
    person.sees_paid(paid)
    if choice == "С показаниями счётчиков":
        person.sees(re.compile(r"приняты, №\s\d\d[-‑]\d{4}"))


def _fills_in(person: Person, account: TownAccount, choice: Choice) -> str:
    """Type what the choice asks for; return the sum that the button names then."""
    button = person.page.get_by_role("button", name=re.compile("^Оплатить "))
    if choice == "Другая сумма":
        person.fill("Сумма, ₽", _OWN_SUM)
        expect(button).to_have_text(re.compile(_OWN_SUM))
    if choice == "С показаниями счётчиков":
        (dial,) = dials_of(person.portal, account.number)
        person.fill("Показание на сегодня, м³", str(dial.last + 7))
        person.sees(re.compile(r"Расход 7\sм³ ≈"))
        expect(button).not_to_have_text(re.compile(re.escape(account.sum_on_screen)))
    return button.inner_text().strip().removeprefix("Оплатить ")
