"""The handlers of one's own data and of the security settings, called without a browser."""

from typing import Any

import pyotp
import pytest
import reflex as rx
from reflex.istate.data import RouterData

from lkk_reflex.identity import sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.login_change_state import LoginChangeState
from lkk_reflex.identity.password_change_state import PasswordChangeState
from lkk_reflex.identity.profile_state import ProfileState
from lkk_reflex.identity.second_factor_state import SecondFactorState, SecondStepState
from lkk_reflex.identity.security_state import SecurityState
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import SignInRequired
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal
from tests.support.handlers import JUNK, argument, call

LOGIN = "ivan@mail.ru"
OWN_STATES = (ProfileState, SecurityState, LoginChangeState, PasswordChangeState, SecondFactorState)
FIELDS = ("surname", "name", "phone", "second_email", "login", "password", "own_password", "code", "second_code")


class Settings:
    """A signed-in subscriber in front of the pages."""

    def __init__(self, portal: Portal, login: str = LOGIN) -> None:
        self.portal = portal
        self.answer: Answer = portal.registered(login)
        found = sessions.resolve_session(self.answer.session_token or "", ANYBODY.address)
        assert found
        self.viewer = found

    def state(self, kind: Any, path: str = "/settings/security") -> Any:
        """Return a page's state in this browser."""
        # In the tree of its tab, by which handlers reach one state from another.
        state = rx.State(_reflex_internal_init=True).get_substate(kind.get_full_name().split("."))  # type: ignore[call-arg]
        cookies = f"lkk={self.answer.session_token}; lkk-device={self.answer.device_token}"
        state.router = RouterData.from_router_data(
            {"headers": {"cookie": cookies}, "asPath": path, "pathname": path.split("?")[0], "query": {}}
        )
        return state

    async def call(self, state: Any, name: str, *arguments: object) -> list[Any]:
        """Press something on a page."""
        return await call(self.viewer, state, name, *arguments)

    async def switched_on(self) -> tuple[Any, str]:
        """Switch the second step on; return the state, which shows the recovery codes, and the secret."""
        state = self.state(SecondFactorState)
        await self.call(state, "load")
        await self.call(state, "prepare", {"own_password": PASSWORD})
        secret = state.enrolment.secret.replace(" ", "")
        await self.call(state, "switch_on", {"second_code": pyotp.TOTP(secret).at(clock.now())})
        return state, secret


@pytest.fixture
def settings(portal: Portal) -> Settings:
    return Settings(portal)


async def test_profile_says_at_the_fields_what_is_wrong_and_below_what_was_saved(settings: Settings) -> None:
    state = settings.state(ProfileState)
    await settings.call(state, "load")
    events = await settings.call(state, "save", {"surname": "Petrov", "name": "Иван", "phone": "12"})
    assert set(state.errors) == {"surname", "phone"}
    assert "ref_surname" in argument(events, "ref")[0]
    events = await settings.call(state, "save", {"surname": "Петров", "name": "Иван"})
    assert (state.errors, state.note, state.is_busy) == ({}, "Сохранено: фамилия, имя.", False)
    assert "ref_said" in argument(events, "ref")[0]
    await settings.call(state, "save", {"surname": "Петров", "name": "Иван"})
    assert state.note == "Изменений нет: всё уже сохранено."
    await settings.call(state, "load")
    assert (state.profile.surname, state.profile.name) == ("Петров", "Иван")


async def test_second_email_is_confirmed_on_the_same_page(settings: Settings) -> None:
    state = settings.state(ProfileState)
    events = await settings.call(state, "save", {"second_email": "doch@yandex.ru"})
    assert state.is_waiting
    assert "ref_code" in argument(events, "ref")[0]
    assert "d•••@yandex.ru" in state.sent_to
    assert state.note == "Чтобы включить почту, введите код из письма."
    awaited = "Почта ждёт подтверждения: введите код из письма. Письма нет — нажмите «Отправить ещё раз»."
    await settings.call(state, "save", {"second_email": "doch@yandex.ru"})
    assert (state.note, state.is_waiting) == (awaited, True)
    await settings.call(state, "save", {"second_email": "doch@yandex.ru", "name": "Иван"})
    assert state.note == f"Сохранено: имя. {awaited}"
    await settings.call(state, "confirm", {"code": "1"})
    assert state.errors == {"code": "Введите 6 цифр из сообщения."}
    await settings.call(state, "resend")
    assert "Следующее сообщение" in state.errors[""]
    await settings.call(state, "confirm", {"code": settings.portal.last_letter().code})
    assert state.note == "Сохранено: почта doch@yandex.ru. Уведомления будут приходить и на неё."
    assert not state.is_waiting


async def test_too_long_a_name_is_refused_and_not_cut(settings: Settings) -> None:
    state = settings.state(ProfileState)
    await settings.call(state, "save", {"surname": "ё" * 500})
    assert state.errors == {"surname": "Фамилия: можно не больше 60 знаков."}


