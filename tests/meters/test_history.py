"""Past readings with their way into the bill, and what was used month by month."""

from datetime import date
from decimal import Decimal

import pytest

from lkk_reflex.accounts.errors import ExtendedAccessRequired
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters.exporting import export_readings
from lkk_reflex.meters.history import consumption, history
from lkk_reflex.meters.models import MeterState, ReadingSource, ReadingState, Resource
from lkk_reflex.meters.submitting import submit
from lkk_reflex.meters.views import Consumption, PastReading
from tests.factories.meters import make_form, make_history, make_meter, make_reading
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock


def _history(flat: Flat, viewer: Viewer | None = None, *, meter_id: str = "", skip: int = 0) -> list[PastReading]:
    who = viewer or flat.owner
    link = flat.owner_link if who is flat.owner else flat.guest_link
    with reading() as session:
        return history(session, who, link_id=link, meter_id=meter_id, skip=skip)


def test_every_version_stays_with_the_times_of_its_way(flat: Flat, held: HeldClock) -> None:
    sent_at = held.now
    flat.send("107")
    held.pass_(hours=1)
    flat.send("108")
    held.pass_(hours=1)
    with unit_of_work() as session:
        export_readings(session, Viewer.system(), provider_code="water")
    new, old, first = _history(flat)
    assert [past.version for past in (new, old)] == [2, 1]
    assert (old.state, old.submitted_at) == (ReadingState.REPLACED, sent_at)
    assert old.ended_at == new.submitted_at
    assert (new.state, new.exported_at, new.counted_at) == (ReadingState.EXPORTED, held.now, None)
    assert (first.source, first.number, first.version) == (ReadingSource.PROVIDER, "", 1)
    assert [past.values[0].consumption for past in (new, old, first)] == [8, 7, None]


def test_only_a_waiting_reading_can_be_withdrawn(flat: Flat) -> None:
    flat.send("107")
    flat.send("108")
    assert [past.can_be_withdrawn for past in _history(flat)] == [True, False, False]
    with unit_of_work() as session:
        export_readings(session, Viewer.system(), provider_code="water")
    assert not any(past.can_be_withdrawn for past in _history(flat))


def test_basic_access_shows_own_readings_alone(flat: Flat, held: HeldClock) -> None:
    flat.send("107")
    assert _history(flat, flat.guest) == []
    held.pass_(days=30)
    flat.send("112", viewer=flat.guest)
    (own,) = _history(flat, flat.guest)
    assert own.values[0].value == 112
    assert own.serial.startswith("••")


def test_one_meter_can_be_picked_and_pages_follow_each_other(flat: Flat) -> None:
    with unit_of_work() as session:
        other = make_meter(session, flat.account, resource=Resource.GAS)
        make_history(session, other, 10, 1, 2)
    assert len(_history(flat)) == 4
    of_other = _history(flat, meter_id=other.public_id)
    assert [past.period.month for past in of_other] == [10, 9, 8]
    assert _history(flat, meter_id=other.public_id, skip=1) == of_other[1:]
    assert _history(flat, meter_id="f" * 16) == []


def _used(flat: Flat, months: int = 3) -> list[Consumption]:
    with reading() as session:
        return consumption(session, flat.owner, link_id=flat.owner_link, months=months)


def test_consumption_is_told_by_month_against_the_year_before(flat: Flat) -> None:
    with unit_of_work() as session:
        gas = make_meter(session, flat.account, resource=Resource.GAS)
        make_history(session, gas, 0, *range(1, 15))
    (found,) = _used(flat)
    assert (found.resource, found.unit) == (Resource.GAS, "м³")
    assert [month.period.month for month in found.months] == [8, 9, 10]
    assert [month.amount for month in found.months] == [12, 13, 14]
    assert [month.year_before for month in found.months] == [None, 1, 2]


