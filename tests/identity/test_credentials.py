"""A forgotten password."""

import re

import pytest
from sqlmodel import select

from lkk_reflex.identity import codes, credentials, sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    CodeUnusable,
    CodeWrong,
    FlowLost,
    LinkUnusable,
    LoginUnreadable,
    PasswordFamiliar,
    ResetNeeded,
    WrongPair,
)
from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.kit.db import reading, unit_of_work
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal

LOGIN = "ivan@mail.ru"
NEW_PASSWORD = "Rk29LmZ"


def ask(portal: Portal, login: str = LOGIN) -> str:
    """Ask for a new password and return the token of the flow cookie."""
    with unit_of_work() as session:
        ticket = credentials.request_reset(session, ANYBODY, login=login)
    answer = portal.redeem(ticket)
    assert answer.path == "/reset"
    assert answer.flow_token
    return answer.flow_token


def prove(flow: str, code: str) -> None:
    with unit_of_work() as session:
        credentials.prove_reset(session, ANYBODY, flow_token=flow, code=code)


def is_proved(flow: str) -> bool:
    with reading() as session:
        return codes.view(session, ANYBODY, flow_token=flow).is_proved


def test_code_of_eight_digits_lets_choose_a_new_password(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    letter = portal.last_letter()
    assert re.fullmatch(r"\d{4}-\d{4}", letter.code)
    assert not is_proved(flow)
    prove(flow, letter.code)
    assert is_proved(flow)
    ticket = credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)
    answer = portal.redeem(ticket)
    assert answer.session_token
    assert answer.path == "/cabinet"
    assert portal.sign_in(LOGIN, NEW_PASSWORD, Browser(device_token=answer.device_token)).session_token
    with pytest.raises(WrongPair):
        portal.sign_in(LOGIN, PASSWORD)


def test_new_password_ends_every_session_and_forgets_every_device(portal: Portal) -> None:
    before = portal.registered(LOGIN)
    flow = ask(portal)
    prove(flow, portal.last_letter().code)
    credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)
    assert sessions.resolve_session(before.session_token or "") is None
    portal.clock.pass_(minutes=2)
    answer = portal.sign_in(LOGIN, NEW_PASSWORD, Browser(device_token=before.device_token))
    assert answer.path == "/sign-in/code"


def test_owner_is_told_of_the_new_password(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    prove(flow, portal.last_letter().code)
    credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (LOGIN, "password_changed")
    assert "22.11.2026 в 12:02 по Москве" in letter.body
    with reading() as session:
        assert "password.reset" in session.exec(select(AuditEvent.action)).all()


def test_link_of_the_letter_lets_choose_a_new_password_in_any_browser(portal: Portal) -> None:
    portal.registered(LOGIN)
    ask(portal)
    answer = portal.follow(portal.last_letter().link_token)
    assert (answer.path, answer.session_token) == ("/reset", None)
    assert is_proved(answer.flow_token or "")
    credentials.set_new_password(ANYBODY, flow_token=answer.flow_token, password=NEW_PASSWORD)
    with pytest.raises(LinkUnusable):
        portal.follow(portal.letters()[-2].link_token)


def test_password_is_not_changed_without_the_proof(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    for token in (flow, None, "x" * 43):
        with pytest.raises(FlowLost):
            credentials.set_new_password(ANYBODY, flow_token=token, password=NEW_PASSWORD)


def test_proof_lasts_a_quarter_of_an_hour(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    prove(flow, portal.last_letter().code)
    portal.clock.pass_(minutes=15)
    assert not is_proved(flow)
    with pytest.raises(FlowLost):
        credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)


def test_proof_is_good_for_one_password(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    prove(flow, portal.last_letter().code)
    credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)
    with pytest.raises(FlowLost):
        credentials.set_new_password(ANYBODY, flow_token=flow, password="Zb4dYx7")


def test_new_password_obeys_the_profile_and_a_refusal_keeps_the_proof(portal: Portal) -> None:
    portal.registered("petrova@mail.ru")
    flow = ask(portal, "petrova@mail.ru")
    prove(flow, portal.last_letter().code)
    with pytest.raises(PasswordFamiliar):
        credentials.set_new_password(ANYBODY, flow_token=flow, password="petrova7")
    credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)


def test_code_of_a_reset_does_not_activate_and_the_other_way_round(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    with pytest.raises(FlowLost):
        portal.activate(flow, portal.last_letter().code)
    registration = portal.begin_registration("anna@mail.ru")
    with pytest.raises(FlowLost):
        prove(registration, portal.last_letter().code)


def test_wrong_codes_end_after_five(portal: Portal) -> None:
    portal.registered(LOGIN)
    flow = ask(portal)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            prove(flow, "0000-0000")
    for code in ("00000000", portal.last_letter().code):
        with pytest.raises(CodeUnusable):
            prove(flow, code)


def test_reset_lets_the_owner_in_after_too_many_failures(portal: Portal) -> None:
    portal.registered(LOGIN)
    for _ in range(10):
        with pytest.raises(WrongPair):
            portal.sign_in(LOGIN, "Wrong12")
        portal.clock.pass_(hours=1)
    with pytest.raises(ResetNeeded):
        portal.sign_in(LOGIN)
    flow = ask(portal)
    prove(flow, portal.last_letter().code)
    credentials.set_new_password(ANYBODY, flow_token=flow, password=NEW_PASSWORD)
    portal.clock.pass_(minutes=2)
    assert portal.sign_in(LOGIN, NEW_PASSWORD).path == "/sign-in/code"


def test_login_that_is_none_is_said_to_be_none(portal: Portal) -> None:
    with pytest.raises(LoginUnreadable):
        ask(portal, "ivan")
