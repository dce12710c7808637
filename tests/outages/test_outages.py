"""Outages: announced for the right accounts, seen by the right people, at basic access without an address."""

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from lkk_reflex import jobs
from lkk_reflex.accounts.models import AccountLink, LinkLevel, ServiceProvider
from lkk_reflex.accounts.statements import linked_bills
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.outages import own, staff
from lkk_reflex.outages.errors import (
    AddressUnknown,
    NoAccounts,
    NothingToChange,
    OutageBegun,
    OutageNotBegun,
    OutageOver,
    UntilPassed,
)
from lkk_reflex.outages.models import Outage, OutageAccount, OutageKind
from lkk_reflex.outages.projection import OutageView
from lkk_reflex.outages.rules import Where
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.outages import STREET, TEXT, make_outage, new_outage
from tests.support.portal import HeldClock

SYSTEM = Viewer.system()
BASIC, EXTENDED = LinkLevel.BASIC, LinkLevel.EXTENDED


@dataclass(frozen=True)
class Street:
    """A provider with homes of Ленина 10 and 12 and of another street, each with its people."""

    session: Session
    provider: ServiceProvider
    links: dict[str, tuple[Viewer, AccountLink]]

    def sees(self, home: str) -> tuple[OutageView, ...]:
        """Return what the people of a home see on the first page."""
        viewer, link = self.links[home]
        return own.outages_now(self.session, viewer)[link.public_id]

    def marked(self) -> set[str]:
        """Return the homes whose account is marked for the first page."""
        return {
            home
            for home, (viewer, _) in self.links.items()
            if linked_bills(self.session, viewer, mark=own.mark_now())[0].is_marked
        }

    def seeing(self) -> set[str]:
        """Return the homes that see an outage."""
        return {home for home in self.links if self.sees(home)}


@pytest.fixture
def street(session: Session) -> Street:
    provider, other = made.make_provider(session, phone="8 800 1"), made.make_provider(session)
    links = {}
    for home, (of, address, level) in {
        "10": (provider, "г. Рязань, ул. Ленина, д. 10, кв. 15", EXTENDED),
        "12": (provider, "г. Рязань, ул. Ленина, д. 12, кв. 1", EXTENDED),
        "12 basic": (provider, "г. Рязань, ул. Ленина, д. 12, кв. 2", BASIC),
        "Мира": (provider, "г. Рязань, ул. Мира, д. 12, кв. 2", EXTENDED),
        "gas": (other, "г. Рязань, ул. Ленина, д. 12, кв. 1", EXTENDED),
    }.items():
        viewer = make_viewer(session)
        links[home] = (
            viewer,
            made.make_link(session, viewer, made.make_account(session, of, address=address), level=level),
        )
    return Street(session, provider, links)


@pytest.mark.parametrize(
    ("where", "homes"),
    [
        (Where(STREET), {"10", "12", "12 basic"}),
        (Where(STREET, ("12",)), {"12", "12 basic"}),
        (Where("Ленина", ("д. 10",)), {"10"}),
        (Where("ЛЕНИНА УЛ.", ("10", "12")), {"10", "12", "12 basic"}),
        (Where(), {"10", "12", "12 basic", "Мира"}),
    ],
)
def test_it_is_seen_where_it_is(street: Street, where: Where, homes: set[str]) -> None:
    found = staff.preview(street.session, SYSTEM, new=new_outage(street.provider, where=where))
    assert found.accounts == len(homes)
    make_outage(street.session, street.provider, where=where)
    assert street.seeing() == homes
    # Neither neighbours nor other providers' accounts are marked for what concerns these.
    assert street.marked() == homes


def test_count_tells_which_places_have_such_a_street(street: Street) -> None:
    address = "с. Дубки, ул. Ленина, д. 3"
    made.make_account(street.session, street.provider, address=address)
    found = staff.preview(street.session, SYSTEM, new=new_outage(street.provider))
    assert (found.accounts, len(found.examples), found.examples[1]) == (4, 2, address)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (Where("ул. Лени"), "«ул. Лени»"),
        (Where("пер. Ленина"), "«пер. Ленина»"),
        (Where(STREET, ("1",)), "«ул. Ленина, 1»"),
        (Where(STREET, ("12", "13", "д. 14")), "«ул. Ленина, 13, д. 14»"),
        (Where("", ("12",)), "«12»"),
    ],
)
def test_an_address_that_fits_no_account_is_refused_by_name(street: Street, where: Where, told: str) -> None:
    with pytest.raises(AddressUnknown) as refusal:
        staff.preview(street.session, SYSTEM, new=new_outage(street.provider, where=where))
    assert told in refusal.value.message
    assert staff.staff_outages(street.session, SYSTEM) == []


