"""An error that nobody expected: told with its number where it happened, and gone with the next page."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.live_portal import LivePortal
from tests.support.people import PHONE, People

pytestmark = pytest.mark.browser

_SORRY = re.compile("Не получилось: ошибка на нашей стороне")


def test_notice_of_a_fault_goes_with_its_page_and_comes_with_a_new_fault(
    portal_of_its_own: LivePortal, people: People
) -> None:
    person = people(PHONE, portal=portal_of_its_own)
    person.settles()
    strip = person.page.get_by_role("alert").filter(has_text=_SORRY)
    person.open("/payments")
    portal_of_its_own.change("ALTER TABLE ticket RENAME TO lost")
    person.follow("Обращения")
    expect(strip).to_have_count(1)
    number = strip.locator("b")
    first = number.inner_text()
    assert number.evaluate("node => node.getClientRects().length") == 1, "the number breaks in two"
    person.picture("fault-on-its-page")
    person.follow("Платежи")
    person.sees_heading("Платежи")
    expect(strip).to_have_count(0)
    person.follow("Обращения")
    expect(strip).to_have_count(1)
    expect(number).not_to_have_text(first)
    portal_of_its_own.change("ALTER TABLE lost RENAME TO ticket")
    person.open("/support")
    expect(strip).to_have_count(0)