def test_a_replaced_meter_counts_with_the_one_that_followed(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(session, flat.meter, 90, on=date(2026, 9, 20))
        flat.meter.state = MeterState.REPLACED
        session.merge(flat.meter)
        new = make_meter(session, flat.account)
        make_reading(session, new, 0, on=date(2026, 9, 30))
        make_reading(session, new, "2.5", on=date(2026, 10, 21))
    (found,) = _used(flat, months=1)
    assert found.months[0].amount == Decimal("12.5")


def test_a_withdrawn_or_estimated_reading_uses_nothing(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(session, flat.meter, 90, on=date(2026, 9, 20))
        make_reading(session, flat.meter, 500, on=date(2026, 11, 2), source=ReadingSource.ESTIMATED)
        make_reading(session, flat.meter, 700, on=date(2026, 11, 3), state=ReadingState.WITHDRAWN)
    (found,) = _used(flat)
    assert found.months[-1].period == BillingPeriod(2026, 10)
    assert found.months[-1].amount == 10


def test_consumption_is_for_who_has_proved_the_account(flat: Flat) -> None:
    with reading() as session, pytest.raises(ExtendedAccessRequired):
        consumption(session, flat.guest, link_id=flat.guest_link)


def _months(flat: Flat) -> dict[int, Decimal | None]:
    return {month.period.month: month.amount for found in _used(flat) for month in found.months}


def test_a_month_is_charted_once_every_meter_of_the_resource_has_told(flat: Flat) -> None:
    with unit_of_work() as session:
        second = make_meter(session, flat.account, place="кухня")
        make_reading(session, flat.meter, 92, on=date(2026, 9, 20))
        make_history(session, second, 10, 3, 4)
        # A meter that has told nothing yet keeps nobody back.
        make_meter(session, flat.account, place="гараж")
    flat.send("105")
    assert _months(flat) == {8: None, 9: 3, 10: 12}
    with unit_of_work() as session:
        submit(session, flat.owner, form=make_form(flat.owner_link, (second, "19")))
    assert _months(flat) == {9: 3, 10: 12, 11: 7}


def test_a_meter_of_another_resource_keeps_nobody_back(flat: Flat) -> None:
    with unit_of_work() as session:
        make_history(session, make_meter(session, flat.account, resource=Resource.GAS), 10, 3)
    flat.send("105")
    water, gas = _used(flat)
    assert [month.amount for month in water.months] == [None, None, 5]
    assert [month.amount for month in gas.months] == [None, 3, None]


def test_a_reading_before_its_month_has_begun_is_not_charted_as_that_month(flat: Flat, held: HeldClock) -> None:
    flat.send("105")
    held.pass_(days=8)
    flat.send("107")
    assert _months(flat) == {9: None, 10: None, 11: 5}
    held.pass_(days=8)
    # December has begun, but what was read in November tells nothing of it.
    assert _months(flat) == {9: None, 10: None, 11: 5}
    flat.send("111")
    assert _months(flat) == {10: None, 11: 5, 12: 6}
    held.pass_(days=40)
    assert _months(flat) == {10: None, 11: 5, 12: 6}


def test_a_late_reading_is_charted_when_its_month_is_over(flat: Flat, held: HeldClock) -> None:
    held.pass_(days=8)
    flat.send("108")
    assert _used(flat) == []
    held.pass_(days=40)
    assert _months(flat) == {10: None, 11: 4, 12: 4}


def test_meters_keep_their_places_from_month_to_month(flat: Flat, held: HeldClock) -> None:
    with unit_of_work() as session:
        second = make_meter(session, flat.account, place="кухня")
        make_reading(session, second, 50, on=date(2026, 10, 10))
        submit(session, flat.owner, form=make_form(flat.owner_link, (second, "57")))
    held.pass_(hours=1)
    flat.send("107")
    held.pass_(hours=1)
    with unit_of_work() as session:
        submit(session, flat.owner, form=make_form(flat.owner_link, (second, "58")))
    told = [(past.period.month, past.serial, int(past.values[0].value)) for past in _history(flat)]
    first = flat.meter.serial
    assert told == [
        (11, first, 107), (11, second.serial, 58), (11, second.serial, 57), (10, first, 100), (10, second.serial, 50),
    ]  # fmt: skip
    assert [past.values[0].value for past in _history(flat, skip=2)] == [57, 100, 50]
