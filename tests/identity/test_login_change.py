"""Changing the login: by whom, from when on, and what others learn of it."""

from dataclasses import dataclass

import pytest

from lkk_reflex.identity import credentials, login_change, own_confirmations, sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    CodeUnusable,
    CodeWrong,
    FlowLost,
    LoginSame,
    LoginTaken,
    LoginUnreadable,
    MessageTooSoon,
    NothingPending,
    OwnPasswordWait,
    OwnPasswordWrong,
    PhonesNotServed,
    WrongPair,
)
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.security_overview import security_overview
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.settings import get_settings
from tests.factories.identity import PASSWORD, make_subscriber
from tests.identity.conftest import ANYBODY, Portal

LOGIN, NEW = "ivan@mail.ru", "petrov@yandex.ru"


def viewer_of(answer: Answer) -> Viewer:
    viewer = sessions.resolve_session(answer.session_token or "", ANYBODY.address)
    assert viewer
    return viewer


def request(viewer: Viewer, login: str = NEW, password: str = PASSWORD) -> None:
    login_change.request_change(viewer, login=login, password=password)


def confirm(viewer: Viewer, code: str, browser: Browser | None = None) -> str:
    with unit_of_work() as session:
        return login_change.confirm_change(session, viewer, code=code, browser=browser or Browser())


def login_of(viewer: Viewer) -> str:
    with reading() as session:
        return security_overview(session, viewer).login


def test_new_login_replaces_the_old_one_once_its_code_is_typed(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    viewer = viewer_of(answer)
    request(viewer, NEW.upper())
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (NEW, "login_code")
    assert "auth/link" not in letter.body
    assert login_of(viewer) == LOGIN
    browser = Browser(device_token=answer.device_token, session_token=answer.session_token)
    changed = portal.redeem(confirm(viewer, letter.code, browser), browser)
    assert changed.path == "/settings/security?done=login"
    assert login_of(viewer_of(changed)) == NEW
    assert portal.sign_in(NEW, browser=browser).session_token
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN)


