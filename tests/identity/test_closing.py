"""Closing a cabinet, taking it back, and what identity erases."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from lkk_reflex.identity import audit, closing, consents, notices, sessions
from lkk_reflex.identity.closing import GRACE
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import CabinetErased, OwnPasswordWrong, WrongPair
from lkk_reflex.identity.models import (
    AuditEvent,
    CabinetClosing,
    Consent,
    DestructionAct,
    NoticeEvent,
    Subscriber,
    SubscriberSession,
)
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import crypto
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.notifications.models import OutboxMessage
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal
from tests.support.portal import SECRET

LOGIN = "ivan@mail.ru"
SYSTEM = Viewer.system()


@pytest.fixture
def ivan(portal: Portal) -> Viewer:
    """A signed-in subscriber."""
    answer = portal.registered(LOGIN)
    return viewer_of(answer.session_token)


def viewer_of(token: str | None) -> Viewer:
    found = sessions.resolve_session(token or "", ANYBODY.address)
    assert found
    return found


def closed(portal: Portal, ivan: Viewer) -> Viewer:
    """Close the cabinet, sign in again, and return who may take it back."""
    closing.close(ivan, password=PASSWORD)
    browser = Browser(device_token=device_of(portal))
    return viewer_of(portal.sign_in(LOGIN, browser=browser).session_token)


def device_of(portal: Portal) -> str:
    """Let the password be enough: the test is not about new devices."""
    answer = portal.sign_in(LOGIN)
    if answer.device_token:
        return answer.device_token
    assert answer.flow_token
    with unit_of_work() as session:
        ticket = sessions.confirm_device(
            session, ANYBODY, flow_token=answer.flow_token, code=portal.last_letter().code, browser=Browser()
        )
    token = portal.redeem(ticket).device_token
    assert token
    portal.clock.pass_(minutes=2)
    return token


def only_id() -> int:
    with reading() as session:
        (row,) = session.exec(select(CabinetClosing)).all()
    return row.id or 0


def due() -> list[int]:
    with reading() as session:
        return closing.due(session, SYSTEM)


def finish() -> None:
    with unit_of_work() as session:
        closing.finish(session, SYSTEM, closing_id=only_id())


def actions() -> list[str]:
    with reading() as session:
        return [row.action for row in session.exec(select(AuditEvent)).all()]


def test_closing_ends_every_session_and_says_so_in_the_last_message(portal: Portal, ivan: Viewer) -> None:
    other = viewer_of(portal.sign_in(LOGIN, browser=Browser(device_token=device_of(portal))).session_token)
    portal.clock.pass_(minutes=1)
    closing.close(ivan, password=PASSWORD)
    with reading() as session:
        assert all(row.revoked_at for row in session.exec(select(SubscriberSession)).all())
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (LOGIN, "cabinet_closed")
    assert "22.12.2026" in letter.body
    assert "cabinet.closed" in actions()
    assert other.subscriber_id == ivan.subscriber_id


def test_wrong_password_closes_nothing(portal: Portal, ivan: Viewer) -> None:
    with pytest.raises(OwnPasswordWrong):
        closing.close(ivan, password="wrong")
    with reading() as session:
        assert session.exec(select(CabinetClosing)).all() == []


def test_closing_twice_is_closing_once(portal: Portal, ivan: Viewer) -> None:
    for _ in range(2):
        closing.close(ivan, password=PASSWORD)
    assert only_id()
    assert [letter.template for letter in portal.letters()].count("cabinet_closed") == 1


def test_notices_stop(portal: Portal, ivan: Viewer) -> None:
    closing.close(ivan, password=PASSWORD)
    before = len(portal.letters())
    with unit_of_work() as session:
        notices.tell(
            session,
            subscriber_id=ivan.require_subscriber(),
            event=NoticeEvent.PASSWORD_CHANGED,
            template="password_changed",
            params={"at": "сейчас"},
            dedupe_key="x",
        )
    assert len(portal.letters()) == before


def test_who_signs_in_meanwhile_may_do_nothing_but_take_it_back(portal: Portal, ivan: Viewer) -> None:
    viewer = closed(portal, ivan)
    assert viewer.role is Role.CLOSED
    with pytest.raises(SignInRequired):
        viewer.require_subscriber()
    with reading() as session:
        shown = closing.closed_cabinet(session, viewer)
    assert (shown.until, shown.is_over) == ("22.12.2026", False)
    with unit_of_work() as session:
        closing.take_back(session, viewer)
    answer = portal.sign_in(LOGIN, browser=Browser(device_token=device_of(portal)))
    assert viewer_of(answer.session_token).role is Role.SUBSCRIBER
    assert "cabinet.returned" in actions()
    portal.clock.pass_(days=40)
    assert due() == []


def test_cabinet_that_was_taken_back_can_be_closed_again(portal: Portal, ivan: Viewer) -> None:
    viewer = closed(portal, ivan)
    for _ in range(2):
        with unit_of_work() as session:
            closing.take_back(session, viewer)
    closing.close(ivan, password=PASSWORD)
    with reading() as session:
        closings = session.exec(select(CabinetClosing).order_by(col(CabinetClosing.id))).all()
        assert [row.returned_at is None for row in closings] == [False, True]


def test_the_last_moment_belongs_to_the_erasing(portal: Portal, ivan: Viewer) -> None:
    viewer = closed(portal, ivan)
    with reading() as session:
        erase_after = session.get_one(CabinetClosing, only_id()).erase_after
    portal.clock.now = erase_after - timedelta(seconds=1)
    assert due() == []
    with unit_of_work() as session:
        assert closing.subscriber_to_erase(session, SYSTEM, closing_id=only_id()) is None
    portal.clock.now = erase_after
    assert due() == [only_id()]
    with pytest.raises(CabinetErased), unit_of_work() as session:
        closing.take_back(session, viewer)
    with reading() as session:
        assert closing.closed_cabinet(session, viewer).is_over


def test_erasing_frees_the_login_and_leaves_only_what_the_law_wants(portal: Portal, ivan: Viewer) -> None:
    closed(portal, ivan)
    portal.clock.pass_(days=GRACE.days)
    finish()
    with reading() as session:
        person = session.get_one(Subscriber, ivan.subscriber_id)
        assert LOGIN not in (person.login, person.password_hash)
        assert person.password_hash == ""
        assert session.exec(select(SubscriberSession)).all() == []
        assert session.exec(select(OutboxMessage)).all() == []
        rows = session.exec(select(AuditEvent)).all()
        assert rows
        assert {row.address for row in rows} == {""}
        consent = session.exec(select(Consent)).one()
        assert consent.text_hash
        assert not consents.is_given(session, subscriber_id=ivan.require_subscriber(), kind=consent.kind)
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN)
    portal.clock.pass_(minutes=2)
    again = viewer_of(portal.registered(LOGIN).session_token)
    assert again.subscriber_id != ivan.subscriber_id
    assert again.role is Role.SUBSCRIBER


def test_nothing_stays_that_was_stored_under_an_older_secret_of_the_installation(portal: Portal, ivan: Viewer) -> None:
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN, "wrong")
    closed(portal, ivan)
    crypto.bind(Keyring(("another-secret-of-the-tests-that-is-long-enough", SECRET)))
    portal.clock.pass_(days=GRACE.days)
    finish()
    with reading() as session:
        assert session.exec(select(OutboxMessage)).all() == []
        assert {row.address for row in session.exec(select(AuditEvent))} == {""}


def test_act_names_what_was_destroyed_and_answers_who_names_the_login(portal: Portal, ivan: Viewer) -> None:
    closed(portal, ivan)
    portal.clock.pass_(days=GRACE.days)
    with unit_of_work() as session:
        closing.note_step(session, closing_id=only_id(), name="tickets", counts={"Обращения": 3})
    finish()
    with reading() as session:
        row = session.exec(select(DestructionAct)).one()
        (act,) = closing.acts(session, SYSTEM)
    assert row.login_hash == audit.hashed(LOGIN)
    assert LOGIN not in json.dumps(row.model_dump(mode="json"))
    assert (act.cabinet, act.company) == (ivan.subscriber_id, "Горводоканал")
    assert act.counts["Обращения"] == 3
    assert act.counts["Логин и пароль"] == 1
    assert act.counts["Сеансы с адресами в сети"] >= 1
    assert "152-ФЗ" in act.reason


def test_erasing_twice_changes_nothing(portal: Portal, ivan: Viewer) -> None:
    closed(portal, ivan)
    portal.clock.pass_(days=GRACE.days)
    finish()
    before = actions()
    finish()
    assert actions() == before
    assert due() == []


def test_other_people_are_not_touched(portal: Portal, ivan: Viewer) -> None:
    portal.registered("anna@mail.ru")
    closed(portal, ivan)
    portal.clock.pass_(days=GRACE.days)
    finish()
    with reading() as session:
        logins = {row.login for row in session.exec(select(Subscriber)).all()}
        addresses = {
            row.address
            for row in session.exec(select(AuditEvent)).all()
            if row.subscriber_id not in (ivan.subscriber_id, None)
        }
        owners = {row.subscriber_id for row in session.exec(select(SubscriberSession)).all()}
    assert "anna@mail.ru" in logins
    assert ANYBODY.address in addresses
    assert owners
    assert ivan.subscriber_id not in owners


SUBSCRIBER = Viewer(role=Role.SUBSCRIBER, subscriber_id=1)
OPERATOR = Viewer(role=Role.OPERATOR, provider_ids=frozenset({1}))
Use = Callable[[Session, Viewer], object]
FOR_THE_CLOSED: dict[str, Use] = {"closed_cabinet": closing.closed_cabinet, "take_back": closing.take_back}
FOR_THE_SYSTEM: dict[str, Use] = {
    "due": closing.due,
    "acts": closing.acts,
    "subscriber_to_erase": lambda session, viewer: closing.subscriber_to_erase(session, viewer, closing_id=1),
    "finish": lambda session, viewer: closing.finish(session, viewer, closing_id=1),
}


@pytest.mark.parametrize("use", FOR_THE_CLOSED)
@pytest.mark.parametrize("viewer", [Viewer(), SUBSCRIBER, OPERATOR, SYSTEM])
def test_only_who_has_closed_a_cabinet_may_take_it_back(portal: Portal, use: str, viewer: Viewer) -> None:
    with pytest.raises(SignInRequired), unit_of_work() as session:
        FOR_THE_CLOSED[use](session, viewer)


def test_a_stranger_s_closed_cabinet_stays_closed(portal: Portal, ivan: Viewer) -> None:
    closing.close(ivan, password=PASSWORD)
    stranger = Viewer(role=Role.CLOSED, subscriber_id=(ivan.subscriber_id or 0) + 1)
    with unit_of_work() as session:
        closing.take_back(session, stranger)
    with reading() as session:
        assert session.get_one(CabinetClosing, only_id()).returned_at is None


@pytest.mark.parametrize("use", FOR_THE_SYSTEM)
@pytest.mark.parametrize("viewer", [Viewer(), SUBSCRIBER, OPERATOR])
def test_only_the_system_erases(portal: Portal, use: str, viewer: Viewer) -> None:
    with pytest.raises(Forbidden), unit_of_work() as session:
        FOR_THE_SYSTEM[use](session, viewer)


@pytest.mark.parametrize("viewer", [Viewer(), OPERATOR, SYSTEM, Viewer(role=Role.CLOSED, subscriber_id=1)])
def test_only_a_subscriber_closes_a_cabinet(portal: Portal, viewer: Viewer) -> None:
    with pytest.raises(PortalError, match=r"portal\.sign_in_required"):
        closing.close(viewer, password=PASSWORD)