async def test_form_of_a_password_and_another_field_tells_of_both_and_focuses_the_first(settings: Settings) -> None:
    guarded, _ = await settings.switched_on()
    await settings.call(guarded, "load")
    for state, name, data, wrong in (
        (settings.state(LoginChangeState), "ask", {"login": "ivan"}, ["login", "own_password"]),
        (settings.state(LoginChangeState), "ask", {"login": LOGIN}, ["login", "own_password"]),
        (settings.state(PasswordChangeState), "change", {"password": "ab"}, ["own_password", "password"]),
        (guarded, "prove", {"second_code": "12"}, ["own_password", "second_code"]),
    ):
        events = await settings.call(state, name, data)
        assert list(state.errors) == wrong
        assert argument(events, "ref") == [f"ref_{wrong[0]}"]
        assert not state.is_busy


async def test_form_with_a_wrong_field_spends_no_try_at_the_password(settings: Settings) -> None:
    state = settings.state(LoginChangeState)
    for _ in range(10):
        await settings.call(state, "ask", {"login": "ivan", "own_password": "Wrong12"})
        assert list(state.errors) == ["login"]
    await settings.call(state, "ask", {"login": "new@yandex.ru", "own_password": PASSWORD})
    assert state.is_waiting


async def test_login_is_changed_in_two_steps(settings: Settings) -> None:
    state = settings.state(LoginChangeState)
    await settings.call(state, "load")
    assert (state.login, state.is_waiting) == (LOGIN, False)
    await settings.call(state, "ask", {"login": "new@yandex.ru", "own_password": "Wrong12"})
    assert list(state.errors) == ["own_password"]
    events = await settings.call(state, "ask", {"login": "new@yandex.ru", "own_password": PASSWORD})
    assert state.is_waiting
    assert "ref_code" in argument(events, "ref")[0]
    await settings.call(state, "confirm", {"code": settings.portal.last_letter().code})
    assert settings.portal.redeem(state.ticket).path == "/settings/security?done=login"


async def test_change_of_a_login_can_be_cancelled(settings: Settings) -> None:
    state = settings.state(LoginChangeState)
    await settings.call(state, "ask", {"login": "new@yandex.ru", "own_password": PASSWORD})
    await settings.call(state, "cancel")
    assert (state.is_waiting, state.note) == (False, "Смена отменена. Вы входите по-прежнему.")
    await settings.call(state, "confirm", {"code": "123456"})
    assert "Подтверждать нечего" in state.errors[""]


async def test_password_is_changed_and_a_ticket_given(settings: Settings) -> None:
    state = settings.state(PasswordChangeState)
    await settings.call(state, "load")
    await settings.call(state, "change", {"own_password": "Wrong12", "password": "Rk29LmZ"})
    assert list(state.errors) == ["own_password"]
    await settings.call(state, "change", {"own_password": PASSWORD, "password": "Rk29LmZ"})
    assert settings.portal.redeem(state.ticket).path == "/settings/security?done=password"


async def test_security_page_says_what_was_done_and_lists_sessions(settings: Settings) -> None:
    state = settings.state(SecurityState, "/settings/security?done=password")
    await settings.call(state, "load")
    assert state.note.startswith("Пароль изменён.")
    assert state.security.login == LOGIN
    assert [one.is_this_one for one in state.sessions] == [True]
    state = settings.state(SecurityState, "/settings/security?done=<script>")
    await settings.call(state, "load")
    assert state.note == ""


async def test_session_of_another_device_is_ended_by_its_name(settings: Settings) -> None:
    other = settings.portal.sign_in(LOGIN, browser=Browser(device_token=settings.answer.device_token))
    state = settings.state(SecurityState)
    await settings.call(state, "load")
    assert len(state.sessions) == 2
    await settings.call(state, "end_session", state.sessions[1].public_id)
    assert state.note == "Завершено: Браузер"
    assert sessions.resolve_session(other.session_token or "") is None
    for junk in JUNK:
        await settings.call(state, "end_session", junk)
    assert len(state.sessions) == 1


async def test_all_other_sessions_are_ended_at_once(settings: Settings) -> None:
    settings.portal.sign_in(LOGIN, browser=Browser(device_token=settings.answer.device_token))
    state = settings.state(SecurityState)
    await settings.call(state, "end_others")
    assert [one.is_this_one for one in state.sessions] == [True]
    assert state.note.endswith("Вы остались только здесь.")


async def test_secret_and_recovery_codes_are_sent_once_and_forgotten_on_leaving(settings: Settings) -> None:
    state, secret = await settings.switched_on()
    assert len(state.recovery_codes) == 10
    assert secret not in str(state.dict())
    codes = list(state.recovery_codes)
    await settings.call(state, "leave")
    assert not any(code in str(state.dict()) for code in codes)
    again = settings.state(SecondFactorState)
    await settings.call(again, "load")
    assert (again.factor.is_on, again.recovery_codes, again.enrolment.secret) == (True, [], "")


