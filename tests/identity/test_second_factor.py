"""The second factor: who needs it, what is accepted once, how few guesses there are."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import unquote

import pyotp
import pytest
from sqlmodel import Session, select

from lkk_reflex.identity import codes, credentials, second_factor, second_factor_rules, sessions
from lkk_reflex.identity import security_repository as repository
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import (
    FirstCodeUnreadable,
    FlowLost,
    OwnPasswordWrong,
    SecondCodeUnreadable,
    SecondCodeWait,
    SecondCodeWrong,
    SecondFactorChanged,
    SecondFactorOff,
)
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.models import AuditEvent, NoticeEvent, RecoveryCode, SecondFactor, SubscriberProfile
from lkk_reflex.identity.second_factor_rules import matching_step, provisioning_uri, read_code
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock, crypto
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, FormRefused, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.notifications.models import Channel
from tests.factories.identity import PASSWORD
from tests.factories.notices import choose
from tests.identity.conftest import ANYBODY, Letter, Portal
from tests.support import patience
from tests.support.portal import SECRET as INSTALLATION_SECRET

LOGIN = "ivan@mail.ru"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Guarded:
    """A subscriber who has switched the second factor on."""

    def __init__(self, portal: Portal, login: str = LOGIN) -> None:
        self.portal = portal
        self.login = login
        self.first = portal.registered(login)
        self.home = Browser(device_token=self.first.device_token)
        found = sessions.resolve_session(self.first.session_token or "", ANYBODY.address)
        assert found
        self.viewer = found
        self.secret = second_factor.prepare(self.viewer, password=PASSWORD).secret.replace(" ", "")
        with unit_of_work() as session:
            self.recovery = second_factor.switch_on(session, self.viewer, code=self.code())
        # The code just used is good no more.
        portal.clock.pass_(seconds=60)

    def code(self, *, steps: int = 0) -> str:
        """Read the application, whose clock is some steps ahead."""
        return pyotp.TOTP(self.secret).at(clock.now() + timedelta(seconds=30 * steps))

    def wrong(self) -> str:
        """Return a code that fits no step near."""
        near = {self.code(steps=step) for step in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)

    def gives_password(self, browser: Browser | None = None) -> Answer:
        """Sign in as far as the second step."""
        answer = self.portal.sign_in(self.login, browser=browser or self.home)
        assert (answer.path, answer.session_token) == ("/sign-in/second", None)
        return answer

    def confirms(self, half: Answer, code: str, browser: Browser | None = None) -> Answer:
        """Give the code of the second step."""
        with unit_of_work() as session:
            ticket = sessions.confirm_second_factor(
                session, ANYBODY, flow_token=half.flow_token, code=code, browser=browser or self.home
            )
        return self.portal.redeem(ticket)


@pytest.fixture
def guarded(portal: Portal) -> Guarded:
    return Guarded(portal)


def spent(action: Callable[[], object]) -> PortalError | None:
    try:
        action()
    except PortalError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(("steps", "is_accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clock_of_a_telephone_may_differ_by_half_a_minute(portal: Portal, steps: int, is_accepted: bool) -> None:
    now = clock.now()
    code = pyotp.TOTP(SECRET).at(now + timedelta(seconds=30 * steps))
    assert (matching_step(SECRET, code, now) is not None) is is_accepted


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238 appendix B, cut to six digits: the second 59 of the era has the code 287082."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert pyotp.TOTP(secret).generate_otp(1) == "287082"


@pytest.mark.parametrize("text", ["482913", " 482 913 ", "4829-1357-0042", "4829 1357 0042"])
def test_both_kinds_of_codes_are_read_as_people_type_them(text: str) -> None:
    assert read_code(text).is_recovery is (len(re.sub(r"\D", "", text)) == 12)


@pytest.mark.parametrize("text", ["", "48291", "4829130", "48291a", "1234-5678-901", "x" * 100_000, "=1+1", "😀" * 6])
def test_anything_else_is_no_code(text: str) -> None:
    with pytest.raises(SecondCodeUnreadable):
        read_code(text)


def test_picture_names_the_company_and_the_login() -> None:
    uri = provisioning_uri(SECRET, login="ivan@mail.ru", company="МУП «Водоканал: Рязань»")
    assert unquote(uri).startswith("otpauth://totp/МУП «Водоканал  Рязань»:ivan@mail.ru?secret=" + SECRET)
    picture = second_factor_rules.picture(uri)
    assert picture.startswith("data:image/svg+xml")
    assert "<" not in picture


def test_switching_on_needs_the_password_and_a_right_code(portal: Portal) -> None:
    viewer = sessions.resolve_session(portal.registered(LOGIN).session_token or "")
    assert viewer
    with pytest.raises(OwnPasswordWrong):
        second_factor.prepare(viewer, password="Wrong12")
    with unit_of_work() as session, pytest.raises(SecondFactorChanged):
        second_factor.switch_on(session, viewer, code="000000")
    secret = second_factor.prepare(viewer, password=PASSWORD).secret.replace(" ", "")
    totp = pyotp.TOTP(secret)
    for code in ("", "123", "1234-5678-9012"):
        with unit_of_work() as session, pytest.raises(FirstCodeUnreadable):
            second_factor.switch_on(session, viewer, code=code)
    wrong = "000000" if totp.at(clock.now()) != "000000" else "000001"
    with pytest.raises(SecondCodeWrong), unit_of_work() as session:
        second_factor.switch_on(session, viewer, code=wrong)
    with reading() as session:
        assert not second_factor.status(session, viewer).is_on
    with unit_of_work() as session:
        fresh = second_factor.switch_on(session, viewer, code=totp.at(clock.now()))
    assert len(set(fresh)) == 10
    assert all(re.fullmatch(r"\d{4}-\d{4}-\d{4}", code) for code in fresh)
    with reading() as session:
        shown = second_factor.status(session, viewer)
    assert (shown.is_on, shown.codes_left) == (True, "Запасных кодов осталось: 10")


def test_setting_up_must_end_within_a_quarter_of_an_hour(portal: Portal) -> None:
    viewer = sessions.resolve_session(portal.registered(LOGIN).session_token or "")
    assert viewer
    secret = second_factor.prepare(viewer, password=PASSWORD).secret.replace(" ", "")
    portal.clock.pass_(minutes=15)
    with unit_of_work() as session, pytest.raises(SecondFactorChanged):
        second_factor.switch_on(session, viewer, code=pyotp.TOTP(secret).at(clock.now()))


def test_setting_up_again_makes_another_secret_and_never_replaces_one_in_use(portal: Portal) -> None:
    viewer = sessions.resolve_session(portal.registered(LOGIN).session_token or "")
    assert viewer
    former, secret = (second_factor.prepare(viewer, password=PASSWORD).secret.replace(" ", "") for _ in range(2))
    assert former != secret
    with unit_of_work() as session:
        second_factor.switch_on(session, viewer, code=pyotp.TOTP(secret).at(clock.now()))
    with pytest.raises(SecondFactorChanged):
        second_factor.prepare(viewer, password=PASSWORD)


def test_switching_on_ends_other_sessions_and_tells_the_owner(portal: Portal) -> None:
    first = portal.registered(LOGIN)
    laptop = portal.sign_in(LOGIN, browser=Browser(device_token=first.device_token))
    viewer = sessions.resolve_session(first.session_token or "")
    assert viewer
    secret = second_factor.prepare(viewer, password=PASSWORD).secret.replace(" ", "")
    with unit_of_work() as session:
        second_factor.switch_on(session, viewer, code=pyotp.TOTP(secret).at(clock.now()))
    assert sessions.resolve_session(laptop.session_token or "") is None
    assert sessions.resolve_session(first.session_token or "")
    assert portal.last_letter().template == "second_factor_changed"
    assert "включён" in portal.last_letter().subject


def test_secret_and_codes_are_stored_so_that_the_database_does_not_tell_them(guarded: Guarded) -> None:
    with reading() as session:
        stored = str([row.model_dump() for row in session.exec(select(SecondFactor)).all()])
        stored += str([row.model_dump() for row in session.exec(select(RecoveryCode)).all()])
        told = str([row.model_dump() for row in session.exec(select(AuditEvent)).all()])
    for secret in (guarded.secret, *guarded.recovery, *(code.replace("-", "") for code in guarded.recovery)):
        assert secret not in stored + told
    assert not any(guarded.secret in letter.body for letter in guarded.portal.letters())


def test_every_sign_in_asks_for_the_code_on_known_devices_too(guarded: Guarded) -> None:
    for browser in (guarded.home, Browser()):
        half = guarded.gives_password(browser)
        assert guarded.confirms(half, guarded.code(), browser).session_token
        guarded.portal.clock.pass_(seconds=60)


def test_wrong_password_never_comes_to_the_second_step(guarded: Guarded) -> None:
    with pytest.raises(PortalError) as refusal:
        guarded.portal.sign_in(LOGIN, "Wrong12", browser=guarded.home)
    assert refusal.value.code == "identity.wrong_pair"


def test_no_message_is_sent_for_the_second_step_and_none_can_be_asked_for(guarded: Guarded) -> None:
    before = len(guarded.portal.letters())
    half = guarded.gives_password(Browser())
    with unit_of_work() as session, pytest.raises(FlowLost):
        codes.resend(session, ANYBODY, flow_token=half.flow_token)
    assert len(guarded.portal.letters()) == before


def test_sign_in_from_a_new_device_is_told_after_the_code(guarded: Guarded) -> None:
    guarded.confirms(guarded.gives_password(Browser()), guarded.code(), Browser())
    assert guarded.portal.last_letter().template == "new_sign_in"


def test_code_is_accepted_once(guarded: Guarded) -> None:
    code = guarded.code()
    guarded.confirms(guarded.gives_password(), code)
    half = guarded.gives_password()
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(half, code)
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(half, guarded.code(steps=-1))
    assert guarded.confirms(half, guarded.code(steps=1)).session_token


def test_code_used_twice_at_once_signs_in_once(guarded: Guarded) -> None:
    code, together = guarded.code(), Barrier(2)
    halves = [guarded.gives_password(), guarded.gives_password()]

    def confirm(half: Answer) -> bool:
        together.wait()
        return spent(lambda: guarded.confirms(half, code)) is None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, halves)) == [False, True]


def test_half_a_sign_in_is_good_for_one_session(guarded: Guarded) -> None:
    half = guarded.gives_password()
    guarded.confirms(half, guarded.code())
    guarded.portal.clock.pass_(seconds=60)
    with pytest.raises(FlowLost):
        guarded.confirms(half, guarded.code())


def test_second_step_waits_a_quarter_of_an_hour(guarded: Guarded) -> None:
    half = guarded.gives_password()
    guarded.portal.clock.pass_(minutes=15)
    with pytest.raises(FlowLost):
        guarded.confirms(half, guarded.code())


def test_code_without_the_password_opens_nothing(guarded: Guarded) -> None:
    for flow in (None, "x" * 43):
        with unit_of_work() as session, pytest.raises(FlowLost):
            sessions.confirm_second_factor(session, ANYBODY, flow_token=flow, code=guarded.code(), browser=guarded.home)


def test_code_of_another_subscriber_does_not_fit(guarded: Guarded) -> None:
    anna = Guarded(guarded.portal, "anna@mail.ru")
    if anna.code() != guarded.code():
        with pytest.raises(SecondCodeWrong):
            guarded.confirms(guarded.gives_password(), anna.code())
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(guarded.gives_password(), anna.recovery[0])


def test_wrong_codes_wait_longer_and_longer_over_all_sign_ins(guarded: Guarded) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(SecondCodeWrong) as refusal:
            guarded.confirms(guarded.gives_password(), guarded.wrong())
        assert refusal.value.params == {"left": left}
    with pytest.raises(SecondCodeWait):
        guarded.confirms(guarded.gives_password(), guarded.wrong())
    with pytest.raises(TooManyAttempts):
        guarded.confirms(guarded.gives_password(), guarded.code())
    guarded.portal.clock.pass_(seconds=31)
    assert guarded.confirms(guarded.gives_password(), guarded.code()).session_token


def test_hundred_wrong_codes_are_enough_for_a_year_and_a_recovery_code_still_helps(guarded: Guarded) -> None:
    wrong = 0
    for _ in range(200):
        half = guarded.gives_password()
        refusal = spent(lambda half=half: guarded.confirms(half, guarded.wrong()))  # type: ignore[misc]
        wrong += isinstance(refusal, SecondCodeWrong)
        guarded.portal.clock.pass_(hours=1)
        if guarded.portal.clock.now.hour == 0:
            guarded.portal.clock.pass_(hours=24)
    assert wrong == 100
    with pytest.raises(TooManyAttempts):
        guarded.confirms(guarded.gives_password(), guarded.code())
    assert guarded.confirms(guarded.gives_password(), guarded.recovery[0]).session_token
    guarded.portal.clock.pass_(seconds=60)
    assert guarded.confirms(guarded.gives_password(), guarded.code()).session_token


def test_parallel_guesses_get_no_more_tries_than_there_are(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def count(*_: object) -> None:
        compared.append(1)

    monkeypatch.setattr(second_factor_rules, "matching_step", count)
    half = guarded.gives_password()

    def guess(number: int) -> PortalError | None:
        viewer = Viewer(address=f"10.{number}.0.1")
        with unit_of_work() as session:
            sessions.confirm_second_factor(
                session, viewer, flow_token=half.flow_token, code="000000", browser=guarded.home
            )
        return None

    with ThreadPoolExecutor(12) as pool:
        refusals = list(pool.map(lambda number: spent(lambda: guess(number)), range(40)))
    assert all(isinstance(one, SecondCodeWrong | TooManyAttempts) for one in refusals)
    assert len(compared) == 5


def test_recovery_code_stands_in_once_and_is_told(guarded: Guarded) -> None:
    code = guarded.recovery[3]
    assert guarded.confirms(guarded.gives_password(), f" {code.replace('-', ' ')} ").session_token
    letter = next(one for one in reversed(guarded.portal.letters()) if one.template == "recovery_codes")
    assert "Осталось запасных кодов: 9" in letter.body
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(guarded.gives_password(), code)
    with reading() as session:
        assert second_factor.status(session, guarded.viewer).codes_left.endswith("9")


def test_recovery_code_outlives_a_change_of_the_secret_of_the_installation(guarded: Guarded) -> None:
    crypto.bind(Keyring(("another-secret-of-the-tests-that-is-long-enough", INSTALLATION_SECRET)))
    assert guarded.confirms(guarded.gives_password(), guarded.recovery[0]).session_token
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(guarded.gives_password(), guarded.recovery[0])


def _told_by_one_recovery_code(guarded: Guarded, browser: Browser) -> list[Letter]:
    """Sign in by a recovery code, and return every letter about it."""
    before = len(guarded.portal.letters())
    guarded.confirms(guarded.gives_password(browser), guarded.recovery[0], browser)
    return guarded.portal.letters()[before:]


def test_one_letter_tells_of_the_recovery_code_and_of_the_new_device(guarded: Guarded) -> None:
    (letter,) = _told_by_one_recovery_code(guarded, Browser(user_agent="Firefox/1 Windows"))
    assert letter.subject == "Вход по запасному коду с нового устройства"
    assert (
        "вместо кода из приложения и с нового устройства: Firefox, Windows. Осталось запасных кодов: 9" in letter.body
    )


def test_a_known_device_is_not_called_new_in_the_letter_about_the_recovery_code(guarded: Guarded) -> None:
    (letter,) = _told_by_one_recovery_code(guarded, guarded.home)
    assert letter.subject == "Вход по запасному коду"
    assert "нового устройства" not in letter.body


def test_recovery_code_from_a_new_device_is_told_by_the_channels_of_both(portal: Portal) -> None:
    guarded = Guarded(portal, "+79123456789")
    with unit_of_work() as session:
        subscriber_id = guarded.viewer.require_subscriber()
        session.add(SubscriberProfile(subscriber_id=subscriber_id, second_email=LOGIN, changed_at=clock.now()))
        for event, channel in (
            (NoticeEvent.SECOND_FACTOR_CHANGED, Channel.SMS),
            (NoticeEvent.NEW_DEVICE, Channel.EMAIL),
        ):
            choose(session, guarded.viewer, event, channel, is_wanted=False)
    letters = _told_by_one_recovery_code(guarded, Browser())
    assert [(letter.to, letter.template) for letter in letters] == [
        (LOGIN, "recovery_codes"),
        (guarded.login, "recovery_codes"),
    ]


def test_recovery_code_that_lets_nobody_in_is_not_told_as_a_sign_in(guarded: Guarded) -> None:
    before = len(guarded.portal.letters())
    fresh = second_factor.renew_recovery_codes(guarded.viewer, password=PASSWORD, code=guarded.recovery[0])
    second_factor.switch_off(guarded.viewer, password=PASSWORD, code=fresh[0])
    subjects = [letter.subject for letter in guarded.portal.letters()[before:]]
    assert len(subjects) == 2
    assert not any("Вход" in subject for subject in subjects)


def test_recovery_code_used_twice_at_once_signs_in_once(guarded: Guarded) -> None:
    together = Barrier(2)
    halves = [guarded.gives_password(), guarded.gives_password()]

    def confirm(half: Answer) -> bool:
        together.wait()
        return spent(lambda: guarded.confirms(half, guarded.recovery[0])) is None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, halves)) == [False, True]


def test_new_recovery_codes_replace_the_former(guarded: Guarded) -> None:
    with pytest.raises(OwnPasswordWrong):
        second_factor.renew_recovery_codes(guarded.viewer, password="Wrong12", code=guarded.code())
    with pytest.raises(SecondCodeWrong):
        second_factor.renew_recovery_codes(guarded.viewer, password=PASSWORD, code=guarded.wrong())
    fresh = second_factor.renew_recovery_codes(guarded.viewer, password=PASSWORD, code=guarded.code())
    assert not set(fresh) & set(guarded.recovery)
    with pytest.raises(SecondCodeWrong):
        guarded.confirms(guarded.gives_password(), guarded.recovery[0])
    assert guarded.confirms(guarded.gives_password(), fresh[0]).session_token


def test_switching_off_needs_the_password_and_a_code(guarded: Guarded) -> None:
    with pytest.raises(OwnPasswordWrong):
        second_factor.switch_off(guarded.viewer, password="Wrong12", code=guarded.code())
    with pytest.raises(SecondCodeWrong):
        second_factor.switch_off(guarded.viewer, password=PASSWORD, code=guarded.wrong())
    with pytest.raises(SecondCodeUnreadable):
        second_factor.switch_off(guarded.viewer, password=PASSWORD, code="")
    second_factor.switch_off(guarded.viewer, password=PASSWORD, code=guarded.code())
    assert "выключен" in guarded.portal.last_letter().subject
    assert guarded.portal.sign_in(LOGIN, browser=guarded.home).session_token
    with reading() as session:
        assert not second_factor.status(session, guarded.viewer).is_on
        assert not session.exec(select(RecoveryCode)).all()
    with pytest.raises(SecondFactorChanged):
        second_factor.switch_off(guarded.viewer, password=PASSWORD, code="000000")


def proved_reset(portal: Portal) -> str:
    with unit_of_work() as session:
        ticket = credentials.request_reset(session, ANYBODY, login=LOGIN)
    flow = portal.redeem(ticket).flow_token or ""
    with unit_of_work() as session:
        credentials.prove_reset(session, ANYBODY, flow_token=flow, code=portal.last_letter().code)
    return flow


@pytest.mark.parametrize("kind", ["application", "recovery"])
def test_forgotten_password_needs_the_second_factor_too(guarded: Guarded, kind: str) -> None:
    flow = proved_reset(guarded.portal)
    with reading() as session:
        assert codes.view(session, ANYBODY, flow_token=flow).needs_second_code
    with pytest.raises(SecondCodeUnreadable):
        credentials.set_new_password(ANYBODY, flow_token=flow, password="Rk29LmZ")
    with pytest.raises(SecondCodeWrong):
        credentials.set_new_password(ANYBODY, flow_token=flow, password="Rk29LmZ", second_code=guarded.wrong())
    with pytest.raises(FormRefused) as both:
        credentials.set_new_password(ANYBODY, flow_token=flow, password="ab", second_code="")
    assert [problem.field for problem in both.value.problems] == ["password", "second_code"]
    code = guarded.code() if kind == "application" else guarded.recovery[0]
    ticket = credentials.set_new_password(ANYBODY, flow_token=flow, password="Rk29LmZ", second_code=code)
    assert guarded.portal.redeem(ticket).session_token


def test_nobody_learns_of_a_second_factor_before_the_code_of_a_reset(guarded: Guarded) -> None:
    with unit_of_work() as session:
        ticket = credentials.request_reset(session, ANYBODY, login=LOGIN)
    flow = guarded.portal.redeem(ticket).flow_token
    with reading() as session:
        assert not codes.view(session, ANYBODY, flow_token=flow).needs_second_code


def test_half_a_sign_in_ends_with_the_password_it_began_with(guarded: Guarded) -> None:
    half = guarded.gives_password()
    credentials.change_password(guarded.viewer, old_password=PASSWORD, password="Rk29LmZ", browser=guarded.home)
    with pytest.raises(FlowLost):
        guarded.confirms(half, guarded.code())


def test_half_a_sign_in_by_a_mailed_code_ends_when_the_second_factor_comes(portal: Portal) -> None:
    first = portal.registered(LOGIN)
    half = portal.sign_in(LOGIN)
    code = portal.last_letter().code
    viewer = sessions.resolve_session(first.session_token or "")
    assert viewer
    secret = second_factor.prepare(viewer, password=PASSWORD).secret.replace(" ", "")
    with unit_of_work() as session:
        second_factor.switch_on(session, viewer, code=pyotp.TOTP(secret).at(clock.now()))
    with unit_of_work() as session, pytest.raises(FlowLost):
        sessions.confirm_device(session, ANYBODY, flow_token=half.flow_token, code=code, browser=Browser())


def test_used_code_old_code_and_wrong_code_get_the_same_answer_for_the_same_work(guarded: Guarded) -> None:
    used = guarded.code()
    guarded.confirms(guarded.gives_password(), used)
    seen = []
    for code in (used, guarded.code(steps=-5), guarded.wrong()):
        half = guarded.gives_password()
        queries = guarded.portal.queries
        refusal = spent(lambda half=half, code=code: guarded.confirms(half, code))  # type: ignore[misc]
        assert refusal
        seen.append((refusal.code, guarded.portal.queries - queries))
    # A code that fits a step costs the one statement that finds it used; no stranger has such a code.
    assert len({code for code, _ in seen}) == 1
    assert seen[1] == seen[2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_reading_and_then_writing_would_accept_a_code_twice(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: without the one statement that uses a step up, both of two owners of a code come in."""
    together = Barrier(2)

    def read_then_write(session: Session, subscriber_id: int, step: int) -> bool:
        row = session.exec(select(SecondFactor).where(SecondFactor.subscriber_id == subscriber_id)).one()
        is_fresh = row.last_step < step
        together.wait(timeout=patience.SECONDS)
        row.last_step = step
        session.add(row)
        return is_fresh

    monkeypatch.setattr(repository, "use_step", read_then_write)
    # The counters make the two wait for one another; here only the step counts.
    monkeypatch.setattr("lkk_reflex.identity.limits.SECOND_FACTOR", ())
    monkeypatch.setattr("lkk_reflex.identity.limits.CODE", ())
    code = guarded.code()
    halves = [guarded.gives_password(), guarded.gives_password()]
    with ThreadPoolExecutor(2) as pool:
        entered = list(pool.map(lambda half: spent(lambda: guarded.confirms(half, code)) is None, halves))
    assert entered == [True, True]


