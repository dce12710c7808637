"""What the log tells when it tells everything it can: not one secret."""

from collections.abc import Callable

import pytest

from tests.support.live_portal import LivePortal
from tests.support.people import DESKTOP, People, told_in_log
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser


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


def test_search_for_secrets_finds_one_that_is_there(people: People, live_portal: LivePortal) -> None:
    person = people(DESKTOP)
    person.secrets = {"Портал"}
    assert told_in_log(person) == ["Портал"]
    person.secrets = set()
