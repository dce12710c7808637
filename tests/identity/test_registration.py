"""Creating a cabinet by code and by link."""

import hashlib
from pathlib import Path

import pytest
from sqlmodel import select

from lkk_reflex.identity import codes, registration
from lkk_reflex.identity.consent_texts import personal_data
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    CodeUnreadable,
    CodeUnusable,
    CodeWrong,
    ConsentMissing,
    FlowLost,
    LinkUnusable,
    LoginTaken,
    LoginUnreadable,
    MessageTooSoon,
    PasswordShapeWrong,
    PhonesNotServed,
)
from lkk_reflex.identity.models import Confirmation, ConfirmationCode, Consent, Subscriber
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError, problems_of
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal
from tests.support.portal import configured

LOGIN = "ivan@mail.ru"
OTHER = "000000"


def subscribers() -> list[Subscriber]:
    with reading() as session:
        return list(session.exec(select(Subscriber)))


def test_code_from_the_letter_creates_the_cabinet_and_signs_in(portal: Portal) -> None:
    flow = portal.begin_registration("Ivan@Mail.ru")
    assert subscribers() == []
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (LOGIN, "registration_code")
    answer = portal.redeem(portal.activate(flow, letter.code))
    assert answer.path == "/cabinet/connect"
    assert answer.session_token
    assert answer.ends_flow
    assert [one.login for one in subscribers()] == [LOGIN]


def test_code_from_the_sms_creates_the_cabinet(portal: Portal) -> None:
    flow = portal.begin_registration("8 (912) 345-67-89")
    message = portal.last_letter()
    assert message.to == "+79123456789"
    assert message.body == f"Код {message.code}. Никому не сообщайте. Горводоканал"
    portal.activate(flow, message.code)
    assert subscribers()[0].login == "+79123456789"


def test_consent_is_kept_with_text_version_time_and_address(portal: Portal) -> None:
    began = portal.clock.now
    portal.registered(LOGIN)
    with reading() as session:
        consent = session.exec(select(Consent)).one()
    text = personal_data("Горводоканал")
    assert consent.version == text.version
    assert consent.text_hash == hashlib.sha256(text.text.encode()).hexdigest()
    assert consent.given_at == began
    assert consent.address == ANYBODY.address


def refused(**form: object) -> list[type]:
    with pytest.raises(PortalError) as refusal:
        registration.register(ANYBODY, **{"login": LOGIN, "password": PASSWORD, "consent": True, **form})  # type: ignore[arg-type]
    return [type(problem) for problem in problems_of(refusal.value)]


def test_everything_wrong_with_the_form_is_said_at_once(portal: Portal) -> None:
    wrong = refused(login="ivan", password="ab", consent=False)
    assert wrong == [LoginUnreadable, PasswordShapeWrong, ConsentMissing]


def test_without_consent_nothing_is_stored(portal: Portal) -> None:
    assert refused(consent=False) == [ConsentMissing]
    with reading() as session:
        assert session.exec(select(Confirmation)).all() == []


