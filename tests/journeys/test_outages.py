"""A pipe bursts: the staff says so from its command line, and those concerned see it and are written to."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from lkk_reflex.kit import clock
from tests.support.patience import until
from tests.support.people import PHONE, People, Person
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

#: No other outage of the town is of this provider.
_PROVIDER = "teploset"


def _in(hours: int) -> str:
    return f"{(clock.now() + timedelta(hours=hours)).astimezone(ZoneInfo('Europe/Moscow')):%Y-%m-%d %H:%M}"


def _letters(person: Person) -> list[str]:
    """Return what has been written to somebody of the pipe; there may be letters of other news too."""
    sent = [message["body"] for message in person.portal.messages(person.login)]
    return [body for body in sent if "Чиним трубу во дворе." in body]


def test_emergency_is_announced_seen_told_and_ended(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted(_PROVIDER)
    person.settles(account)
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    _, street, house, _ = account.address.split(", ")
    person.open("/outages")
    person.sees("Отключений по вашим счетам нет.")

    told = person.portal.lkk(
        "outage", "announce", _PROVIDER, "--service", "отопление", "--kind", "emergency", "--from", _in(-1),
        "--until", _in(5), "--text", "Чиним трубу во дворе.", "--street", street, "--house", house, "--yes",
    )  # fmt: skip
    number = told.partition("Отключение ")[2].split()[0]
    person.open("/cabinet")
    notice = person.page.locator("main [role=note]")
    expect(notice).to_contain_text("Отключение: отопление")
    expect(notice).to_contain_text("Чиним трубу во дворе.")
    until(lambda: bool(_letters(person)))
    assert street in _letters(person)[0]

    assert f"{number}\t{_PROVIDER}\tСейчас\tАвария" in person.portal.lkk("outage", "list", _PROVIDER)
    person.portal.lkk("outage", "end", number)
    person.open("/cabinet")
    expect(notice).to_contain_text("Подача возобновлена: отопление")
    person.page.get_by_role("link", name="Все отключения").click()
    person.sees_heading("Отключения")
    person.sees("За последние 30 дней")
    expect(person.page.locator("li.topic")).to_have_count(1)