def test_old_login_works_until_the_code_is_typed(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    request(viewer_of(answer))
    assert portal.sign_in(LOGIN, browser=Browser(device_token=answer.device_token)).session_token
    with pytest.raises(WrongPair):
        portal.sign_in(NEW)


def test_old_address_is_told_and_other_devices_leave(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    laptop = portal.sign_in(LOGIN, browser=Browser(device_token=answer.device_token))
    viewer = viewer_of(answer)
    request(viewer)
    confirm(viewer, portal.last_letter().code)
    told = [letter for letter in portal.letters() if letter.template == "login_changed"]
    assert [letter.to for letter in told] == [NEW, LOGIN]
    letter = told[-1]
    assert NEW not in letter.body
    assert "p•••@yandex.ru" in letter.body
    assert sessions.resolve_session(laptop.session_token or "") is None
    assert sessions.resolve_session(answer.session_token or "")


def test_session_gets_a_new_token(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    viewer = viewer_of(answer)
    request(viewer)
    browser = Browser(device_token=answer.device_token, session_token=answer.session_token)
    changed = portal.redeem(confirm(viewer, portal.last_letter().code, browser), browser)
    assert changed.session_token != answer.session_token
    assert sessions.resolve_session(answer.session_token or "") is None


def test_other_browsers_must_confirm_their_next_sign_in(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    other = Browser(device_token=portal.registered("anna@mail.ru").device_token)
    viewer = viewer_of(answer)
    request(viewer)
    mine = Browser(device_token=answer.device_token)
    confirm(viewer, portal.last_letter().code, mine)
    assert portal.sign_in(NEW, browser=mine).session_token
    assert portal.sign_in(NEW, browser=other).path == "/sign-in/code"


@pytest.mark.parametrize(
    ("login", "refusal"), [("ivan", LoginUnreadable), ("", LoginUnreadable), (" IVAN@mail.ru ", LoginSame)]
)
def test_login_that_cannot_be_the_new_one_is_refused_before_the_password(
    portal: Portal, login: str, refusal: type[PortalError]
) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    before = portal.hashing.calls
    with pytest.raises(refusal):
        request(viewer, login)
    assert portal.hashing.calls == before


def test_phone_is_refused_where_no_messages_can_be_sent_to_it(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    monkeypatch.setenv("LKK_SMS_SENDER", "off")
    get_settings.cache_clear()
    with pytest.raises(PhonesNotServed):
        request(viewer, "+7 912 345-67-89")


def test_wrong_password_sends_nothing_and_its_tries_are_counted(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    before = len(portal.letters())
    for left in (4, 3, 2, 1):
        with pytest.raises(OwnPasswordWrong) as refusal:
            request(viewer, password="Wrong12")
        assert refusal.value.message.endswith(f"Осталось попыток: {left}.")
    with pytest.raises(OwnPasswordWait):
        request(viewer, password="Wrong12")
    with pytest.raises(TooManyAttempts):
        request(viewer)
    portal.clock.pass_(seconds=31)
    request(viewer)
    assert len(portal.letters()) == before + 1


def test_code_of_one_change_does_not_confirm_another(portal: Portal) -> None:
    ivan, anna = viewer_of(portal.registered(LOGIN)), viewer_of(portal.registered("anna@mail.ru"))
    request(ivan)
    code = portal.last_letter().code
    with pytest.raises(NothingPending):
        confirm(anna, code)
    request(anna, "anna@yandex.ru")
    if portal.last_letter().code != code:
        with pytest.raises(CodeWrong):
            confirm(anna, code)
    with unit_of_work() as session, pytest.raises(FlowLost):
        credentials.prove_reset(session, anna, flow_token="x" * 43, code=code)


def test_another_wish_cancels_the_former(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    former = portal.last_letter().code
    request(viewer, "ivan@yandex.ru")
    if former != portal.last_letter().code:
        with pytest.raises(CodeWrong):
            confirm(viewer, former)
    confirm(viewer, portal.last_letter().code)
    assert login_of(viewer) == "ivan@yandex.ru"


def test_change_is_shown_while_it_waits_and_can_be_cancelled(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    code = portal.last_letter().code
    with unit_of_work() as session:
        assert security_overview(session, viewer).new_login == "p•••@yandex.ru"
        own_confirmations.cancel(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    with reading() as session:
        assert security_overview(session, viewer).new_login == ""
    with pytest.raises(NothingPending):
        confirm(viewer, code)


def test_change_that_waited_a_day_is_over(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    portal.clock.pass_(minutes=31)
    with pytest.raises(CodeUnusable):
        confirm(viewer, portal.last_letter().code)
    portal.clock.pass_(hours=24)
    with pytest.raises(NothingPending):
        confirm(viewer, portal.last_letter().code)


def test_another_code_is_sent_after_a_minute(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    with unit_of_work() as session, pytest.raises(MessageTooSoon):
        own_confirmations.resend(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    portal.clock.pass_(seconds=61)
    with unit_of_work() as session:
        own_confirmations.resend(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    confirm(viewer, portal.last_letter().code)


def test_new_password_ends_a_change_that_waits(portal: Portal) -> None:
    """Whoever has begun it with the old password must not finish it."""
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    code = portal.last_letter().code
    credentials.change_password(viewer, old_password=PASSWORD, password="Rk29LmZ", browser=Browser())
    with pytest.raises(NothingPending):
        confirm(viewer, code)


def test_reset_that_the_old_address_has_begun_ends_with_the_change(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    with unit_of_work() as session:
        ticket = credentials.request_reset(session, ANYBODY, login=LOGIN)
    flow = portal.redeem(ticket).flow_token
    code = portal.last_letter().code
    request(viewer)
    confirm(viewer, portal.last_letter().code)
    with unit_of_work() as session, pytest.raises(FlowLost):
        credentials.prove_reset(session, ANYBODY, flow_token=flow, code=code)


def test_login_that_got_a_cabinet_meanwhile_is_refused_and_nothing_changes(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    request(viewer)
    code = portal.last_letter().code
    with unit_of_work() as session:
        make_subscriber(session, login=NEW)
    with pytest.raises(LoginTaken):
        confirm(viewer, code)
    assert login_of(viewer) == LOGIN


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a subscriber could tell a taken login from a free one by."""

    answers: tuple[str, ...]
    hashes: int
    queries: int
    messages: int


def watch(portal: Portal, viewer: Viewer, login: str) -> Seen:
    """Ask for a login, look, guess until the tries are gone, ask for another code."""
    answers: list[str] = []
    start = portal.clock.now
    hashes, queries, messages = portal.hashing.calls, portal.queries, len(portal.letters())
    request(viewer, login)
    with reading() as session:
        pending = own_confirmations.pending(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    assert pending
    answers.append(f"{pending.login[1:]} {pending.digits} {pending.resend_seconds} {pending.is_proved}")
    for _ in range(6):
        with pytest.raises(PortalError) as refusal:
            confirm(viewer, "000000")
        answers.append(refusal.value.message)
    portal.clock.pass_(seconds=61)
    with unit_of_work() as session:
        own_confirmations.resend(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    queries = portal.queries - queries
    portal.clock.now = start
    return Seen(tuple(answers), portal.hashing.calls - hashes, queries, len(portal.letters()) - messages)


def test_taken_login_looks_like_a_free_one(portal: Portal) -> None:
    ivan, anna = viewer_of(portal.registered(LOGIN)), viewer_of(portal.registered("anna@mail.ru"))
    with unit_of_work() as session:
        make_subscriber(session, login="known@mail.ru")
    seen = watch(portal, ivan, "known@mail.ru")
    assert seen == watch(portal, anna, "other@mail.ru")
    assert seen.messages == 2


def test_owner_of_a_taken_login_is_told_instead_of_getting_a_code(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    with unit_of_work() as session:
        make_subscriber(session, login=NEW)
    request(viewer)
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (NEW, "login_wanted")
    assert "уже занят" in letter.subject


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_only_subscribers_change_a_login(portal: Portal, role: Role) -> None:
    viewer = Viewer(role=role, subscriber_id=1)
    with pytest.raises(SignInRequired):
        request(viewer)
    with pytest.raises(SignInRequired):
        confirm(viewer, "000000")
    with unit_of_work() as session:
        for action in (own_confirmations.pending, own_confirmations.cancel, own_confirmations.resend):
            with pytest.raises(SignInRequired):
                action(session, viewer, purpose=Purpose.LOGIN_CHANGE)
        with pytest.raises(SignInRequired):
            security_overview(session, viewer)