async def test_secret_is_forgotten_when_the_page_is_left_before_the_end(settings: Settings) -> None:
    state = settings.state(SecondFactorState)
    await settings.call(state, "prepare", {"own_password": PASSWORD})
    assert state.enrolment.secret
    assert state.enrolment.picture.startswith("data:image/svg+xml")
    await settings.call(state, "leave")
    assert (state.enrolment.secret, state.enrolment.picture) == ("", "")


async def test_second_step_is_switched_off_by_password_and_code(settings: Settings) -> None:
    state, secret = await settings.switched_on()
    settings.portal.clock.pass_(seconds=60)
    events = await settings.call(state, "finish")
    assert argument(events, "path") == ["/settings/security?done=second_factor"]
    await settings.call(state, "load")
    await settings.call(state, "choose", "off")
    assert state.intent == "off"
    await settings.call(state, "prove", {"own_password": "Wrong12", "second_code": "000000"})
    assert list(state.errors) == ["own_password"]
    await settings.call(state, "prove", {"own_password": PASSWORD, "second_code": "12"})
    assert list(state.errors) == ["second_code"]
    code = pyotp.TOTP(secret).at(clock.now())
    await settings.call(state, "prove", {"own_password": PASSWORD, "second_code": code})
    assert (state.factor.is_on, state.intent) == (False, "")
    assert state.note.startswith("Второй шаг выключен.")


async def test_recovery_codes_are_made_anew(settings: Settings) -> None:
    state, secret = await settings.switched_on()
    former = list(state.recovery_codes)
    settings.portal.clock.pass_(seconds=60)
    await settings.call(state, "load")
    await settings.call(state, "choose", "renew")
    code = pyotp.TOTP(secret).at(clock.now())
    events = await settings.call(state, "prove", {"own_password": PASSWORD, "second_code": code})
    assert len(set(state.recovery_codes) - set(former)) == 10
    assert "recovery" in argument(events, "ref")[0]


async def test_sign_in_asks_for_the_code_of_the_application(settings: Settings) -> None:
    _, secret = await settings.switched_on()
    settings.portal.clock.pass_(seconds=60)
    half = settings.portal.sign_in(LOGIN)
    state = settings.state(SecondStepState)
    state.router = RouterData.from_router_data(
        {
            "headers": {"cookie": f"lkk-flow={half.flow_token}"},
            "asPath": half.path,
            "pathname": half.path,
            "query": {},
        }
    )
    await call(ANYBODY, state, "load")
    assert not state.is_lost
    await call(ANYBODY, state, "submit", {"second_code": "12"})
    assert list(state.errors) == ["second_code"]
    await call(ANYBODY, state, "submit", {"second_code": pyotp.TOTP(secret).at(clock.now())})
    assert settings.portal.redeem(state.ticket).session_token


async def test_second_step_without_its_cookie_says_to_begin_again(settings: Settings) -> None:
    state = settings.state(SecondStepState, "/sign-in/second")
    await call(ANYBODY, state, "load")
    assert state.is_lost


@pytest.mark.parametrize("kind", OWN_STATES)
async def test_nobody_and_another_subscriber_get_nothing(settings: Settings, kind: Any) -> None:
    """The gate stops strangers before; here it is shown that behind it they would get nothing either."""
    await settings.call(settings.state(ProfileState), "save", {"surname": "Тайная", "second_email": "doch@yandex.ru"})
    anna = Settings(settings.portal, "anna@mail.ru")
    for name in kind.event_handlers:
        if name == "setvar":
            continue
        arguments: list[object] = [dict.fromkeys(FIELDS, "1")] if _takes_a_form(kind, name) else []
        arguments = ["off"] if name in ("choose", "end_session") else arguments
        for viewer in (Viewer(), anna.viewer):
            state = anna.state(kind)
            try:
                await call(viewer, state, name, *arguments)
            except SignInRequired:
                assert viewer.subscriber_id is None
            told = str(state.dict())
            assert not any(own in told for own in (LOGIN, "Тайная", "doch", "d•••"))


@pytest.mark.parametrize("kind", OWN_STATES)
async def test_junk_is_refused_in_words_or_does_nothing(settings: Settings, kind: Any) -> None:
    forms = [name for name in kind.event_handlers if _takes_a_form(kind, name)]
    for name in forms:
        for junk in [*JUNK, *(dict.fromkeys(FIELDS, value) for value in JUNK)]:
            state = settings.state(kind)
            await settings.call(state, name, junk)
            assert state.ticket == ""
            assert not state.is_busy


def _takes_a_form(kind: Any, name: str) -> bool:
    return "data" in kind.event_handlers[name].fn.__code__.co_varnames
