"""Nothing tells a login with a cabinet from one without: not the words, not the work done, not the messages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lkk_reflex.identity import codes, credentials
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError
from tests.factories.identity import make_subscriber
from tests.identity.conftest import Portal

KNOWN, UNKNOWN = "known@mail.ru", "other@mail.ru"
KNOWN_PHONE, UNKNOWN_PHONE = "+79123456789", "+79023456789"


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a stranger could tell two logins apart by."""

    answers: tuple[str, ...]
    hashes: int
    queries: int
    messages: int


class Stranger:
    """Somebody without a cabinet who types a login, from an address of its own."""

    def __init__(self, portal: Portal, login: str, address: str) -> None:
        self.portal = portal
        self.login = login
        self.viewer = Viewer(address=address)
        self.answers: list[str] = []

    def ask(self, action: Callable[[], str]) -> str:
        """Do something and note the answer as the screen would show it."""
        try:
            value, shown = action(), "done"
        except PortalError as refusal:
            value, shown = "", refusal.message
        self.answers.append(shown.replace(self.login, "<login>"))
        return value

    def register(self) -> str:
        """Fill in the form of registration; return the flow."""
        return self.ask(lambda: self.portal.begin_registration(self.login, viewer=self.viewer))

    def request_reset(self) -> str:
        """Ask for a new password; return the flow."""

        def action() -> str:
            with unit_of_work() as session:
                ticket = credentials.request_reset(session, self.viewer, login=self.login)
            return self.portal.redeem(ticket).flow_token or ""

        return self.ask(action)

    def look(self, flow: str) -> None:
        """Open the page that asks for the code."""
        with reading() as session:
            shown = codes.view(session, self.viewer, flow_token=flow)
        self.answers.append(f"{shown.login[1:]} {shown.digits} {shown.resend_seconds} {shown.is_proved}")

    def resend(self, flow: str) -> None:
        """Press «Отправить ещё раз»."""

        def action() -> str:
            with unit_of_work() as session:
                codes.resend(session, self.viewer, flow_token=flow)
            return ""

        self.ask(action)

    def activate(self, flow: str) -> None:
        """Guess the code of a registration."""
        self.ask(lambda: self.portal.activate(flow, "000000", self.viewer))

    def prove(self, flow: str, code: str = "00000000") -> None:
        """Guess the code of a reset."""

        def action() -> str:
            with unit_of_work() as session:
                credentials.prove_reset(session, self.viewer, flow_token=flow, code=code)
            return ""

        self.ask(action)

    def sign_in(self) -> None:
        """Guess the password."""
        browser = Browser(device_token="x" * 43)
        self.ask(lambda: self.portal.sign_in(self.login, "Wrong12", browser, self.viewer).path)


def register_once(stranger: Stranger) -> None:
    stranger.look(stranger.register())


def register_and_guess(stranger: Stranger) -> None:
    flow = stranger.register()
    for _ in range(7):
        stranger.activate(flow)
    stranger.look(flow)


def register_and_resend(stranger: Stranger) -> None:
    flow = stranger.register()
    stranger.resend(flow)
    stranger.portal.clock.pass_(seconds=61)
    stranger.resend(flow)
    stranger.look(flow)
    stranger.activate(flow)


def register_to_the_limit(stranger: Stranger) -> None:
    for _ in range(12):
        flow = stranger.register()
        stranger.portal.clock.pass_(minutes=2)
        if flow:
            stranger.resend(flow)


def reset_once(stranger: Stranger) -> None:
    stranger.look(stranger.request_reset())


def reset_and_guess(stranger: Stranger) -> None:
    flow = stranger.request_reset()
    for _ in range(7):
        stranger.prove(flow)
    stranger.resend(flow)


def reset_to_the_limit(stranger: Stranger) -> None:
    for _ in range(7):
        stranger.request_reset()
        stranger.portal.clock.pass_(minutes=2)


def sign_in_once(stranger: Stranger) -> None:
    stranger.sign_in()


def sign_in_to_the_limit(stranger: Stranger) -> None:
    for _ in range(40):
        stranger.sign_in()
        stranger.portal.clock.pass_(minutes=5)


ACTIONS = [
    register_once,
    register_and_guess,
    register_and_resend,
    register_to_the_limit,
    reset_once,
    reset_and_guess,
    reset_to_the_limit,
    sign_in_once,
    sign_in_to_the_limit,
]


def watch(portal: Portal, action: Callable[[Stranger], None], login: str, address: str) -> Seen:
    stranger = Stranger(portal, login, address)
    start = portal.clock.now
    hashes, queries, messages = portal.hashing.calls, portal.queries, len(portal.letters())
    action(stranger)
    queries = portal.queries - queries
    portal.clock.now = start
    return Seen(tuple(stranger.answers), portal.hashing.calls - hashes, queries, len(portal.letters()) - messages)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
@pytest.mark.parametrize(("known", "unknown"), [(KNOWN, UNKNOWN), (KNOWN_PHONE, UNKNOWN_PHONE)], ids=["email", "phone"])
def test_known_and_unknown_logins_look_the_same(
    portal: Portal, action: Callable[[Stranger], None], known: str, unknown: str
) -> None:
    with unit_of_work() as session:
        make_subscriber(session, login=known)
    seen = watch(portal, action, known, "198.51.100.1")
    assert seen == watch(portal, action, unknown, "192.0.2.1")
    assert seen.answers
    if action is not sign_in_once and action is not sign_in_to_the_limit:
        assert seen.messages


def test_without_the_dummy_work_the_logins_would_differ(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the comparison above sees the hash that an unknown login would not cost."""
    monkeypatch.setattr("lkk_reflex.kit.passwords.spend_time", lambda _: None)
    with unit_of_work() as session:
        make_subscriber(session, login=KNOWN)
    seen = watch(portal, sign_in_once, KNOWN, "198.51.100.1")
    assert seen != watch(portal, sign_in_once, UNKNOWN, "192.0.2.1")


def test_owner_of_a_cabinet_is_told_instead_of_getting_a_code(portal: Portal) -> None:
    with unit_of_work() as session:
        make_subscriber(session, login=KNOWN)
    portal.begin_registration(KNOWN)
    letter = portal.last_letter()
    assert letter.template == "already_registered"
    assert "/sign-in" in letter.body
    assert "/reset" in letter.body


def test_who_has_no_cabinet_is_told_so_by_message(portal: Portal) -> None:
    with unit_of_work() as session:
        credentials.request_reset(session, Viewer(), login=UNKNOWN)
    assert portal.last_letter().template == "no_cabinet"


@pytest.mark.parametrize("purpose", ["registration", "reset"])
def test_no_code_opens_what_only_looks_real(portal: Portal, monkeypatch: pytest.MonkeyPatch, purpose: str) -> None:
    """Even the code that was drawn for the decoy is refused, because nobody was sent it."""
    drawn: list[str] = []

    def draw(digits: int) -> str:
        drawn.append("1" * digits)
        return drawn[-1]

    monkeypatch.setattr(codes, "new_code", draw)
    with unit_of_work() as session:
        make_subscriber(session, login=KNOWN)
    stranger = Stranger(portal, KNOWN if purpose == "registration" else UNKNOWN, "198.51.100.1")
    flow = stranger.register() if purpose == "registration" else stranger.request_reset()
    assert drawn
    if purpose == "registration":
        stranger.ask(lambda: portal.activate(flow, drawn[-1]))
    else:
        stranger.prove(flow, drawn[-1])
    assert stranger.answers[-1] == "Код не подошёл. Проверьте цифры. Осталось попыток: 4."
