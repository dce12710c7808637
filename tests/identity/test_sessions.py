"""Signing in, and what a session is good for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from lkk_reflex.identity import sessions, tickets
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import PasswordMissing, ResetNeeded, TicketUnusable, WrongPair, WrongPairWait
from lkk_reflex.identity.models import AuditEvent, Subscriber, SubscriberSession
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import FormRefused, SignInRequired
from lkk_reflex.kit.passwords import needs_rehash
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.kit.tokens import token_hash
from tests.factories.identity import PASSWORD, make_subscriber
from tests.identity.conftest import ANYBODY, Portal

LOGIN = "ivan@mail.ru"


def viewer_of(token: str | None) -> Viewer:
    viewer = sessions.resolve_session(token or "")
    assert viewer
    return viewer


def test_known_device_and_right_password_sign_in(portal: Portal) -> None:
    browser = Browser(device_token=portal.registered(LOGIN).device_token)
    answer = portal.sign_in("IVAN@mail.ru", browser=browser)
    assert answer.path == "/cabinet"
    viewer = viewer_of(answer.session_token)
    assert viewer.role is Role.SUBSCRIBER
    assert answer.device_token == browser.device_token


def test_new_device_must_confirm_by_code_every_time(portal: Portal) -> None:
    portal.registered(LOGIN)
    browser = Browser()
    answer = portal.sign_in(LOGIN, browser=browser)
    assert (answer.path, answer.session_token) == ("/sign-in/code", None)
    letter = portal.last_letter()
    assert letter.template == "sign_in_code"
    with unit_of_work() as session:
        ticket = sessions.confirm_device(
            session, ANYBODY, flow_token=answer.flow_token, code=letter.code, browser=Browser()
        )
    assert portal.last_letter().template == "new_sign_in"
    confirmed = portal.redeem(ticket)
    assert confirmed.session_token
    known = Browser(device_token=confirmed.device_token)
    assert portal.sign_in(LOGIN, browser=known).session_token
    portal.clock.pass_(minutes=2)
    assert portal.sign_in(LOGIN).path == "/sign-in/code"


def test_device_of_another_subscriber_is_not_known(portal: Portal) -> None:
    browser = Browser(device_token=portal.registered("anna@mail.ru").device_token)
    portal.registered(LOGIN)
    assert portal.sign_in(LOGIN, browser=browser).path == "/sign-in/code"


def test_two_sign_ins_of_one_browser_at_once_both_succeed(portal: Portal) -> None:
    with unit_of_work() as session:
        subscriber_id = make_subscriber(session).id or 0
        issued = [tickets.for_session(session, subscriber_id) for _ in range(6)]
    together = Barrier(len(issued))

    def redeemed(ticket: str) -> str | None:
        together.wait()
        return portal.redeem(ticket, Browser(device_token="of another member of the family")).session_token

    with ThreadPoolExecutor(len(issued)) as pool:
        assert all(pool.map(redeemed, issued))


def test_standard_profile_needs_no_code_but_tells_the_owner(standard_portal: Portal) -> None:
    standard_portal.registered(LOGIN)
    assert standard_portal.sign_in(LOGIN).session_token
    assert standard_portal.last_letter().template == "new_sign_in"


def test_every_sign_in_gets_a_new_token_and_ends_the_former_one(portal: Portal) -> None:
    first = portal.registered(LOGIN)
    browser = Browser(device_token=first.device_token, session_token=first.session_token)
    second = portal.sign_in(LOGIN, browser=browser)
    assert second.session_token != first.session_token
    assert sessions.resolve_session(first.session_token or "") is None


def test_only_the_hash_of_a_token_is_stored(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    with reading() as session:
        row = session.exec(select(SubscriberSession)).one()
    assert row.token_hash == token_hash(answer.session_token or "")
    assert str(answer.session_token) not in str(row.model_dump())


@pytest.mark.parametrize("password", [PASSWORD[:-1], PASSWORD.swapcase(), PASSWORD + " ", " ", "x" * 5000])
def test_other_passwords_are_refused(portal: Portal, password: str) -> None:
    portal.registered(LOGIN)
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN, password)


def test_empty_fields_are_told_together_and_spend_no_try(portal: Portal) -> None:
    portal.registered(LOGIN)
    for _ in range(5):
        with pytest.raises(PasswordMissing):
            portal.sign_in(LOGIN, "")
    with pytest.raises(FormRefused) as both:
        portal.sign_in("", "")
    assert [problem.field for problem in both.value.problems] == ["login", "password"]
    with pytest.raises(WrongPair) as refusal:
        portal.sign_in(LOGIN, "Wrong12")
    assert refusal.value.message.endswith("Осталось попыток: 2.")


def test_wrong_password_says_how_many_tries_are_left_and_then_waits_longer_and_longer(portal: Portal) -> None:
    portal.registered(LOGIN)
    for left in (2, 1):
        with pytest.raises(WrongPair) as refusal:
            portal.sign_in(LOGIN, "Wrong12")
        assert refusal.value.message.endswith(f"Осталось попыток: {left}.")
    for wait in (30, 60, 120):
        with pytest.raises(WrongPairWait) as waiting:
            portal.sign_in(LOGIN, "Wrong12")
        assert waiting.value.params == {"wait": f"{wait} с" if wait < 120 else "2 мин"}
        with pytest.raises(TooManyAttempts):
            portal.sign_in(LOGIN, PASSWORD)
        portal.clock.pass_(seconds=wait)
    assert portal.sign_in(LOGIN, PASSWORD).path == "/sign-in/code"


def test_right_password_clears_the_failures(portal: Portal) -> None:
    portal.registered(LOGIN)
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(WrongPair):
                portal.sign_in(LOGIN, "Wrong12")
        portal.sign_in(LOGIN)


def test_ten_wrong_passwords_a_day_lead_to_a_new_password(portal: Portal) -> None:
    portal.registered(LOGIN)
    for _ in range(10):
        with pytest.raises(WrongPair):
            portal.sign_in(LOGIN, "Wrong12")
        portal.clock.pass_(hours=1)
    with pytest.raises(ResetNeeded):
        portal.sign_in(LOGIN)
    portal.clock.pass_(hours=14)
    assert portal.sign_in(LOGIN).path == "/sign-in/code"


def test_strangers_failures_do_not_lock_out_a_known_device(portal: Portal) -> None:
    home = Browser(device_token=portal.registered(LOGIN).device_token)
    for _ in range(12):
        with pytest.raises((WrongPair, TooManyAttempts, ResetNeeded)):
            portal.sign_in(LOGIN, "Wrong12", viewer=Viewer(address="198.51.100.1"))
        portal.clock.pass_(hours=1)
    with pytest.raises(ResetNeeded):
        portal.sign_in(LOGIN)
    assert portal.sign_in(LOGIN, browser=home).session_token


def test_stolen_device_cookie_gives_few_tries_too(portal: Portal) -> None:
    home = Browser(device_token=portal.registered(LOGIN).device_token)
    for _ in range(3):
        with pytest.raises(WrongPair):
            portal.sign_in(LOGIN, "Wrong12", browser=home)
    with pytest.raises(TooManyAttempts):
        portal.sign_in(LOGIN, browser=home)


def test_one_address_may_not_try_many_logins(portal: Portal) -> None:
    for number in range(20):
        with pytest.raises(WrongPair):
            portal.sign_in(f"person{number}@mail.ru")
    portal_viewer = Viewer(address="203.0.113.8")
    with pytest.raises(TooManyAttempts):
        portal.sign_in("person20@mail.ru")
    with pytest.raises(WrongPair):
        portal.sign_in("person20@mail.ru", viewer=portal_viewer)


def test_password_hash_is_upgraded_when_its_parameters_are_old(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    device = portal.registered(LOGIN).device_token
    weaker = portal.hashing
    stronger = type(weaker)()
    stronger._context.update(argon2__time_cost=2)
    monkeypatch.setattr("lkk_reflex.kit.passwords._context", stronger)
    with reading() as session:
        assert needs_rehash(session.exec(select(Subscriber)).one().password_hash)
    portal.sign_in(LOGIN, browser=Browser(device_token=device))
    with reading() as session:
        assert not needs_rehash(session.exec(select(Subscriber)).one().password_hash)
    assert portal.sign_in(LOGIN, browser=Browser(device_token=device)).session_token


def test_session_ends_after_a_week_without_use(portal: Portal) -> None:
    token = portal.registered(LOGIN).session_token or ""
    for _ in range(3):
        portal.clock.pass_(days=6)
        assert sessions.resolve_session(token)
    portal.clock.pass_(days=7)
    assert sessions.resolve_session(token) is None


def test_session_ends_after_thirty_days_of_use(portal: Portal) -> None:
    token = portal.registered(LOGIN).session_token or ""
    for _ in range(5):
        portal.clock.pass_(days=5)
        assert sessions.resolve_session(token)
    portal.clock.pass_(days=5)
    assert sessions.resolve_session(token) is None


def test_looking_at_a_page_costs_one_query_and_rarely_writes(portal: Portal) -> None:
    token = portal.registered(LOGIN).session_token or ""
    sessions.resolve_session(token)
    before = portal.queries
    sessions.resolve_session(token)
    assert portal.queries == before + 1
    portal.clock.pass_(minutes=5)
    sessions.resolve_session(token)
    assert portal.queries == before + 3


def test_unknown_token_is_nobody(portal: Portal) -> None:
    for token in ("", "x" * 43, "\x00", "' OR 1=1 --"):
        assert sessions.resolve_session(token) is None


def test_signing_out_ends_the_session_at_once(portal: Portal) -> None:
    token = portal.registered(LOGIN).session_token or ""
    with unit_of_work() as session:
        sessions.sign_out(session, ANYBODY, session_token=token)
    assert sessions.resolve_session(token) is None
    with unit_of_work() as session:
        sessions.sign_out(session, ANYBODY, session_token=token)


def test_own_sessions_are_listed_and_can_be_ended(portal: Portal) -> None:
    phone = portal.registered(LOGIN)
    laptop = portal.sign_in(LOGIN, browser=Browser(device_token=phone.device_token, user_agent="Firefox Windows"))
    viewer = viewer_of(laptop.session_token)
    with unit_of_work() as session:
        shown = sessions.own_sessions(session, viewer)
        assert [one.is_this_one for one in shown] == [True, False]
        assert (shown[0].device, shown[0].last_seen) == ("Firefox, Windows", "сейчас")
        assert shown[0].opened == "22\N{NO-BREAK SPACE}ноября, 12:02"
        sessions.revoke(session, viewer, public_id=shown[1].public_id)
    assert sessions.resolve_session(phone.session_token or "") is None
    assert sessions.resolve_session(laptop.session_token or "")


def test_session_of_somebody_else_cannot_be_ended(portal: Portal) -> None:
    victim = portal.registered(LOGIN)
    stranger = viewer_of(portal.registered("anna@mail.ru").session_token)
    with unit_of_work() as session:
        shown = sessions.own_sessions(session, viewer_of(victim.session_token))
        sessions.revoke(session, stranger, public_id=shown[0].public_id)
    assert sessions.resolve_session(victim.session_token or "")


@pytest.mark.parametrize("keep_this", [True, False])
def test_all_sessions_can_be_ended(portal: Portal, keep_this: bool) -> None:
    phone = portal.registered(LOGIN)
    laptop = portal.sign_in(LOGIN, browser=Browser(device_token=phone.device_token))
    with unit_of_work() as session:
        sessions.sign_out_everywhere(session, viewer_of(laptop.session_token), keep_this=keep_this)
    assert sessions.resolve_session(phone.session_token or "") is None
    assert (sessions.resolve_session(laptop.session_token or "") is not None) is keep_this


def test_sign_in_that_has_not_reached_its_browser_ends_with_all_sessions(portal: Portal) -> None:
    phone = portal.registered(LOGIN)
    ticket = sessions.sign_in(ANYBODY, login=LOGIN, password=PASSWORD, browser=Browser(device_token=phone.device_token))
    with unit_of_work() as session:
        sessions.sign_out_everywhere(session, viewer_of(phone.session_token), keep_this=True)
    with pytest.raises(TicketUnusable):
        portal.redeem(ticket)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_only_subscribers_have_sessions(portal: Portal, role: Role) -> None:
    viewer = Viewer(role=role)
    with unit_of_work() as session:
        with pytest.raises(SignInRequired):
            sessions.own_sessions(session, viewer)
        with pytest.raises(SignInRequired):
            sessions.revoke(session, viewer, public_id="x")
        with pytest.raises(SignInRequired):
            sessions.sign_out_everywhere(session, viewer, keep_this=False)


def test_attempts_are_in_the_audit_without_login_and_password(portal: Portal) -> None:
    portal.registered(LOGIN)
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN, "Wrong12")
    with pytest.raises(WrongPair):
        portal.sign_in("nobody@mail.ru", "Wrong12")
    portal.sign_in(LOGIN)
    with reading() as session:
        rows = session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).all()
    actions = [row.action for row in rows]
    assert actions.count("sign_in.refused") == 2
    assert "sign_in.accepted" in actions
    assert "cabinet.created" in actions
    text = str([row.model_dump() for row in rows])
    for secret in (LOGIN, "nobody@mail.ru", "Wrong12", PASSWORD):
        assert secret not in text


@pytest.mark.parametrize("change", [lambda _, row: setattr(row, "action", "nothing"), Session.delete])
def test_rows_of_the_audit_are_never_changed(portal: Portal, change: Callable[[Session, AuditEvent], None]) -> None:
    portal.registered(LOGIN)
    with reading() as session:
        row = session.exec(select(AuditEvent)).all()[0]
        change(session, row)
        with pytest.raises(RuntimeError, match="never changed"):
            session.flush()


def test_factory_makes_subscribers_who_can_sign_in(portal: Portal) -> None:
    with unit_of_work() as session:
        login = make_subscriber(session).login
    assert portal.sign_in(login).path == "/sign-in/code"