def test_announcing_looks_through_no_addresses_because_nobody_else_can_write_meanwhile(
    street: Street, engine: Engine
) -> None:
    reach = staff.preview(street.session, SYSTEM, new=new_outage(street.provider))
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    staff.announce(street.session, SYSTEM, reach=reach)
    assert asked
    assert not [statement for statement in asked if "address" in statement]


def test_what_has_changed_since_the_count_is_looked_at_again(street: Street, held: HeldClock) -> None:
    reach = staff.preview(street.session, SYSTEM, new=new_outage(street.provider))
    foreign = street.links["gas"][1].account_id
    found = replace(reach, account_ids=(*reach.account_ids[1:], foreign, 404))
    staff.announce(street.session, SYSTEM, reach=found)
    stored = street.session.exec(select(OutageAccount.account_id)).all()
    assert sorted(stored) == sorted(reach.account_ids[1:])
    with pytest.raises(AddressUnknown):
        staff.announce(street.session, SYSTEM, reach=replace(reach, account_ids=(foreign,)))
    held.pass_(days=2)
    with pytest.raises(UntilPassed):
        staff.announce(street.session, SYSTEM, reach=reach)


def test_provider_without_accounts_announces_nothing(session: Session) -> None:
    with pytest.raises(NoAccounts):
        make_outage(session, made.make_provider(session), where=Where())


def test_at_extended_access_the_place_and_the_text_are_told(street: Street) -> None:
    make_outage(street.session, street.provider, where=Where(STREET, ("12",)))
    (view,) = street.sees("12")
    assert (view.title, view.badge, view.tone) == ("Отключение: холодная вода", "Плановое", "warn")
    assert (view.place, view.text, view.changed, view.late) == ("ул. Ленина, 12", TEXT, "", "")
    assert view.when.replace("\xa0", " ") == "Завтра с 12:00 до 20:00"


def test_at_basic_access_nothing_tells_the_address(street: Street) -> None:
    for where in (Where(STREET, ("12",)), Where()):
        make_outage(street.session, street.provider, where=where)
    viewer, link = street.links["12 basic"]
    page = own.own_outages(street.session, viewer)
    for view in (
        *street.sees("12 basic"),
        *own.outages_now(street.session, viewer, link_id=link.public_id)[link.public_id],
        *page.present,
    ):
        assert (view.place, view.text) == ("по вашему счёту", "")
        assert "Ленин" not in str(view)
        assert view.title == "Отключение: холодная вода"
    assert len(page.present) == 2


def test_outage_of_several_accounts_is_listed_once_and_names_them_all(street: Street) -> None:
    viewer, first = street.links["10"]
    first.own_name = "Квартира"
    account = made.make_account(street.session, street.provider, address="г. Рязань, ул. Ленина, д. 10, гараж 7")
    garage = made.make_link(street.session, viewer, account, level=EXTENDED)
    garage.own_name = "Гараж"
    make_outage(street.session, street.provider)
    ((link_id, (view,)),) = own.outages_now(street.session, viewer).items()
    assert link_id == first.public_id
    names = [each.name.partition(" · ")[0] for each in view.accounts]
    assert (names, [each.href for each in view.accounts]) == (
        ["Квартира", "Гараж"],
        [f"/account/{link.public_id}" for link in (first, garage)],
    )
    assert view.also == f"Касается также: Гараж · {numbered(account.number_shown)}"
    assert own.own_outages(street.session, viewer).present == (view,)
    # The page of an account speaks of that account alone.
    for link in (first, garage):
        (alone,) = own.outages_now(street.session, viewer, link_id=link.public_id)[link.public_id]
        assert (len(alone.accounts), alone.also) == (1, "")


def test_place_of_a_proved_account_does_not_tell_where_another_one_is(street: Street) -> None:
    viewer, proved = street.links["12"]
    basic = [
        made.make_link(street.session, viewer, made.make_account(street.session, street.provider, address=address))
        for address in ("г. Рязань, ул. Ленина, д. 12, кв. 3", "г. Рязань, ул. Ленина, д. 12, кв. 4")
    ]
    make_outage(street.session, street.provider, where=Where(STREET, ("12",)))
    known, hidden = own.own_outages(street.session, viewer).present
    assert (known.place, [each.href for each in known.accounts]) == (
        "ул. Ленина, 12",
        [f"/account/{proved.public_id}"],
    )
    assert (hidden.place, hidden.text) == ("по вашим счетам", "")
    assert [each.href for each in hidden.accounts] == [f"/account/{link.public_id}" for link in basic]


