"""Somebody chooses what to be told of, and is told so."""

import pytest
from playwright.sync_api import expect

from tests.support.people import DESKTOP, PHONE, People, Person

pytestmark = pytest.mark.browser

_PATH = "/settings/notifications"


def _box(person: Person, name: str) -> None:
    """Press the box as a finger does: somewhere in its cell."""
    person.page.get_by_label(name, exact=True).locator("xpath=..").click()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_choices_are_kept_and_security_stays(people: People, device: dict[str, object], theme: str) -> None:
    person = people(device, theme)  # type: ignore[arg-type]
    person.settles()
    person.open(_PATH)
    person.sees_heading("Уведомления")
    person.sees("СМС приходят тем, кто входит по номеру телефона; вы входите по почте.")
    bill = person.page.get_by_label("Вышла новая квитанция: Письмо", exact=True)
    expect(bill).to_be_checked()
    expect(person.page.get_by_label("Вышла новая квитанция: СМС", exact=True)).to_be_disabled()
    person.picture(f"notices-{'phone' if device is PHONE else 'desktop'}-{theme}")
    _box(person, "Вышла новая квитанция: Письмо")
    person.press("Сохранить")
    person.sees("Сохранено. Со следующего события пишем так, как вы выбрали.")
    person.open(_PATH)
    expect(bill).not_to_be_checked()
    _box(person, "Пароль изменён: Письмо")
    person.press("Сохранить")
    person.sees("О безопасности кабинета мы пишем всегда.")
    person.picture(f"notices-refused-{'phone' if device is PHONE else 'desktop'}-{theme}")
    person.open(_PATH)
    expect(person.page.get_by_label("Пароль изменён: Письмо", exact=True)).to_be_checked()
