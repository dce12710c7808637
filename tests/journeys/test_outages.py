"""A pipe bursts: the staff says so from its command line, and those concerned see it and are written to."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from lkk_reflex.kit import clock
from tests.support.live_portal import LivePortal
from tests.support.people import PHONE, People
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_ROOT = Path(__file__).resolve().parents[2]
#: No other outage of the town is of this provider.
_PROVIDER = "teploset"


def _lkk(portal: LivePortal, *arguments: str) -> str:
    """Run a command of the staff beside the portal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LKK_")}
    environment |= {"LKK_DATA_DIR": str(portal.data_dir), "LKK_PORT": str(portal.port), "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "from lkk_reflex.cli import app; app()", "outage", *arguments],
        env=environment, cwd=portal.data_dir, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _in(hours: int) -> str:
    return f"{(clock.now() + timedelta(hours=hours)).astimezone(ZoneInfo('Europe/Moscow')):%Y-%m-%d %H:%M}"


def test_emergency_is_announced_seen_told_and_ended(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, account = people(PHONE), indebted(_PROVIDER)
    person.settles(account)
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", person.link_ids[0])
    _, street, house, _ = account.address.split(", ")
    person.open("/outages")
    person.sees("Отключений по вашим счетам нет.")

    told = _lkk(
        person.portal, "announce", _PROVIDER, "--service", "отопление", "--kind", "emergency", "--from", _in(-1),
        "--until", _in(5), "--text", "Чиним трубу во дворе.", "--street", street, "--house", house, "--yes",
    )  # fmt: skip
    number = told.partition("Отключение ")[2].split()[0]
    person.open("/cabinet")
    notice = person.page.locator("main [role=note]")
    expect(notice).to_contain_text("Отключение: отопление")
    expect(notice).to_contain_text("Чиним трубу во дворе.")
    letter = person.portal.message(person.login)
    assert "Чиним трубу во дворе." in letter
    assert street in letter

    assert f"{number}\t{_PROVIDER}\tСейчас\tАвария" in _lkk(person.portal, "list", _PROVIDER)
    _lkk(person.portal, "end", number)
    person.open("/cabinet")
    expect(notice).to_contain_text("Подача возобновлена: отопление")
    person.page.get_by_role("link", name="Все отключения").click()
    person.sees_heading("Отключения")
    person.sees("За последние 30 дней")
    expect(person.page.locator("li.topic")).to_have_count(1)
