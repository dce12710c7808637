"""New bills, windows for readings and verifications: who is told, when, and once."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select, update

from lkk_reflex.accounts.models import AccountLink, Bill, LinkLevel, PersonalAccount, Register, ServiceProvider
from lkk_reflex.cabinet import announcing, announcing_repository
from lkk_reflex.cabinet.models import Announcement
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notices import ORDINARY_SMS, Notice, tell_all
from lkk_reflex.identity.security_repository import store_profile
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.rate_limit import Scope
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    MeterState,
    Reading,
    ReadingSource,
    ReadingState,
    Resource,
)
from lkk_reflex.notifications.models import Channel, MessageState, OutboxMessage
from lkk_reflex.payments.models import LedgerEntry, LedgerKind
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.notices import Told, choose, told
from tests.factories.payments import make_payable, make_payment
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

OCTOBER, NOVEMBER = BillingPeriod(2026, 10), BillingPeriod(2026, 11)


@pytest.fixture
def time(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    """A portal on either database at a Sunday noon of Moscow, 22 November 2026."""
    hash_quickly(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path):
        yield held


class House:
    """An account of a provider with one connection."""

    def __init__(
        self,
        *,
        provider: ServiceProvider | None = None,
        login: str | None = None,
        level: LinkLevel = LinkLevel.BASIC,
        own_name: str = "",
        time_zone: str = "Europe/Moscow",
    ) -> None:
        with unit_of_work() as session:
            self.provider = provider or made.make_provider(session, time_zone=time_zone)
            self.account = made.make_account(session, self.provider)
            self.viewer = make_viewer(session, login=login)
            self.link = made.make_link(session, self.viewer, self.account, level=level)
            self.link.own_name = own_name
            session.add(self.link)
        self.account_id = self.account.id or 0

    def bill(self, period: BillingPeriod = OCTOBER, closing: int = 1542_30) -> None:
        """Load a register with one bill, now."""
        with unit_of_work() as session:
            bill = made.make_bill(session, self.account, closing, period=period)
            register = session.get_one(Register, bill.register_id)
            register.loaded_at = clock.now()

    def meter(self, **fields: Any) -> int:
        """Put up a meter of cold water and return its id."""
        values: dict[str, Any] = {"resource": Resource.COLD_WATER, "serial": "12-345678", "created_at": clock.now()}
        with unit_of_work() as session:
            meter = Meter(public_id=new_token()[:16], account_id=self.account_id, **(values | fields))
            session.add(meter)
            session.flush()
            return meter.id or 0

    def sends(self, meter_id: int, period: BillingPeriod = NOVEMBER, **fields: Any) -> None:
        """Send a reading."""
        values: dict[str, Any] = {
            "source": ReadingSource.SUBSCRIBER,
            "submitted_at": clock.now(),
            "taken_on": date(2026, 11, 20),
        }
        with unit_of_work() as session:
            session.add(Reading(meter_id=meter_id, period=period.key, **(values | fields)))

    def wants(self, event: NoticeEvent, channel: Channel, *, is_wanted: bool) -> None:
        """Choose."""
        with unit_of_work() as session:
            choose(session, self.viewer, event, channel, is_wanted=is_wanted)


def at(held: HeldClock, day: date, hour: int) -> None:
    """Let it be an hour of a day in Moscow."""
    held.now = datetime(day.year, day.month, day.day, hour - 3, tzinfo=UTC)


def set_window(house: House, resource: Resource, opens: int, closes: int) -> None:
    """Let the provider take readings of a resource from one day of the month to another."""
    with unit_of_work() as session:
        session.add(
            MeterPolicy(provider_id=house.provider.id or 0, resource=resource, window_from=opens, window_to=closes)
        )


def send_all() -> None:
    """Empty the outbox."""
    with unit_of_work() as session:
        session.exec(update(OutboxMessage).values(state=MessageState.SENT))


def verifications() -> list[Told]:
    """Return what was told of verifications."""
    return [letter for letter in told() if letter.template == "verification"]


def templates() -> list[str]:
    return [message.template for message in told()]


def test_a_new_bill_is_told_once_and_at_basic_access_without_sum_name_or_address(time: HeldClock) -> None:
    house = House(own_name="Дача")
    house.bill()
    announcing.announce()
    announcing.announce()
    (letter,) = told()
    assert letter.subject == "Новая квитанция за октябрь 2026 — Горводоканал"
    assert "«Дача»" in letter.body
    assert f"/account/{house.link.public_id}" in letter.body
    for personal in ("542", "₽", "Иванов", "Ленина", house.account.number):
        assert personal not in letter.subject + letter.body


def test_at_extended_access_the_sum_and_the_day_are_told_but_no_name_or_address(time: HeldClock) -> None:
    house = House(level=LinkLevel.EXTENDED)
    house.bill()
    announcing.announce()
    (letter,) = told()
    assert "К оплате 1\N{NARROW NO-BREAK SPACE}542,30" in letter.body
    assert "до 15 ноября" in letter.body
    assert f"/bill/{house.link.public_id}/202610" in letter.body
    assert f"•••{house.account.number[-4:]}" in letter.body
    assert house.account.number not in letter.body
    assert "Иванов" not in letter.body


def test_an_overpaid_bill_says_that_nothing_is_to_be_paid(time: HeldClock) -> None:
    House(level=LinkLevel.EXTENDED).bill(closing=-5)
    announcing.announce()
    assert "ничего не нужно" in told()[0].body


@pytest.mark.parametrize(
    ("paid", "said"),
    [(542_30, "К оплате 1\N{NARROW NO-BREAK SPACE}000,00"), (1542_30, "ничего не нужно"), (2000_00, "ничего не нужно")],
)
def test_who_has_paid_after_the_data_of_the_bill_is_not_asked_to_pay_again(
    time: HeldClock, paid: int, said: str
) -> None:
    house = House(level=LinkLevel.EXTENDED)
    with unit_of_work() as session:
        session.add(
            LedgerEntry(
                account_id=house.account_id,
                kopecks=paid,
                kind=LedgerKind.PAYMENT,
                payment_id=make_payment(session, make_payable(session)).id,
                credited_at=clock.now() - timedelta(days=1),
            )
        )
    house.bill()
    announcing.announce()
    (letter,) = [letter for letter in told() if house.link.public_id in letter.body]
    assert said in letter.body


def test_everybody_with_a_living_connection_is_told(time: HeldClock) -> None:
    house = House()
    with unit_of_work() as session:
        for ended_at in (None, clock.now()):
            link = made.make_link(session, make_viewer(session), house.account)
            link.ended_at = ended_at
            session.add(link)
    house.bill()
    announcing.announce()
    assert len(told()) == 2


def test_history_loaded_at_once_tells_the_newest_month_alone(time: HeldClock) -> None:
    house = House()
    for months in range(24):
        house.bill(OCTOBER.shifted(-months))
    announcing.announce()
    assert [letter.subject for letter in told()] == ["Новая квитанция за октябрь 2026 — Горводоканал"]


def test_history_alone_tells_nothing(time: HeldClock) -> None:
    House().bill(BillingPeriod(2026, 9))
    announcing.announce()
    assert told() == []


def test_a_corrected_bill_is_not_told_again(time: HeldClock) -> None:
    house = House()
    house.bill()
    announcing.announce()
    with unit_of_work() as session:
        session.exec(update(Bill).values(period=209901))
    house.bill()
    with unit_of_work() as session:
        session.exec(update(Bill).where(col(Bill.period) == 209901).values(period=202609))
    announcing.announce()
    assert len(told()) == 1


def test_who_connects_after_the_bill_has_come_is_not_told_of_it(time: HeldClock) -> None:
    house = House()
    house.bill()
    time.pass_(minutes=1)
    with unit_of_work() as session:
        made.make_link(session, make_viewer(session), house.account)
    announcing.announce()
    assert len(told()) == 1


def test_a_choice_against_bills_is_respected(time: HeldClock) -> None:
    house = House()
    house.wants(NoticeEvent.NEW_BILL, Channel.EMAIL, is_wanted=False)
    house.bill()
    announcing.announce()
    assert told() == []


def street(houses: int) -> None:
    """Let one register bring bills to many houses."""
    first = House()
    others = [House(provider=first.provider) for _ in range(houses - 1)]
    for house in [first, *others]:
        house.bill()
    with unit_of_work() as session:
        register_id = session.exec(select(func.min(Register.id))).one()
        session.exec(update(Bill).values(register_id=register_id))


def test_a_full_outbox_is_waited_for_and_everybody_is_told_in_the_end(
    time: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "ROOM", 4)
    monkeypatch.setattr(announcing, "_LEAST_ROOM", 2)
    street(9)
    announcing.announce()
    assert len(told_waiting()) <= 4
    rounds = 0
    while len(told_all()) < 9:
        send_all()
        announcing.announce()
        rounds += 1
        assert rounds < 9
    assert len(told_all()) == 9


def told_all() -> list[OutboxMessage]:
    with reading() as session:
        return list(session.exec(select(OutboxMessage)).all())


def told_waiting() -> list[OutboxMessage]:
    return [message for message in told_all() if message.state is MessageState.QUEUED]


def test_a_process_that_is_killed_in_the_middle_is_taken_over_from_where_it_was(
    time: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "ROOM", 4)
    monkeypatch.setattr(announcing, "_LEAST_ROOM", 1)
    street(6)
    calls: list[Sequence[Notice]] = []

    def killed_at_the_second(session: Session, notices: Sequence[Notice]) -> None:
        calls.append(notices)
        tell_all(session, notices)
        if len(calls) == 2:
            raise SystemExit

    monkeypatch.setattr(announcing, "tell_all", killed_at_the_second)
    with pytest.raises(SystemExit):
        announcing.announce()
    # The batch of the kill is undone, that before it is kept.
    assert 0 < len(told_all()) == len(calls[0]) < 6
    monkeypatch.setattr(announcing, "tell_all", tell_all)
    for _ in range(2):
        send_all()
        announcing.announce()
    assert len(told_all()) == 6


def test_two_processes_at_once_tell_everybody_once(time: HeldClock) -> None:
    street(12)
    faults: list[BaseException] = []
    at_once = threading.Barrier(2)

    def job() -> None:
        at_once.wait()
        try:
            announcing.announce()
        except BaseException as fault:  # noqa: BLE001 - told to the test.
            faults.append(fault)

    threads = [threading.Thread(target=job) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len({message.recipient_hash for message in told_all()}) == len(told_all()) == 12


@pytest.mark.parametrize(
    ("zone", "utc_hour", "is_awake"),
    [
        ("Europe/Kaliningrad", 6, False),
        ("Europe/Kaliningrad", 7, True),
        ("Europe/Moscow", 6, True),
        ("Europe/Moscow", 16, True),
        ("Europe/Moscow", 17, False),
        ("Asia/Yekaterinburg", 15, False),
        ("Asia/Kamchatka", 20, False),
        ("Asia/Kamchatka", 21, True),
        ("Asia/Kamchatka", 7, True),
        ("Asia/Kamchatka", 8, False),
    ],
)
def test_people_are_written_to_between_nine_and_twenty_of_their_own_day(
    time: HeldClock, zone: str, utc_hour: int, *, is_awake: bool
) -> None:
    time.now = datetime(2026, 11, 21, utc_hour, tzinfo=UTC)
    House(time_zone=zone).bill()
    announcing.announce()
    assert bool(told()) is is_awake


def test_what_came_at_night_is_told_in_the_morning(time: HeldClock) -> None:
    time.now = datetime(2026, 11, 21, 22, tzinfo=UTC)
    House().bill()
    announcing.announce()
    assert told() == []
    time.pass_(hours=8)
    announcing.announce()
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        *((1, "window_opens"), (2, "window_opens"), (22, "window_opens")),
        *((23, "window_two_days"), (24, "window_two_days"), (25, "window_last_day"), (26, "")),
    ],
)
def test_who_was_told_nothing_of_a_window_is_told_what_is_true_on_the_day(
    time: HeldClock, day: int, expected: str
) -> None:
    house = House()
    house.meter()
    at(time, date(2026, 11, day), 9)
    announcing.announce()
    announcing.announce()
    assert templates() == ([expected] if expected else [])
    if expected:
        (letter,) = told()
        assert "25 ноября" in letter.body
        assert "/quick/readings/202611" in letter.body
        assert letter.subject.startswith("Осталось два дня") is (day == 23)
        assert letter.subject.startswith("Завтра последний день") is (day == 24)


@pytest.mark.parametrize(
    ("still", "expected"),
    [
        ((), {1: "window_opens", 23: "window_two_days", 25: "window_last_day"}),
        ((1, 2, 23), {3: "window_opens", 24: "window_two_days", 25: "window_last_day"}),
        (range(1, 24), {24: "window_two_days", 25: "window_last_day"}),
        (range(23, 26), {1: "window_opens"}),
    ],
)
def test_a_window_is_told_when_it_opens_two_days_before_its_end_and_on_its_last_day_or_as_soon_as_can_be(
    time: HeldClock, still: Sequence[int], expected: dict[int, str]
) -> None:
    House().meter()
    heard: dict[int, str] = {}
    for day in range(1, 30):
        at(time, date(2026, 11, day), 9)
        if day not in still:
            announcing.announce()
            announcing.announce()
            for template in templates()[len(heard) :]:
                assert day not in heard
                heard[day] = template
    assert heard == expected


@pytest.mark.parametrize(
    ("opens", "expected"),
    [
        (25, {25: "window_opens"}),
        (24, {24: "window_opens", 25: "window_last_day"}),
        (23, {23: "window_opens", 25: "window_last_day"}),
        (22, {22: "window_opens", 23: "window_two_days", 25: "window_last_day"}),
    ],
)
def test_the_opening_of_a_short_window_is_not_said_again_in_other_words(
    time: HeldClock, opens: int, expected: dict[int, str]
) -> None:
    house = House()
    house.meter()
    set_window(house, Resource.COLD_WATER, opens, 25)
    heard: dict[int, str] = {}
    for day in range(20, 28):
        at(time, date(2026, 11, day), 9)
        announcing.announce()
        heard.update(dict.fromkeys([day] * (len(templates()) - len(heard)), templates()[-1] if templates() else ""))
    assert heard == expected


def test_of_two_windows_that_end_together_both_are_told(time: HeldClock) -> None:
    water = House()
    gas = House(provider=water.provider)
    set_window(water, Resource.GAS, 20, 25)
    water.meter()
    gas.meter(resource=Resource.GAS)
    for day, hears in ((1, 1), (20, 2), (23, 4), (25, 6)):
        at(time, date(2026, 11, day), 9)
        announcing.announce()
        assert len(told()) == hears


def test_the_day_is_the_providers(time: HeldClock) -> None:
    for zone in ("Asia/Kamchatka", "Europe/Kaliningrad"):
        House(time_zone=zone).meter()
    # The 25th has begun in Kamchatka, and in Kaliningrad it is still the evening of the 24th.
    time.now = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
    announcing.announce()
    assert templates() == ["window_last_day"]
    time.now = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    announcing.announce()
    assert templates() == ["window_last_day"] * 2


def test_the_window_is_the_providers_own(time: HeldClock) -> None:
    house = House()
    house.meter()
    set_window(house, Resource.COLD_WATER, 20, 24)
    at(time, date(2026, 11, 20), 10)
    announcing.announce()
    at(time, date(2026, 11, 24), 10)
    announcing.announce()
    assert templates() == ["window_opens", "window_last_day"]


@pytest.mark.parametrize("state", [ReadingState.ACCEPTED, ReadingState.EXPORTED, ReadingState.COUNTED])
def test_who_has_sent_the_reading_is_left_alone(time: HeldClock, state: ReadingState) -> None:
    house = House()
    house.sends(house.meter(), state=state)
    at(time, date(2026, 11, 25), 10)
    announcing.announce()
    assert told() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"state": ReadingState.WITHDRAWN},
        {"source": ReadingSource.ESTIMATED},
        {"period": OCTOBER},
    ],
)
def test_what_is_no_reading_of_the_month_does_not_count(time: HeldClock, fields: dict[str, Any]) -> None:
    house = House()
    house.sends(house.meter(), **fields)
    at(time, date(2026, 11, 25), 10)
    announcing.announce()
    assert templates() == ["window_last_day"]


def test_one_meter_of_two_is_not_enough(time: HeldClock) -> None:
    house = House()
    house.sends(house.meter())
    house.meter(resource=Resource.HOT_WATER)
    at(time, date(2026, 11, 25), 10)
    announcing.announce()
    assert templates() == ["window_last_day"]


@pytest.mark.parametrize("state", [None, MeterState.REMOVED, MeterState.REPLACED])
def test_without_a_meter_that_is_read_nothing_is_asked(time: HeldClock, state: MeterState | None) -> None:
    house = House()
    if state:
        house.meter(state=state)
    at(time, date(2026, 11, 25), 10)
    announcing.announce()
    assert told() == []


def test_a_reminder_is_of_no_use_after_the_window(time: HeldClock) -> None:
    House().meter()
    at(time, date(2026, 11, 25), 19)
    announcing.announce()
    (message,) = told_all()
    assert message.expires_at == datetime(2026, 11, 25, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (61, ""),
        (60, "осталось 60\N{NO-BREAK SPACE}дней"),
        (51, "остался 51\N{NO-BREAK SPACE}день"),
        (30, "осталось 30\N{NO-BREAK SPACE}дней"),
        (22, "осталось 22\N{NO-BREAK SPACE}дня"),
        (7, "осталось 7\N{NO-BREAK SPACE}дней"),
        (1, "остался 1\N{NO-BREAK SPACE}день"),
        (0, "сегодня последний день"),
        (-1, ""),
    ],
)
def test_who_was_told_nothing_of_a_verification_is_told_once_how_long_it_lasts(
    time: HeldClock, left: int, words: str
) -> None:
    house = House(level=LinkLevel.EXTENDED)
    house.meter(verified_until=date(2026, 11, 22) + timedelta(days=left))
    announcing.announce()
    announcing.announce()
    assert len(verifications()) == bool(words)
    if words:
        (letter,) = verifications()
        assert letter.subject == f"Поверка счётчика: {words} — Горводоканал"
        assert words in letter.body
        assert "12-345678" in letter.body


@pytest.mark.parametrize(
    ("still", "expected"),
    [
        ((), [60, 30, 7]),
        ((60, 59, 30, 7), [58, 29, 6]),
        (range(31, 61), [30, 7]),
        (range(8, 61), [7]),
        (range(5, 41), [60, 4]),
        (range(8), [60, 30]),
    ],
)
def test_the_end_of_a_verification_is_told_three_times_each_as_soon_as_can_be_before_the_next(
    time: HeldClock, still: Sequence[int], expected: list[int]
) -> None:
    until = date(2027, 3, 1)
    House().meter(verified_until=until)
    heard: list[int] = []
    for left in range(65, -5, -1):
        at(time, until - timedelta(days=left), 10)
        if left not in still:
            announcing.announce()
            with unit_of_work() as session:
                announcing.purge(session)
            heard += [left] * (len(verifications()) - len(heard))
    assert heard == expected


def test_a_meter_loaded_after_the_round_of_its_day_is_told_of_the_next_day_with_the_true_number_of_days(
    time: HeldClock,
) -> None:
    house = House()
    announcing.announce()
    time.pass_(hours=1)
    house.meter(verified_until=date(2026, 11, 29))
    announcing.announce()
    assert verifications() == []
    for _ in range(2):
        time.pass_(days=1)
        announcing.announce()
        announcing.announce()
        (letter,) = verifications()
        assert "осталось 6\N{NO-BREAK SPACE}дней" in letter.body


def test_who_connects_an_account_after_the_round_is_told_the_next_day_and_nobody_else_again(time: HeldClock) -> None:
    house = House(login="first@mail.ru")
    house.meter(verified_until=date(2026, 12, 22))
    announcing.announce()
    with unit_of_work() as session:
        made.make_link(session, make_viewer(session, login="second@mail.ru"), house.account)
    time.pass_(days=1)
    announcing.announce()
    heard = [(letter.to, letter.subject.partition(" — ")[0]) for letter in verifications()]
    assert heard == [
        ("first@mail.ru", "Поверка счётчика: осталось 30\N{NO-BREAK SPACE}дней"),
        ("second@mail.ru", "Поверка счётчика: осталось 29\N{NO-BREAK SPACE}дней"),
    ]


def test_a_day_of_verification_that_is_corrected_is_told_anew(time: HeldClock) -> None:
    house = House()
    meter_id = house.meter(verified_until=date(2026, 12, 22))
    announcing.announce()
    with unit_of_work() as session:
        session.get_one(Meter, meter_id).verified_until = date(2026, 12, 12)
    time.pass_(days=1)
    announcing.announce()
    assert ["12.12.2026" in letter.body for letter in verifications()] == [False, True]


def test_who_was_told_of_a_verification_is_not_told_again_by_a_channel_chosen_later(time: HeldClock) -> None:
    house = House(login="+79123456789")
    with unit_of_work() as session:
        store_profile(session, house.viewer.require_subscriber(), {"second_email": "second@mail.ru"}, clock.now())
    house.meter(verified_until=date(2026, 12, 22))
    announcing.announce()
    house.wants(NoticeEvent.VERIFICATION, Channel.SMS, is_wanted=True)
    time.pass_(days=1)
    announcing.announce()
    assert [letter.channel for letter in verifications()] == [Channel.EMAIL]


def test_the_daily_rounds_of_verifications_leave_the_sms_of_the_day_alone(time: HeldClock) -> None:
    house = House(login="+79123456789")
    house.wants(NoticeEvent.VERIFICATION, Channel.SMS, is_wanted=True)
    house.meter(verified_until=date(2026, 12, 22))
    announcing.announce()
    time.pass_(days=1)
    announcing.announce()
    with reading() as session:
        keys = {Scope.SUBJECT: str(house.viewer.require_subscriber())}
        assert rate_limit.left(session, ORDINARY_SMS, keys) == ORDINARY_SMS.amount


def test_a_reminder_is_of_no_use_after_the_verification(time: HeldClock) -> None:
    House().meter(verified_until=date(2026, 11, 29))
    at(time, date(2026, 11, 26), 10)
    announcing.announce()
    assert [message.expires_at for message in told_all()] == [datetime(2026, 11, 29, 21, tzinfo=UTC)]


def test_what_has_been_told_is_looked_up_in_portions(time: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    for months in range(3):
        house.bill(OCTOBER.shifted(-months))
    announcing.announce()
    with reading() as session:
        names = session.exec(select(Announcement.name)).all()
        assert len(names) > 3
        monkeypatch.setattr(announcing_repository, "_PORTION", 2)
        assert announcing_repository.finished(session, [*names, "bill:0"]) == set(names)


def test_the_serial_number_that_proves_an_account_is_not_told_at_basic_access(time: HeldClock) -> None:
    House().meter(verified_until=date(2026, 12, 22))
    announcing.announce()
    (letter,) = verifications()
    assert "12-345678" not in letter.body
    assert "••78" in letter.body


def test_every_meter_of_an_account_is_told(time: HeldClock) -> None:
    house = House()
    for resource in (Resource.COLD_WATER, Resource.HOT_WATER):
        house.meter(resource=resource, verified_until=date(2026, 12, 22))
    announcing.announce()
    assert len(verifications()) == 2


def test_an_sms_is_short_and_holds_no_name(time: HeldClock) -> None:
    house = House(login="+79123456789", own_name="Квартира мамы на Ленина, 10")
    for event in (NoticeEvent.NEW_BILL, NoticeEvent.WINDOW_TWO_DAYS):
        house.wants(event, Channel.SMS, is_wanted=True)
    house.meter()
    at(time, date(2026, 11, 23), 10)
    house.bill()
    announcing.announce()
    messages = told()
    assert {message.template for message in messages} == {"new_bill", "window_two_days"}
    for message in messages:
        assert len(message.body) <= 70
        assert "мамы" not in message.body


def test_news_of_long_ago_is_forgotten(time: HeldClock) -> None:
    House().bill()
    announcing.announce()
    time.pass_(days=61)
    with unit_of_work() as session:
        announcing.purge(session)
        assert session.exec(select(Announcement)).all() == []


def test_links_of_letters_are_of_the_portal_of_the_settings(time: HeldClock) -> None:
    house = House()
    house.meter()
    at(time, date(2026, 11, 25), 10)
    announcing.announce()
    (letter,) = told()
    links = [word for word in letter.body.split() if "://" in word]
    assert all(link.startswith("http://localhost:3000/") for link in links)
    with reading() as session:
        assert session.get_one(AccountLink, house.link.id).public_id in letter.body
        assert str(session.get_one(PersonalAccount, house.account_id).number) not in letter.body
