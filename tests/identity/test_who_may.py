"""Who may do what: every use case about people, their cabinets and their ways in, for every kind of viewer.

Codes, links and tickets are keys: whoever holds one may use it, and nobody can hold another's. What begins a
registration, a reset or a sign-in is open to everybody; limits count those by the address.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import pytest
from sqlmodel import Session

from lkk_reflex.cabinet import erasing, own_data
from lkk_reflex.identity import (
    closing,
    codes,
    consents,
    credentials,
    exchange,
    login_change,
    notice_choices,
    own_confirmations,
    own_password,
    privacy_repository,
    profile,
    registration,
    second_factor,
    security_overview,
    sessions,
    tickets,
)
from lkk_reflex.identity.consent_texts import NEWS, current
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    FlowLost,
    LinkUnusable,
    NothingPending,
    SecondFactorChanged,
    SecondFactorOff,
    TicketUnusable,
    WrongPair,
)
from lkk_reflex.identity.models import CabinetClosing, Purpose
from lkk_reflex.identity.profile import TypedProfile
from lkk_reflex.identity.rules import Login, normalise_login
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.settings import get_settings
from tests.factories.identity import PASSWORD, make_subscriber, open_session
from tests.identity.conftest import Portal
from tests.support.rights import (
    EVERYBODY,
    NO,
    OK,
    SERVER,
    SIGN_IN,
    SUBSCRIBERS,
    VIEWERS,
    Answers,
    answers_of,
    expected,
    viewers,
)

_CLOSED_ONLY: Answers = (SIGN_IN, SIGN_IN, SIGN_IN, OK, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)


@dataclass(frozen=True)
class House:
    """Somebody with a cabinet, who has closed another one."""

    known: Mapping[str, Viewer]
    login: str
    session_token: str
    #: For the copy of the owner's data.
    ticket: str
    closing_id: int


Use: TypeAlias = Callable[[Session, Viewer, House], object]


@pytest.fixture
def house(portal: Portal) -> House:
    """One viewer of each kind; the closed cabinet is a third person's."""
    with unit_of_work() as session:
        owner, stranger, leaver = (make_subscriber(session) for _ in range(3))
        opened = open_session(session, owner)
        known = dict(
            viewers(
                Viewer(role=Role.SUBSCRIBER, subscriber_id=owner.id),
                Viewer(role=Role.SUBSCRIBER, subscriber_id=stranger.id),
                account_id=1,
                provider_id=1,
            )
        )
        known["closed"] = Viewer(role=Role.CLOSED, subscriber_id=leaver.id)
        row = CabinetClosing(
            subscriber_id=leaver.id or 0, requested_at=clock.now(), erase_after=clock.now() + closing.GRACE
        )
        assert privacy_repository.add_closing(session, row)
        session.flush()
        ticket = tickets.for_own_data(session, owner.id or 0)
        return House(known, owner.login, opened.session_token, ticket, row.id or 0)


def _own(use_case: Callable[[Session, Viewer], object]) -> Use:
    return lambda session, viewer, _: use_case(session, viewer)


def _all(refusal: type[PortalError]) -> Answers:
    return (refusal,) * len(VIEWERS)


def _subscribers(refusal: type[PortalError]) -> Answers:
    """Say what subscribers are told who have begun nothing; the others are asked to sign in."""
    return tuple(refusal if answer is OK else answer for answer in SUBSCRIBERS)


def _new_login() -> str:
    """Return a login of its own for each try, because tries are counted by it."""
    return f"{secrets.token_hex(4)}@mail.ru"


def _text_of_news() -> str:
    return current(NEWS, get_settings().company_name).text_hash


def _address() -> Login:
    return normalise_login("second@mail.ru")


