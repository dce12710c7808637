"""Changing the password by who knows it."""

import pytest
from sqlmodel import Session

from lkk_reflex.identity import codes, credentials, own_password, sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    FlowLost,
    OwnPasswordMissing,
    OwnPasswordWait,
    OwnPasswordWrong,
    PasswordFamiliar,
    PasswordSame,
    PasswordShapeWrong,
    TicketUnusable,
    WrongPair,
)
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.models import Confirmation
from lkk_reflex.identity.security_repository import end_begun
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock, passwords
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal

LOGIN = "petrova@mail.ru"
NEW = "Rk29LmZ"


def viewer_of(answer: Answer) -> Viewer:
    viewer = sessions.resolve_session(answer.session_token or "", ANYBODY.address)
    assert viewer
    return viewer


def change(viewer: Viewer, *, old: str = PASSWORD, new: str = NEW, browser: Browser | None = None) -> str:
    return credentials.change_password(viewer, old_password=old, password=new, browser=browser or Browser())


def test_password_is_replaced_and_only_this_browser_stays(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    browser = Browser(device_token=answer.device_token, session_token=answer.session_token)
    laptop = portal.sign_in(LOGIN, browser=Browser(device_token=answer.device_token))
    changed = portal.redeem(change(viewer_of(answer), browser=browser), browser)
    assert changed.path == "/settings/security?done=password"
    assert sessions.resolve_session(laptop.session_token or "") is None
    assert sessions.resolve_session(answer.session_token or "") is None
    viewer_of(changed)
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN)
    assert portal.sign_in(LOGIN, NEW, browser=browser).session_token


def test_owner_is_told(portal: Portal) -> None:
    change(viewer_of(portal.registered(LOGIN)))
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (LOGIN, "password_changed")


def test_other_browsers_must_confirm_their_next_sign_in(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    elsewhere = portal.sign_in(LOGIN)
    with unit_of_work() as session:
        code = portal.last_letter().code
        ticket = sessions.confirm_device(
            session, ANYBODY, flow_token=elsewhere.flow_token, code=code, browser=Browser()
        )
    known = Browser(device_token=portal.redeem(ticket).device_token)
    portal.clock.pass_(minutes=2)
    change(viewer_of(answer), browser=Browser(device_token=answer.device_token))
    assert portal.sign_in(LOGIN, NEW, browser=known).path == "/sign-in/code"
    assert portal.sign_in(LOGIN, NEW, browser=Browser(device_token=answer.device_token)).session_token


@pytest.mark.parametrize(
    ("new", "refusal"), [("ab", PasswordShapeWrong), ("petrova7", PasswordFamiliar), (PASSWORD, PasswordSame)]
)
def test_new_password_obeys_the_profile_and_is_another(portal: Portal, new: str, refusal: type[PortalError]) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    with pytest.raises(refusal) as refused:
        change(viewer, new=new)
    assert refused.value.field == "password"
    change(viewer)


def test_old_password_is_needed_and_its_tries_are_counted(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    for left in (4, 3, 2, 1):
        with pytest.raises(OwnPasswordWrong) as refusal:
            change(viewer, old="Wrong12")
        assert (refusal.value.field, refusal.value.params) == ("own_password", {"left": left})
    with pytest.raises(OwnPasswordWait):
        change(viewer, old="Wrong12")
    with pytest.raises(TooManyAttempts):
        change(viewer)
    portal.clock.pass_(seconds=31)
    change(viewer)


def test_twenty_wrong_passwords_a_day_are_enough(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    for _ in range(20):
        with pytest.raises(OwnPasswordWrong):
            own_password.prove(viewer, password="Wrong12")
        portal.clock.pass_(minutes=40)
    with pytest.raises(TooManyAttempts):
        own_password.prove(viewer, password=PASSWORD)


def test_empty_password_is_asked_for_and_costs_no_try(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    for _ in range(10):
        with pytest.raises(OwnPasswordMissing) as refusal:
            own_password.prove(viewer, password="")
        assert refusal.value.field == "own_password"
    own_password.prove(viewer, password=PASSWORD)


def test_right_password_clears_the_failures(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(OwnPasswordWrong):
                own_password.prove(viewer, password="Wrong12")
        own_password.prove(viewer, password=PASSWORD)


def test_busy_machine_costs_no_try(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = viewer_of(portal.registered(LOGIN))

    def busy(*_: object) -> bool:
        raise passwords.PasswordsBusy

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "verify_password", busy)
        for _ in range(30):
            with pytest.raises(passwords.PasswordsBusy):
                own_password.prove(viewer, password=PASSWORD)
    own_password.prove(viewer, password=PASSWORD)


def test_reset_that_was_begun_before_ends(portal: Portal) -> None:
    viewer = viewer_of(portal.registered(LOGIN))
    with unit_of_work() as session:
        ticket = credentials.request_reset(session, ANYBODY, login=LOGIN)
    flow = portal.redeem(ticket).flow_token
    code = portal.last_letter().code
    change(viewer)
    with unit_of_work() as session, pytest.raises(FlowLost):
        credentials.prove_reset(session, ANYBODY, flow_token=flow, code=code)


def test_sign_in_that_waits_for_its_code_ends_with_the_password_it_began_with(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    half = portal.sign_in(LOGIN)
    code = portal.last_letter().code
    change(viewer_of(answer))
    with unit_of_work() as session, pytest.raises(FlowLost):
        sessions.confirm_device(session, ANYBODY, flow_token=half.flow_token, code=code, browser=Browser())


def test_code_typed_while_the_password_changes_opens_nothing(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    portal.registered(LOGIN)
    half = portal.sign_in(LOGIN)
    code = portal.last_letter().code
    check = codes.check

    def checked_late(session: Session, viewer: Viewer, confirmation: Confirmation, typed: str) -> None:
        check(session, viewer, confirmation, typed)
        end_begun(session, confirmation.subscriber_id or 0, clock.now())

    monkeypatch.setattr(codes, "check", checked_late)
    with unit_of_work() as session, pytest.raises(FlowLost):
        sessions.confirm_device(session, ANYBODY, flow_token=half.flow_token, code=code, browser=Browser())


def test_sign_in_by_the_old_password_opens_no_session_afterwards(portal: Portal) -> None:
    answer = portal.registered(LOGIN)
    ticket = sessions.sign_in(
        ANYBODY, login=LOGIN, password=PASSWORD, browser=Browser(device_token=answer.device_token)
    )
    change(viewer_of(answer))
    with pytest.raises(TicketUnusable):
        portal.redeem(ticket)


def test_old_password_that_is_being_compared_meanwhile_is_wrong(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = portal.registered(LOGIN)
    browser = Browser(device_token=answer.device_token)

    compare = passwords.verify_password
    waiting = [lambda: change(viewer_of(answer), browser=browser)]

    def compared_slowly(password: str, stored_hash: str) -> bool:
        matches = compare(password, stored_hash)
        while waiting:
            waiting.pop()()
        return matches

    monkeypatch.setattr(passwords, "verify_password", compared_slowly)
    with pytest.raises(WrongPair):
        sessions.sign_in(ANYBODY, login=LOGIN, password=PASSWORD, browser=browser)
    assert not waiting


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_only_subscribers_change_a_password(portal: Portal, role: Role) -> None:
    with pytest.raises(SignInRequired):
        change(Viewer(role=role, subscriber_id=1))
    with pytest.raises(SignInRequired):
        own_password.prove(Viewer(role=role, subscriber_id=1), password=PASSWORD)
