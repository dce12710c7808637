"""Whether the readings of an account are in: the rule, what it is told, and how it is said."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.cabinet.summary import cabinet_home
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters import rules
from lkk_reflex.meters.models import Meter, OutsideWindow, ReadingSource, ReadingState, Resource, WhenExpired
from lkk_reflex.meters.sent_projection import standing_words
from lkk_reflex.meters.standing import MeterStanding, Standing, StandingKind, standing_of
from lkk_reflex.meters.submitting import submit, withdraw
from tests.factories.meters import make_form, make_meter, make_policy, make_reading
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock

OCTOBER, NOVEMBER, DECEMBER = (BillingPeriod(2026, month) for month in (10, 11, 12))
INSIDE, AFTER = date(2026, 11, 20), date(2026, 11, 28)


def meter(
    day: date,
    *sent: BillingPeriod,
    read: Iterable[BillingPeriod] = (),
    first: int = 1,
    last: int = 25,
) -> MeterStanding:
    window = rules.window_at(day, first, last)
    before = rules.window_of(window.period.shifted(-1), first, last, day)
    return MeterStanding(window, before, frozenset(sent), frozenset({*sent, *read}))


@pytest.mark.parametrize(
    ("meters", "words"),
    [
        ([], ""),
        ([meter(INSIDE, OCTOBER)], "Передайте показания до 25 ноября"),
        ([meter(INSIDE, NOVEMBER)], "Показания за ноябрь переданы"),
        # What the provider has read itself does not stand in for what is waited for.
        ([meter(INSIDE, read=[NOVEMBER])], "Передайте показания до 25 ноября"),
        (
            [meter(INSIDE, NOVEMBER), meter(INSIDE)],
            "Переданы не все показания за ноябрь: передайте остальные до 25 ноября",
        ),
        # The one that closes first is told of, even though the other is given.
        ([meter(INSIDE), meter(INSIDE, last=22)], "Передайте показания до 22 ноября"),
        # A window that is shut keeps nobody from seeing that the open one is served.
        ([meter(INSIDE, NOVEMBER), meter(INSIDE, last=19)], "Показания за ноябрь переданы"),
        ([meter(AFTER, NOVEMBER)], "Показания за ноябрь переданы"),
        ([meter(AFTER, NOVEMBER, DECEMBER)], "Показания за декабрь переданы"),
        ([meter(AFTER)], "Показания за ноябрь не переданы: приём закончился 25 ноября"),
        ([meter(AFTER, NOVEMBER), meter(AFTER)], "Показания за ноябрь не переданы: приём закончился 25 ноября"),
        ([meter(AFTER, read=[NOVEMBER])], ""),
        ([meter(AFTER, NOVEMBER), meter(AFTER, read=[NOVEMBER])], "Показания за ноябрь переданы"),
        # A window that spans the end of the month.
        ([meter(date(2026, 12, 2), first=23, last=3)], "Передайте показания до 3 декабря"),
        ([meter(date(2026, 12, 2), NOVEMBER, first=23, last=3)], "Показания за ноябрь переданы"),
        # The year is told where it is another one.
        ([meter(date(2027, 1, 2), DECEMBER, first=23, last=3)], "Показания за декабрь 2026 переданы"),
    ],
)
def test_one_sentence_says_how_readings_stand(meters: list[MeterStanding], words: str) -> None:
    today = meters[0].window.closes_on.replace(day=1) if meters else INSIDE
    assert standing_words(standing_of(meters), today) == words


def test_every_kind_has_its_words() -> None:
    for kind in StandingKind:
        words = standing_words(Standing(kind, NOVEMBER, INSIDE), INSIDE)
        assert ("ноябр" in words) == (kind is not StandingKind.NOTHING)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 31), st.integers(1, 31))
def test_a_reading_for_the_open_window_is_always_seen(day: date, first: int, last: int) -> None:
    window = rules.window_at(day, first, last)
    asked = standing_of([meter(day, first=first, last=last)]).kind
    assert asked is (StandingKind.DUE if window.is_open else StandingKind.MISSED)
    given_now = standing_of([meter(day, window.period, first=first, last=last)])
    assert (given_now.kind, given_now.period) == (StandingKind.GIVEN, window.period)


# --- What the home says


def words_for(flat: Flat, viewer: Viewer | None = None) -> str:
    with reading() as session:
        (account,) = cabinet_home(session, viewer or flat.owner).accounts
    return account.readings


def set_policy(flat: Flat, **fields: Any) -> None:
    with unit_of_work() as session:
        make_policy(session, flat.provider, **fields)


def test_home_tells_by_when_readings_are_waited_for_and_that_they_are_in(flat: Flat) -> None:
    assert words_for(flat) == "Передайте показания до 25 ноября"
    saved = flat.sent("107").saved
    assert saved is not None
    assert words_for(flat) == words_for(flat, flat.guest) == "Показания за ноябрь переданы"
    with unit_of_work() as session:
        withdraw(session, flat.owner, link_id=flat.owner_link, number=saved.number)
    assert words_for(flat) == "Передайте показания до 25 ноября"
    flat.send("108")
    flat.send("109")
    assert words_for(flat) == "Показания за ноябрь переданы"


def test_home_keeps_to_the_window_of_the_company(flat: Flat, held: HeldClock) -> None:
    set_policy(flat, window_from=15, window_to=21)
    assert words_for(flat) == "Передайте показания до 21 ноября"
    held.now = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
    assert words_for(flat) == "Показания за ноябрь не переданы: приём закончился 21 ноября"
    flat.send("107")
    assert words_for(flat) == "Показания за декабрь переданы"


def test_home_asks_for_every_meter_that_is_read(flat: Flat) -> None:
    with unit_of_work() as session:
        second = make_meter(session, flat.account)
        gas = make_meter(session, flat.account, resource=Resource.GAS)
        make_meter(session, flat.account, resource=Resource.HEAT, verified_until=date(2026, 1, 1))
        make_policy(session, flat.provider, Resource.HEAT, when_expired=WhenExpired.REFUSE)
        make_policy(session, flat.provider, Resource.GAS, window_to=10, outside_window=OutsideWindow.REFUSE)
        make_reading(session, gas, 5, on=date(2026, 11, 5), source=ReadingSource.SUBSCRIBER)
    flat.send("107")
    assert words_for(flat) == "Переданы не все показания за ноябрь: передайте остальные до 25 ноября"
    with unit_of_work() as session:
        submit(session, flat.owner, form=make_form(flat.owner_link, (second, "12")))
    assert words_for(flat) == "Показания за ноябрь переданы"


def test_home_of_meters_that_may_not_be_given_says_nothing(flat: Flat) -> None:
    set_policy(flat, when_expired=WhenExpired.REFUSE)
    with unit_of_work() as session:
        session.get_one(Meter, flat.meter.id).verified_until = date(2026, 11, 19)
    assert words_for(flat) == ""


def test_estimates_and_readings_of_other_months_are_not_taken_for_given(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(session, flat.meter, 105, on=date(2026, 11, 2), source=ReadingSource.ESTIMATED)
        make_reading(session, flat.meter, 106, on=date(2026, 11, 3), source=ReadingSource.PROVIDER)
        make_reading(
            session, flat.meter, 90, on=date(2026, 10, 3), source=ReadingSource.SUBSCRIBER, state=ReadingState.COUNTED
        )
    assert words_for(flat) == "Передайте показания до 25 ноября"
