"""Doing without the paper bill: who may ask for it, when it ends, what the company is told."""

import threading

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from lkk_reflex.accounts import linking, own_data, owner_change, paperless
from lkk_reflex.accounts.errors import ExtendedAccessRequired, NoNewsOfBills
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PaperlessChoice
from lkk_reflex.accounts.paperless import PaperlessAccount
from lkk_reflex.identity import notice_choices
from lkk_reflex.identity.models import AuditEvent, NoticeEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.notifications.models import Channel
from tests.factories.accounts import ADDRESS, make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import HeldClock

SYSTEM = Viewer.system()


class House:
    """An account that Anna has proved, and Boris has only connected."""

    def __init__(self, clock: HeldClock) -> None:
        self.clock = clock
        with unit_of_work() as session:
            provider = make_provider(session)
            account = make_account(session, provider, number="1000123456")
            make_account(session, provider)
            self.provider_id, self.account_id = provider.id or 0, account.id or 0
            self.anna, self.boris = make_viewer(session), make_viewer(session)
            self.link_id = make_link(session, self.anna, account, level=LinkLevel.EXTENDED).public_id
            self.basic_link_id = make_link(session, self.boris, account).public_id

    def choose(self, *, wants_paper: bool = False) -> None:
        """Press Anna's button."""
        with unit_of_work() as session:
            paperless.choose_paper(session, self.anna, public_id=self.link_id, wants_paper=wants_paper)

    def is_paperless(self) -> bool:
        with reading() as session:
            return paperless.is_paperless(session, self.anna, public_id=self.link_id)

    def listed(self) -> list[PaperlessAccount]:
        with reading() as session:
            return paperless.paperless_accounts(session, SYSTEM, provider_id=self.provider_id)

    def is_heeded(self) -> bool:
        with reading() as session:
            return paperless.is_heeded(session, self.anna, public_id=self.link_id)

    def boris_chooses(self) -> None:
        """Let Boris prove the account and press the button too."""
        with unit_of_work() as session:
            link = session.exec(select(AccountLink).where(AccountLink.public_id == self.basic_link_id)).one()
            link.level = LinkLevel.EXTENDED
            session.add(link)
        with unit_of_work() as session:
            paperless.choose_paper(session, self.boris, public_id=self.basic_link_id, wants_paper=False)

    def audit(self) -> list[tuple[str, str, int | None]]:
        with reading() as session:
            rows = session.exec(
                select(AuditEvent).where(col(AuditEvent.action).startswith("paperless")).order_by(col(AuditEvent.id))
            )
            return [(row.action, row.actor_role, row.subscriber_id) for row in rows]


def told_of_bills(viewer: Viewer, *, is_told: bool) -> None:
    """Tick every box of the letters, or all but that of a new bill."""
    wishes = {(event, Channel.EMAIL) for event in NoticeEvent if is_told or event is not NoticeEvent.NEW_BILL}
    with unit_of_work() as session:
        notice_choices.choose(session, viewer, wishes=wishes)


@pytest.fixture
def house(portal: Engine, held: HeldClock) -> House:
    """An account, its owner and a guest."""
    return House(held)


def test_paper_comes_until_it_is_refused(house: House) -> None:
    assert not house.is_paperless()
    assert house.listed() == []


def test_who_would_hear_nothing_of_a_new_bill_keeps_the_paper(house: House) -> None:
    told_of_bills(house.anna, is_told=False)
    with pytest.raises(NoNewsOfBills):
        house.choose()
    assert not house.is_paperless()
    told_of_bills(house.anna, is_told=True)
    house.choose()
    told_of_bills(house.anna, is_told=False)
    house.choose(wants_paper=True)
    assert not house.is_paperless()


def test_choice_is_kept_with_its_time_and_its_person_and_told_to_the_company(house: House) -> None:
    house.choose()
    assert house.is_paperless()
    assert house.listed() == [PaperlessAccount("1000123456", ADDRESS, house.clock.now)]
    assert house.audit() == [("paperless.chosen", "subscriber", house.anna.subscriber_id)]


def test_choice_is_taken_back_and_made_again(house: House) -> None:
    house.choose()
    house.choose(wants_paper=True)
    assert not house.is_paperless()
    assert house.listed() == []
    house.clock.pass_(days=1)
    house.choose()
    assert house.listed()[0].since == house.clock.now
    assert [action for action, *_ in house.audit()] == ["paperless.chosen", "paperless.ended", "paperless.chosen"]


def test_asking_twice_changes_nothing(house: House) -> None:
    house.choose(wants_paper=True)
    house.choose()
    since = house.clock.now
    house.clock.pass_(hours=1)
    house.choose()
    assert house.listed()[0].since == since
    assert len(house.audit()) == 1