def test_company_helps_who_has_lost_everything(guarded: Guarded) -> None:
    with unit_of_work() as session:
        second_factor.switch_off_for(session, Viewer.system(), login=" IVAN@mail.ru ")
    assert sessions.resolve_session(guarded.first.session_token or "") is None
    assert "выключен" in guarded.portal.last_letter().subject
    assert guarded.portal.sign_in(LOGIN, browser=guarded.home).session_token
    for login in (LOGIN, "nobody@mail.ru"):
        with unit_of_work() as session, pytest.raises(SecondFactorOff):
            second_factor.switch_off_for(session, Viewer.system(), login=login)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.SUBSCRIBER, Role.OPERATOR])
def test_only_the_command_line_switches_off_for_somebody(guarded: Guarded, role: Role) -> None:
    viewer = Viewer(role=role, subscriber_id=guarded.viewer.subscriber_id)
    with unit_of_work() as session, pytest.raises(Forbidden):
        second_factor.switch_off_for(session, viewer, login=LOGIN)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_only_subscribers_have_a_second_factor(portal: Portal, role: Role) -> None:
    viewer = Viewer(role=role, subscriber_id=1)
    with unit_of_work() as session:
        for action in (
            lambda: second_factor.status(session, viewer),
            lambda: second_factor.switch_on(session, viewer, code="000000"),
            lambda: second_factor.prepare(viewer, password=PASSWORD),
            lambda: second_factor.switch_off(viewer, password=PASSWORD, code="000000"),
            lambda: second_factor.renew_recovery_codes(viewer, password=PASSWORD, code="000000"),
        ):
            with pytest.raises(SignInRequired):
                action()


def test_another_subscriber_neither_sees_nor_switches_mine(guarded: Guarded) -> None:
    anna = sessions.resolve_session(guarded.portal.registered("anna@mail.ru").session_token or "")
    assert anna
    with reading() as session:
        assert not second_factor.status(session, anna).is_on
    with pytest.raises(SecondFactorChanged):
        second_factor.switch_off(anna, password=PASSWORD, code=guarded.code())
    with reading() as session:
        assert second_factor.status(session, guarded.viewer).is_on