def test_it_is_shown_from_a_week_before_until_a_day_after(street: Street, held: HeldClock) -> None:
    make_outage(street.session, street.provider, begins_in=24 * 8)
    viewer, _ = street.links["10"]
    assert street.seeing() == set()
    assert len(own.own_outages(street.session, viewer).present) == 1
    held.pass_(days=1)
    assert street.sees("10")[0].when.startswith("30")
    held.pass_(days=7)
    assert street.sees("10")[0].badge == "Плановое"
    held.pass_(hours=8)
    assert street.sees("10")[0].badge == "Срок вышел"
    assert "8 800 1" in street.sees("10")[0].late
    assert street.sees("10")[0].title == "Отключение должно было закончиться: холодная вода"
    assert street.sees("10")[0].when.replace("\xa0", " ") == "Объявленное время: сегодня с 12:00 до 20:00"
    held.pass_(days=1)
    assert street.seeing() == set()
    assert [view.badge for view in own.own_outages(street.session, viewer).past] == ["Срок вышел"]
    held.pass_(days=29)
    assert own.own_outages(street.session, viewer) == own.OwnOutages((), ())


def test_the_end_is_shown_for_a_day(street: Street, held: HeldClock) -> None:
    number = make_outage(street.session, street.provider, begins_in=-1, kind=OutageKind.EMERGENCY).id or 0
    assert (street.sees("10")[0].badge, street.sees("10")[0].tone) == ("Авария", "bad")
    held.pass_(hours=1)
    staff.end(street.session, SYSTEM, number=number)
    view = street.sees("10")[0]
    assert (view.title, view.tone, view.text) == ("Подача возобновлена: холодная вода", "good", "")
    assert view.when.replace("\xa0", " ") == "Сообщили сегодня в 13:00"
    held.pass_(days=1)
    assert street.seeing() == set()


def test_cancelling_is_shown_for_a_day(street: Street, held: HeldClock) -> None:
    number = make_outage(street.session, street.provider).id or 0
    staff.cancel(street.session, SYSTEM, number=number)
    assert street.sees("10")[0].title == "Отключения не будет: холодная вода"
    held.pass_(days=1)
    assert street.seeing() == set()


def test_change_is_shown_with_its_time(street: Street, held: HeldClock) -> None:
    outage = make_outage(street.session, street.provider)
    held.pass_(minutes=5)
    staff.change(street.session, SYSTEM, number=outage.id or 0, text="Иначе.")
    view = street.sees("10")[0]
    assert (view.text, view.changed.replace("\xa0", " ")) == ("Иначе.", "Изменено сегодня в 12:05")


def test_only_other_times_are_news(street: Street) -> None:
    outage = make_outage(street.session, street.provider)
    number = outage.id or 0
    staff.change(street.session, SYSTEM, number=number, text="Иначе.")
    assert outage.revision == 1
    with pytest.raises(NothingToChange):
        staff.change(street.session, SYSTEM, number=number, text="Иначе.", ends_at=outage.ends_at)
    moved = new_outage(street.provider, begins_in=30)
    staff.change(street.session, SYSTEM, number=number, starts_at=moved.starts_at, ends_at=moved.ends_at)
    assert (outage.revision, outage.starts_at) == (2, moved.starts_at)


def test_what_goes_on_is_not_moved_or_cancelled_but_prolonged_even_late(street: Street, held: HeldClock) -> None:
    outage = make_outage(street.session, street.provider)
    number = outage.id or 0
    with pytest.raises(OutageNotBegun):
        staff.end(street.session, SYSTEM, number=number)
    held.pass_(hours=25)
    with pytest.raises(OutageBegun):
        staff.change(street.session, SYSTEM, number=number, starts_at=outage.ends_at)
    with pytest.raises(OutageBegun):
        staff.cancel(street.session, SYSTEM, number=number)
    held.pass_(hours=20)
    with pytest.raises(UntilPassed):
        staff.change(street.session, SYSTEM, number=number, ends_at=new_outage(street.provider, begins_in=-9).ends_at)
    staff.change(street.session, SYSTEM, number=number, ends_at=new_outage(street.provider, begins_in=0).ends_at)
    staff.end(street.session, SYSTEM, number=number)
    for use in (staff.end, staff.cancel):
        with pytest.raises(OutageOver):
            use(street.session, SYSTEM, number=number)
    with pytest.raises(OutageOver):
        staff.change(street.session, SYSTEM, number=number, text="Поздно")


def test_text_alone_is_changed_also_after_the_announced_end(street: Street, held: HeldClock) -> None:
    outage = make_outage(street.session, street.provider, begins_in=-1, lasts=2)
    held.pass_(hours=2)
    staff.change(street.session, SYSTEM, number=outage.id or 0, text="Работы затянулись.", ends_at=outage.ends_at)
    assert (street.sees("10")[0].text, outage.revision) == ("Работы затянулись.", 1)


def test_number_of_an_account_is_read_in_one_piece(street: Street) -> None:
    viewer = make_viewer(street.session)
    account = made.make_account(street.session, street.provider, number="48-11 20")
    link = made.make_link(street.session, viewer, account, level=EXTENDED)
    make_outage(street.session, street.provider, where=Where())
    (view,) = own.outages_now(street.session, viewer)[link.public_id]
    (name,) = [each.name for each in view.accounts]
    assert name.endswith(numbered("48-11 20"))
    assert not {"-", " "} & set(name.partition("№")[2])


