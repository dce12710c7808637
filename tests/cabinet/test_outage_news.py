"""Outages are told once: the announcement, other times, the end; at basic access without any address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select, update

from lkk_reflex.accounts.models import LinkLevel, ServiceProvider
from lkk_reflex.cabinet import announcing
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.notifications.models import Channel, MessageState, OutboxMessage
from lkk_reflex.outages import staff
from lkk_reflex.outages.models import OutageKind
from lkk_reflex.outages.rules import Where
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.notices import Told, choose, told
from tests.factories.outages import STREET, TEXT, make_outage, new_outage
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

SYSTEM = Viewer.system()
PLACES = ("Ленин", "Рязан", "кв. 15")


@pytest.fixture
def time(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    """A portal on either database at a Sunday noon of Moscow, 22 November 2026."""
    hash_quickly(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path, sms_sender="file"):
        yield held


class House:
    """An account of the street with one connection, of a provider."""

    def __init__(self, level: LinkLevel = LinkLevel.EXTENDED, provider: ServiceProvider | None = None) -> None:
        with unit_of_work() as session:
            self.provider = provider or made.make_provider(session)
            self.viewer = make_viewer(session)
            account = made.make_account(session, self.provider)
            self.link_id = made.make_link(session, self.viewer, account, level=level).id

    def announces(self, **fields: object) -> int:
        """Announce an outage of the street."""
        with unit_of_work() as session:
            return make_outage(session, self.provider, **fields).id or 0


def news() -> list[Told]:
    """Run the job twice and return what has been queued since the last time."""
    before = len(told())
    announcing.announce()
    announcing.announce()
    return told()[before:]


def subjects() -> list[str]:
    return [letter.subject for letter in news()]


def test_at_extended_access_the_letter_tells_where_when_and_what(time: HeldClock) -> None:
    House().announces(where=Where(STREET, ("10",)))
    (letter,) = news()
    assert letter.subject == "Отключение: холодная вода — Горводоканал"
    body = letter.body.replace("\xa0", " ")
    assert "23 ноября с 12:00 до 20:00" in body
    assert f"Где: {STREET}, 10." in body
    assert TEXT in body
    assert "/outages" in body
    assert "плановое" in body


@pytest.mark.parametrize("where", [Where(STREET, ("10",)), Where()])
def test_at_basic_access_the_letter_tells_the_service_and_the_times_only(time: HeldClock, where: Where) -> None:
    house = House(LinkLevel.BASIC)
    number = house.announces(where=where)
    letters = news()
    time.pass_(minutes=1)
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, ends_at=new_outage(house.provider, begins_in=30).ends_at)
    letters += news()
    with unit_of_work() as session:
        staff.cancel(session, SYSTEM, number=number)
    letters += news()
    assert len(letters) == 3
    for letter in letters:
        assert "холодная вода" in letter.body
        assert "12:00" in letter.body
        for place in (*PLACES, TEXT, "все адреса"):
            assert place not in letter.subject + letter.body


def test_other_times_and_the_end_are_told_once_each_and_another_text_is_not(time: HeldClock) -> None:
    house = House()
    number = house.announces(begins_in=2)
    assert len(news()) == 1
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, text="Иначе.")
    assert news() == []
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, ends_at=new_outage(house.provider, begins_in=5).ends_at)
    assert subjects() == ["Новое время отключения: холодная вода — Горводоканал"]
    time.pass_(hours=3)
    assert news() == []
    with unit_of_work() as session:
        staff.end(session, SYSTEM, number=number)
    assert subjects() == ["Подача возобновлена: холодная вода — Горводоканал"]


def test_a_cancelled_one_is_told(time: HeldClock) -> None:
    house = House()
    number = house.announces()
    news()
    with unit_of_work() as session:
        staff.cancel(session, SYSTEM, number=number)
    assert subjects() == ["Отключения не будет: холодная вода — Горводоканал"]


def test_only_those_concerned_are_told(time: HeldClock) -> None:
    house = House()
    with unit_of_work() as session:
        for of, address in ((house.provider, "ул. Мира, д. 10"), (made.make_provider(session), made.ADDRESS)):
            account = made.make_account(session, of, address=address)
            made.make_link(session, make_viewer(session), account)
    house.announces()
    assert len(news()) == 1


def test_who_connects_later_sees_it_and_is_not_told(time: HeldClock) -> None:
    house = House()
    house.announces()
    time.pass_(minutes=1)
    House(provider=house.provider)
    assert len(news()) == 1


def test_a_planned_one_waits_for_the_morning_and_an_emergency_does_not(time: HeldClock) -> None:
    time.pass_(hours=11)
    house = House()
    house.announces()
    assert news() == []
    number = house.announces(kind=OutageKind.EMERGENCY, begins_in=0, service="свет", lasts=20)
    assert subjects() == ["Отключение: свет — Горводоканал"]
    with unit_of_work() as session:
        staff.end(session, SYSTEM, number=number)
    assert news() == []
    time.pass_(hours=11)
    assert sorted(subjects()) == [
        "Отключение: холодная вода — Горводоканал",
        "Подача возобновлена: свет — Горводоканал",
    ]


def test_who_never_heard_of_it_is_not_told_that_it_was_cancelled(time: HeldClock) -> None:
    time.pass_(hours=11)
    number = House().announces()
    with unit_of_work() as session:
        staff.cancel(session, SYSTEM, number=number)
    assert news() == []
    time.pass_(hours=11)
    assert news() == []


def test_who_never_heard_of_it_is_told_other_times_as_an_announcement(time: HeldClock) -> None:
    time.pass_(hours=11)
    house = House()
    number = house.announces()
    moved = new_outage(house.provider, begins_in=30)
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, starts_at=moved.starts_at, ends_at=moved.ends_at)
    time.pass_(hours=11)
    assert subjects() == ["Отключение: холодная вода — Горводоканал"]
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, ends_at=new_outage(house.provider, begins_in=30).ends_at)
    assert subjects() == ["Новое время отключения: холодная вода — Горводоканал"]
    with unit_of_work() as session:
        staff.cancel(session, SYSTEM, number=number)
    assert subjects() == ["Отключения не будет: холодная вода — Горводоканал"]


@pytest.mark.parametrize(
    ("is_cancelled", "titles"),
    [(True, ["Отключения не будет"] * 4), (False, ["Новое время отключения"] * 4 + ["Отключение"] * 2)],
)
def test_news_in_the_midst_of_the_telling_suits_what_each_has_heard(
    time: HeldClock, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool, titles: list[str]
) -> None:
    house = House()
    for _ in range(5):
        House(provider=house.provider)
    number = house.announces()
    with monkeypatch.context() as crowded:
        crowded.setattr(announcing, "ROOM", 4)
        crowded.setattr(announcing, "_LEAST_ROOM", 1)
        announcing.announce()
    assert len(told()) == 4
    with unit_of_work() as session:
        if is_cancelled:
            staff.cancel(session, SYSTEM, number=number)
        else:
            staff.change(session, SYSTEM, number=number, ends_at=new_outage(house.provider, begins_in=30).ends_at)
    assert sorted(subject.partition(":")[0] for subject in subjects()) == titles


def test_cancelling_is_told_even_when_the_announcement_was_long_ago(time: HeldClock) -> None:
    number = House().announces(begins_in=24 * 80)
    assert len(news()) == 1
    time.pass_(days=70)
    with unit_of_work() as session:
        announcing.purge(session)
        staff.cancel(session, SYSTEM, number=number)
    assert subjects() == ["Отключения не будет: холодная вода — Горводоканал"]


@pytest.mark.parametrize(("begins_in", "is_told"), [(-1, True), (1, True), (9.9, True), (10, False), (24, False)])
def test_what_begins_before_the_morning_is_told_at_night(time: HeldClock, begins_in: float, is_told: bool) -> None:
    # It is 23 o'clock.
    time.pass_(hours=11)
    House().announces(begins_in=begins_in, lasts=12)
    assert len(news()) == int(is_told)


def test_what_begins_before_the_same_morning_is_told_before_dawn(time: HeldClock) -> None:
    # It is 4 o'clock.
    time.pass_(hours=16)
    house = House()
    house.announces(begins_in=6)
    assert news() == []
    house.announces(begins_in=4)
    assert len(news()) == 1


def test_what_is_over_is_told_no_more(time: HeldClock) -> None:
    time.pass_(hours=11)
    house = House()
    house.announces(begins_in=1, lasts=3)
    time.pass_(hours=12)
    assert news() == []


def test_a_letter_expires_with_what_it_tells(time: HeldClock) -> None:
    house = House()
    house.announces(begins_in=1, lasts=2)
    news()
    with reading() as session:
        assert session.exec(select(OutboxMessage)).one().expires_at == new_outage(house.provider, begins_in=3).starts_at


def only_a_phone_is_told(house: House) -> None:
    """Let the owner choose no letters, and somebody else of the provider choose short messages."""
    with unit_of_work() as session:
        choose(session, house.viewer, NoticeEvent.OUTAGE, Channel.EMAIL, is_wanted=False)
        phone = make_viewer(session, login="+79991234567")
        made.make_link(session, phone, made.make_account(session, house.provider))
        choose(session, phone, NoticeEvent.OUTAGE, Channel.SMS)


def test_a_choice_is_respected_on_each_channel(time: HeldClock) -> None:
    house = House()
    only_a_phone_is_told(house)
    house.announces()
    (message,) = news()
    assert message.channel is Channel.SMS
    assert message.body == "Отключение с 23.11 12:00: холодная вода. Горводоканал"


@pytest.mark.parametrize(
    ("lasts", "told_so"),
    [
        (8, "Отключение 23.11 18:00–24.11 2:00: холодная вода. Горводоканал"),
        (4, "Отключение 23.11 18:00–22:00: холодная вода. Горводоканал"),
    ],
)
def test_short_message_of_other_times_tells_the_beginning_too(time: HeldClock, lasts: int, told_so: str) -> None:
    house = House()
    only_a_phone_is_told(house)
    number = house.announces()
    news()
    moved = new_outage(house.provider, begins_in=30, lasts=lasts)
    with unit_of_work() as session:
        staff.change(session, SYSTEM, number=number, starts_at=moved.starts_at, ends_at=moved.ends_at)
    (message,) = news()
    assert message.body == told_so
    assert len(message.body) <= 70


def test_many_are_told_in_batches_each_once(time: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "ROOM", 4)
    monkeypatch.setattr(announcing, "_LEAST_ROOM", 1)
    house = House()
    for _ in range(8):
        House(provider=house.provider)
    house.announces()
    rounds = 0
    while len(told()) < 9:
        announcing.announce()
        with unit_of_work() as session:
            assert len(session.exec(select(OutboxMessage).where(OutboxMessage.state == MessageState.QUEUED)).all()) <= 4
            session.exec(update(OutboxMessage).values(state=MessageState.SENT))
        rounds += 1
        assert rounds < 9
    assert news() == []
    assert len({letter.to for letter in told()}) == 9