def test_two_clicks_at_once_make_one_choice(house: House) -> None:
    clicks = [threading.Thread(target=house.choose) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert house.is_paperless()
    assert len(house.audit()) == 1


def test_basic_access_does_not_stop_the_paper_of_others(house: House) -> None:
    with pytest.raises(ExtendedAccessRequired), unit_of_work() as session:
        paperless.choose_paper(session, house.boris, public_id=house.basic_link_id, wants_paper=False)
    assert house.listed() == []


def test_stranger_chooses_nothing_for_anna(house: House) -> None:
    for use in (paperless.is_paperless, lambda *_, **named: paperless.choose_paper(*_, **named, wants_paper=False)):
        with pytest.raises(Forbidden), unit_of_work() as session:
            use(session, house.boris, public_id=house.link_id)


def test_disconnecting_ends_the_choice_and_connecting_anew_does_not_bring_it_back(house: House) -> None:
    house.choose()
    with unit_of_work() as session:
        linking.disconnect(session, house.anna, public_id=house.link_id)
    assert house.listed() == []
    assert house.audit()[-1][0] == "paperless.ended"
    house.clock.pass_(hours=1)
    with unit_of_work() as session:
        linking.connect(session, house.anna, provider_id=house.provider_id, typed="1000123456")
        link = session.exec(select(AccountLink).where(AccountLink.public_id == house.link_id)).one()
        link.level = LinkLevel.EXTENDED
        session.add(link)
    assert not house.is_paperless()
    assert house.listed() == []


@pytest.mark.parametrize("was_chosen", [True, False])
def test_disconnection_that_is_taken_back_leaves_the_choice_as_it_was(house: House, *, was_chosen: bool) -> None:
    house.choose()
    if not was_chosen:
        house.choose(wants_paper=True)
        house.clock.pass_(hours=1)
    with unit_of_work() as session:
        linking.disconnect(session, house.anna, public_id=house.link_id)
    house.clock.pass_(minutes=1)
    with unit_of_work() as session:
        linking.take_back_disconnection(session, house.anna, public_id=house.link_id)
    assert house.is_paperless() is was_chosen
    assert len(house.listed()) == was_chosen


def test_choice_comes_back_with_the_connection_though_time_goes_on_while_it_ends(house: House) -> None:
    house.choose()
    with clock.clock_from(clock.system_time):
        with unit_of_work() as session:
            linking.disconnect(session, house.anna, public_id=house.link_id)
        with unit_of_work() as session:
            linking.take_back_disconnection(session, house.anna, public_id=house.link_id)
    assert house.is_paperless()


def test_new_owner_of_the_flat_gets_paper_again(house: House) -> None:
    house.choose()
    with unit_of_work() as session:
        owner_change.end_links(session, SYSTEM, provider_id=house.provider_id, number="1000123456")
    assert house.listed() == []
    assert house.audit()[-1][:2] == ("paperless.ended", "system")
    with unit_of_work() as session:
        linking.take_back_disconnection(session, house.anna, public_id=house.link_id)
    assert not house.is_paperless()


def test_account_is_listed_once_however_many_of_its_owners_have_asked(house: House) -> None:
    house.choose()
    since = house.clock.now
    house.clock.pass_(days=1)
    house.boris_chooses()
    assert house.listed() == [PaperlessAccount("1000123456", ADDRESS, since)]


def test_who_has_switched_the_letters_off_since_gets_paper_again_until_they_are_on(house: House) -> None:
    house.choose()
    since = house.clock.now
    assert house.is_heeded()
    told_of_bills(house.anna, is_told=False)
    assert house.listed() == []
    assert house.is_paperless()
    assert not house.is_heeded()
    told_of_bills(house.anna, is_told=True)
    assert house.listed() == [PaperlessAccount("1000123456", ADDRESS, since)]
    assert house.is_heeded()


def test_account_is_without_paper_while_one_of_those_who_have_asked_is_told(house: House) -> None:
    house.choose()
    house.clock.pass_(days=1)
    house.boris_chooses()
    told_of_bills(house.anna, is_told=False)
    assert house.listed() == [PaperlessAccount("1000123456", ADDRESS, house.clock.now)]
    assert house.is_heeded()
    told_of_bills(house.boris, is_told=False)
    assert house.listed() == []
    assert not house.is_heeded()


def test_asking_twice_changes_nothing_also_when_the_letters_are_off(house: House) -> None:
    house.choose()
    told_of_bills(house.anna, is_told=False)
    house.choose()
    assert house.is_paperless()
    assert len(house.audit()) == 1


def test_own_copy_tells_the_choices_and_erasing_deletes_them(house: House) -> None:
    house.choose()
    with reading() as session:
        tables = {table.name: table for table in own_data.own_tables(session, house.anna)}
        others = {table.name: table for table in own_data.own_tables(session, house.boris)}
    assert tables["paperless"].rows == [("Горводоканал", "1000123456", house.clock.now, None)]
    assert others["paperless"].rows == []
    with unit_of_work() as session:
        own_data.erase(session, SYSTEM, subscriber_id=house.anna.require_subscriber())
        assert session.exec(select(PaperlessChoice)).all() == []