def test_unknown_number_is_refused_as_a_foreign_one(session: Session) -> None:
    uses = (staff.end, staff.cancel, staff.change, staff.zone_of)
    for use in uses:
        with pytest.raises(Forbidden):
            use(session, SYSTEM, number=404)


def test_staff_sees_its_own_outages(street: Street) -> None:
    other = made.make_provider(street.session)
    made.make_account(street.session, other)
    make_outage(street.session, street.provider)
    make_outage(street.session, other, where=Where())
    seen = staff.staff_outages(street.session, made.make_operator(other.id))
    assert [(each.provider.id, each.named_accounts) for each in seen] == [(other.id, 0)]
    assert len(staff.staff_outages(street.session, SYSTEM)) == 2
    assert staff.staff_outages(street.session, SYSTEM, provider_id=street.provider.id)[0].named_accounts == 3


def test_disconnected_account_sees_nothing(street: Street, held: HeldClock) -> None:
    make_outage(street.session, street.provider)
    _, link = street.links["10"]
    link.ended_at = held.now
    street.session.add(link)
    street.session.flush()
    assert street.seeing() == {"12", "12 basic"}


def test_times_are_the_providers(session: Session) -> None:
    provider = made.make_provider(session, time_zone="Asia/Kamchatka")
    viewer, account = make_viewer(session), made.make_account(session, provider)
    link = made.make_link(session, viewer, account)
    make_outage(session, provider, begins_in=1, lasts=2)
    make_outage(session, provider, begins_in=1, lasts=12)
    first, second = own.outages_now(session, viewer)[link.public_id]
    assert first.when.replace("\xa0", " ") == "Сегодня с 22:00 до полуночи"
    assert second.when.replace("\xa0", " ") == "С 22 ноября, 22:00 до 23 ноября, 10:00"


def test_accounts_of_a_later_register_are_concerned_only_where_all_are(street: Street) -> None:
    make_outage(street.session, street.provider)
    make_outage(street.session, street.provider, where=Where())
    account = made.make_account(street.session, street.provider)
    viewer = make_viewer(street.session)
    link = made.make_link(street.session, viewer, account)
    assert len(own.outages_now(street.session, viewer)[link.public_id]) == 1


def test_many_accounts_and_outages_take_one_query(street: Street, engine: Engine) -> None:
    viewer, _ = street.links["10"]
    for _ in range(3):
        made.make_link(street.session, viewer, made.make_account(street.session, street.provider), level=EXTENDED)
        make_outage(street.session, street.provider)
    street.session.expunge_all()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    found = [view for views in own.outages_now(street.session, viewer).values() for view in views]
    assert [len(view.accounts) for view in found] == [2, 3, 4]
    assert len(asked) == 1


def test_refusal_leaves_nothing_behind(street: Street) -> None:
    with pytest.raises(PortalError):
        make_outage(street.session, street.provider, service="")
    assert street.session.exec(select(OutageAccount)).all() == []


def test_what_was_over_a_year_ago_is_forgotten(street: Street, held: HeldClock) -> None:
    numbers = [make_outage(street.session, street.provider, begins_in=begins_in).id or 0 for begins_in in (24, 24, 48)]
    staff.cancel(street.session, SYSTEM, number=numbers[0])
    staff.change(
        street.session, SYSTEM, number=numbers[1], ends_at=new_outage(street.provider, begins_in=72, lasts=1).ends_at
    )
    street.session.commit()

    def kept() -> list[int]:
        jobs._purge()
        street.session.expunge_all()
        concerned = set(street.session.exec(select(OutageAccount.outage_id)).all())
        found = list(street.session.exec(select(Outage.id).order_by(col(Outage.id))).all())
        street.session.commit()
        assert set(found) == concerned
        return [number or 0 for number in found]

    held.pass_(days=365)
    assert kept() == numbers
    held.pass_(hours=1)
    # The cancelled one was over at once.
    assert kept() == numbers[1:]
    held.pass_(hours=56)
    assert kept() == numbers[1:2]
    held.pass_(hours=17)
    assert kept() == []


def test_index_finds_the_outages_of_a_provider_that_are_not_over(street: Street, engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    own.outages_now(street.session, street.links["10"][0])
    ((statement, values),) = asked
    if engine.dialect.name == "postgresql":
        # Otherwise it reads a table as small as this one as a whole.
        street.session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    how = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    plan = str(street.session.connection().exec_driver_sql(f"{how} {statement}", values).all())
    assert "ix_outage_provider_id_over_at" in plan
    assert re.search(r"over_at ?>", plan)