USE_CASES: Mapping[str, tuple[Use, Answers]] = MappingProxyType(
    {
        "closed_cabinet": (_own(closing.closed_cabinet), _CLOSED_ONLY),
        "take_back": (_own(closing.take_back), _CLOSED_ONLY),
        "due": (_own(closing.due), SERVER),
        "subscriber_to_erase": (
            lambda s, v, house: closing.subscriber_to_erase(s, v, closing_id=house.closing_id), SERVER,
        ),
        "finish": (lambda s, v, house: closing.finish(s, v, closing_id=house.closing_id), SERVER),
        "acts": (_own(closing.acts), SERVER),
        "codes.resend": (lambda s, v, _: codes.resend(s, v, flow_token="wrong"), _all(FlowLost)),
        "codes.view": (lambda s, v, _: codes.view(s, v, flow_token="wrong"), _all(FlowLost)),
        "own_consents": (_own(consents.own_consents), SUBSCRIBERS),
        "consents.give": (
            lambda s, v, _: consents.give(s, v, kind=NEWS, text_hash=_text_of_news()), SUBSCRIBERS,
        ),
        "consents.withdraw": (lambda s, v, _: consents.withdraw(s, v, kind=NEWS), SUBSCRIBERS),
        "withdraw_all": (
            lambda s, v, house: consents.withdraw_all(s, v, subscriber_id=house.known["owner"].subscriber_id or 0),
            SERVER,
        ),
        "own_rows": (_own(consents.own_rows), SUBSCRIBERS),
        "request_reset": (lambda s, v, house: credentials.request_reset(s, v, login=house.login), EVERYBODY),
        "prove_reset": (
            lambda s, v, _: credentials.prove_reset(s, v, flow_token="wrong", code="12345678"), _all(FlowLost),
        ),
        "redeem": (
            lambda s, v, _: exchange.redeem(s, v, ticket="wrong", browser=Browser()), _all(TicketUnusable),
        ),
        "follow_link": (
            lambda s, v, _: exchange.follow_link(s, v, token="wrong", browser=Browser()), _all(LinkUnusable),
        ),
        "confirm_change": (
            lambda s, v, _: login_change.confirm_change(s, v, code="123456", browser=Browser()),
            _subscribers(NothingPending),
        ),
        "own_choices": (_own(notice_choices.own_choices), SUBSCRIBERS),
        "choose": (
            lambda s, v, _: notice_choices.choose(s, v, wishes=_present_wishes(s, v)), SUBSCRIBERS,
        ),
        "own_confirmations.begin": (
            lambda s, v, _: own_confirmations.begin(s, v, purpose=Purpose.SECOND_EMAIL, address=_address()),
            SUBSCRIBERS,
        ),
        "pending": (lambda s, v, _: own_confirmations.pending(s, v, purpose=Purpose.SECOND_EMAIL), SUBSCRIBERS),
        "own_confirmations.resend": (
            lambda s, v, _: own_confirmations.resend(s, v, purpose=Purpose.SECOND_EMAIL), _subscribers(NothingPending),
        ),
        "cancel": (lambda s, v, _: own_confirmations.cancel(s, v, purpose=Purpose.SECOND_EMAIL), SUBSCRIBERS),
        "own_confirmations.prove": (
            lambda s, v, _: own_confirmations.prove(s, v, purpose=Purpose.SECOND_EMAIL, code="123456"),
            _subscribers(NothingPending),
        ),
        "waiting": (
            lambda s, v, _: own_confirmations.waiting(s, v, Purpose.SECOND_EMAIL), _subscribers(NothingPending),
        ),
        "profile.view": (_own(profile.view), SUBSCRIBERS),
        "profile.save": (lambda s, v, _: profile.save(s, v, typed=TypedProfile(surname="Петрова")), SUBSCRIBERS),
        "confirm_second_email": (
            lambda s, v, _: profile.confirm_second_email(s, v, code="123456"), _subscribers(NothingPending),
        ),
        "activate": (
            lambda s, v, _: registration.activate(s, v, flow_token="wrong", code="123456"), _all(FlowLost),
        ),
        "status": (_own(second_factor.status), SUBSCRIBERS),
        "switch_on": (
            lambda s, v, _: second_factor.switch_on(s, v, code="123456"), _subscribers(SecondFactorChanged),
        ),
        "switch_off_for": (
            lambda s, v, house: second_factor.switch_off_for(s, v, login=house.login),
            (*(NO,) * (len(VIEWERS) - 1), SecondFactorOff),
        ),
        "security_overview": (_own(security_overview.security_overview), SUBSCRIBERS),
        "confirm_device": (
            lambda s, v, _: sessions.confirm_device(
                s, v, flow_token="wrong", code="123456", browser=Browser()
            ), _all(FlowLost),
        ),
        "confirm_second_factor": (
            lambda s, v, _: sessions.confirm_second_factor(
                s, v, flow_token="wrong", code="123456", browser=Browser()
            ),
            _all(FlowLost),
        ),
        "own_sessions": (_own(sessions.own_sessions), SUBSCRIBERS),
        "revoke": (lambda s, v, _: sessions.revoke(s, v, public_id="unknown"), SUBSCRIBERS),
        # The cookie is the right: leaving is never refused.
        "sign_out": (
            lambda s, v, house: sessions.sign_out(s, v, session_token=house.session_token), EVERYBODY,
        ),
        "sign_out_everywhere": (
            lambda s, v, _: sessions.sign_out_everywhere(s, v, keep_this=False), SUBSCRIBERS,
        ),
        "use_for_own_data": (
            lambda s, v, house: tickets.use_for_own_data(s, v, house.ticket),
            (SIGN_IN, OK, TicketUnusable, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
        ),
    }
)  # fmt: skip

#: These open their own units of work, because a password is compared or hashed between them.
BY_THEMSELVES: Mapping[str, tuple[Callable[[Viewer], object], Answers]] = MappingProxyType(
    {
        "close": (lambda v: closing.close(v, password=PASSWORD), SUBSCRIBERS),
        "change_password": (
            lambda v: credentials.change_password(v, old_password=PASSWORD, password="n3wPass77", browser=Browser()),
            SUBSCRIBERS,
        ),
        "set_new_password": (
            lambda v: credentials.set_new_password(v, flow_token="wrong", password="n3wPass77"), _all(FlowLost),
        ),
        "request_change": (
            lambda v: login_change.request_change(v, login="new@mail.ru", password=PASSWORD), SUBSCRIBERS,
        ),
        "own_password.prove": (lambda v: own_password.prove(v, password=PASSWORD), SUBSCRIBERS),
        "register": (
            lambda v: registration.register(v, login="new@mail.ru", password=PASSWORD, consent=True), EVERYBODY,
        ),
        "sign_in": (
            lambda v: sessions.sign_in(v, login=_new_login(), password=PASSWORD, browser=Browser()),
            _all(WrongPair),
        ),
        "prepare": (lambda v: second_factor.prepare(v, password=PASSWORD), SUBSCRIBERS),
        "switch_off": (
            lambda v: second_factor.switch_off(v, password=PASSWORD, code="123456"), _subscribers(SecondFactorChanged),
        ),
        "renew_recovery_codes": (
            lambda v: second_factor.renew_recovery_codes(v, password=PASSWORD, code="123456"),
            _subscribers(SecondFactorChanged),
        ),
        "own_data.ask": (lambda v: own_data.ask(v, password=PASSWORD), SUBSCRIBERS),
        "own_data.archive": (lambda v: own_data.archive(v, ticket="wrong"), _subscribers(TicketUnusable)),
        "erase": (lambda v: erasing.erase(v, closing_id=1), SERVER),
    }
)  # fmt: skip


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(house: House, use_case: str) -> None:
    use, answers = USE_CASES[use_case]
    assert answers_of(house.known, lambda session, viewer: use(session, viewer, house)) == expected(answers)


@pytest.mark.parametrize("use_case", BY_THEMSELVES)
def test_what_opens_its_own_units_of_work_lets_pass_only_whom_it_serves(house: House, use_case: str) -> None:
    use, answers = BY_THEMSELVES[use_case]
    seen: dict[str, type[PortalError] | None] = {}
    for name, viewer in house.known.items():
        try:
            use(viewer)
            seen[name] = None
        except PortalError as refusal:
            seen[name] = type(refusal)
    assert seen == expected(answers)


def test_what_one_subscriber_ends_is_nothing_of_another(house: House) -> None:
    stranger = house.known["other_subscriber"]
    with unit_of_work() as session:
        (own,) = sessions.own_sessions(session, house.known["owner"])
        sessions.revoke(session, stranger, public_id=own.public_id)
        sessions.sign_out_everywhere(session, stranger, keep_this=False)
    assert sessions.resolve_session(house.session_token) is not None


def test_lists_of_another_subscriber_hold_nothing_of_the_owner(house: House) -> None:
    with reading() as session:
        assert sessions.own_sessions(session, house.known["other_subscriber"]) == []
        assert house.login not in str(security_overview.security_overview(session, house.known["other_subscriber"]))


def test_code_of_another_person_is_no_key(house: House, portal: Portal) -> None:
    """What waits for a code is found by who is signed in, so another's code finds nothing."""
    owner, stranger = house.known["owner"], house.known["other_subscriber"]
    with unit_of_work() as session:
        profile.save(session, owner, typed=TypedProfile(second_email="second@mail.ru"))
    with unit_of_work() as session, pytest.raises(NothingPending):
        profile.confirm_second_email(session, stranger, code=portal.last_letter().code)
    with unit_of_work() as session:
        assert own_confirmations.pending(session, stranger, purpose=Purpose.SECOND_EMAIL) is None
        assert profile.confirm_second_email(session, owner, code=portal.last_letter().code)


def test_closed_cabinet_is_nobodys_to_open_by_its_sections(house: House) -> None:
    """Every use case of a cabinet asks for a subscriber, and who has closed the cabinet is none."""
    closed = house.known["closed"]
    with pytest.raises(SignInRequired):
        closed.require_subscriber()
    with pytest.raises(SignInRequired):
        closed.require_payer()
    with pytest.raises(Forbidden):
        closed.require_staff_of(1)


def _present_wishes(session: Session, viewer: Viewer) -> set[notice_choices.Wish]:
    _, wanted = notice_choices._present(session, viewer)
    return set(wanted)