def test_phone_is_refused_where_no_sms_are_sent(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with configured(monkeypatch, tmp_path, sms_sender="off"):
        assert refused(login="+79123456789") == [PhonesNotServed]


def test_only_hashes_of_codes_links_and_passwords_are_stored(portal: Portal) -> None:
    portal.begin_registration(LOGIN)
    letter = portal.last_letter()
    with reading() as session:
        code, confirmation = session.exec(select(ConfirmationCode)).one(), session.exec(select(Confirmation)).one()
    stored = f"{code.model_dump()} {confirmation.model_dump()}"
    for secret in (letter.code, letter.code.replace(" ", ""), letter.link_token, PASSWORD):
        assert secret not in stored


def test_wrong_code_says_how_many_tries_are_left(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as refusal:
            portal.activate(flow, OTHER)
        assert refusal.value.message == f"Код не подошёл. Проверьте цифры. Осталось попыток: {left}."
    with pytest.raises(CodeUnusable):
        portal.activate(flow, OTHER)
    with pytest.raises(CodeUnusable):
        portal.activate(flow, portal.last_letter().code)


def test_what_cannot_be_a_code_costs_no_try(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    for _ in range(9):
        with pytest.raises(CodeUnreadable):
            portal.activate(flow, "12 34")
    portal.activate(flow, portal.last_letter().code)


@pytest.mark.parametrize(("login", "minutes"), [(LOGIN, 30), ("+79123456789", 10)])
def test_code_lives_as_long_as_its_message_says(portal: Portal, login: str, minutes: int) -> None:
    flow = portal.begin_registration(login)
    portal.clock.pass_(minutes=minutes, seconds=-1)
    with pytest.raises(CodeWrong):
        portal.activate(flow, OTHER)
    portal.clock.pass_(seconds=1)
    with pytest.raises(CodeUnusable):
        portal.activate(flow, portal.last_letter().code)


def test_code_works_once(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    portal.activate(flow, portal.last_letter().code)
    with pytest.raises(FlowLost):
        portal.activate(flow, portal.last_letter().code)
    assert len(subscribers()) == 1


def test_code_typed_in_another_browser_is_refused(portal: Portal) -> None:
    portal.begin_registration(LOGIN)
    code = portal.last_letter().code
    stranger = portal.begin_registration("other@mail.ru")
    with pytest.raises(CodeWrong):
        portal.activate(stranger, code)
    with pytest.raises(FlowLost):
        portal.activate("no-such-flow", code)


def test_new_code_cancels_the_old_one(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    old = portal.last_letter()
    portal.clock.pass_(seconds=61)
    with unit_of_work() as session:
        codes.resend(session, ANYBODY, flow_token=flow)
    with pytest.raises(CodeWrong):
        portal.activate(flow, old.code)
    with pytest.raises(LinkUnusable):
        portal.follow(old.link_token)
    portal.activate(flow, portal.last_letter().code)


def test_sending_again_must_wait_a_minute_and_the_page_counts_down(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    portal.clock.pass_(seconds=15)
    with unit_of_work() as session:
        shown = codes.view(session, ANYBODY, flow_token=flow)
    assert (shown.login, shown.digits, shown.resend_seconds) == ("i•••@mail.ru", 6, 45)
    with pytest.raises(MessageTooSoon) as refusal, unit_of_work() as session:
        codes.resend(session, ANYBODY, flow_token=flow)
    assert refusal.value.message == "Следующее сообщение можно отправить через 45 с."
    assert len(portal.letters()) == 1


def test_five_messages_a_day_to_one_login_in_any_spelling(portal: Portal) -> None:
    for login in (LOGIN, "IVAN@mail.ru", "Ivan@Mail.Ru", LOGIN, LOGIN, LOGIN, LOGIN):
        portal.begin_registration(login)
        portal.clock.pass_(minutes=7)
    assert len(portal.letters()) == 5
    portal.clock.pass_(days=1)
    portal.begin_registration(LOGIN)
    assert len(portal.letters()) == 6


def test_ten_registrations_an_hour_from_one_address(portal: Portal) -> None:
    for number in range(10):
        portal.begin_registration(f"person{number}@mail.ru")
    with pytest.raises(TooManyAttempts):
        portal.begin_registration("person11@mail.ru")
    portal.clock.pass_(hours=1)
    portal.begin_registration("person11@mail.ru")


def test_beginning_again_in_the_same_browser_keeps_the_code_already_sent(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN, "k7Wm2pXq")
    code = portal.last_letter().code
    ticket = registration.register(ANYBODY, login=LOGIN, password="Rk29Lm", consent=True, flow_token=flow)
    again = portal.redeem(ticket).flow_token
    assert again
    portal.redeem(portal.activate(again, code))
    assert len(portal.letters()) == 1
    assert portal.sign_in(LOGIN, "Rk29Lm").path == "/sign-in/code"


def test_link_in_the_same_browser_activates_and_signs_in(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    answer = portal.follow(portal.last_letter().link_token, Browser(flow_token=flow))
    assert answer.path == "/cabinet/connect"
    assert answer.session_token


def test_link_in_another_browser_activates_and_asks_for_the_password(portal: Portal) -> None:
    portal.begin_registration(LOGIN)
    answer = portal.follow(portal.last_letter().link_token)
    assert answer.path == "/sign-in?activated=1"
    assert answer.session_token is None
    assert len(subscribers()) == 1
    # Whoever opened the letter has shown to own the login: no second code is asked for.
    signed_in = portal.sign_in(LOGIN, browser=Browser(device_token=answer.device_token))
    assert signed_in.session_token


def test_link_works_once_and_for_a_day(portal: Portal) -> None:
    portal.begin_registration(LOGIN)
    token = portal.last_letter().link_token
    portal.clock.pass_(hours=24)
    with pytest.raises(LinkUnusable):
        portal.follow(token)
    portal.begin_registration(LOGIN)
    token = portal.last_letter().link_token
    portal.clock.pass_(hours=24, seconds=-1)
    portal.follow(token)
    with pytest.raises(LinkUnusable):
        portal.follow(token)


def test_link_after_the_code_is_not_good_any_more(portal: Portal) -> None:
    flow = portal.begin_registration(LOGIN)
    letter = portal.last_letter()
    portal.activate(flow, letter.code)
    with pytest.raises(LinkUnusable):
        portal.follow(letter.link_token)


def test_unknown_link_is_refused(portal: Portal) -> None:
    for token in ("", "x" * 43):
        with pytest.raises(LinkUnusable):
            portal.follow(token)


def test_second_registration_of_one_login_finds_it_taken(portal: Portal) -> None:
    first = portal.begin_registration(LOGIN)
    first_code = portal.last_letter().code
    portal.clock.pass_(minutes=2)
    second = portal.begin_registration(LOGIN)
    portal.activate(second, portal.last_letter().code)
    with pytest.raises(LoginTaken):
        portal.activate(first, first_code)
    assert len(subscribers()) == 1
