"""The handlers of registration, signing in and the forgotten password, called without a browser."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
import reflex as rx
from reflex.event import EventSpec
from reflex.istate.data import RouterData
from sqlalchemy import Engine, event

from lkk_reflex.identity import guard, sessions
from lkk_reflex.identity.front_state import FrontState
from lkk_reflex.identity.state import CodeState, FormState, RegisterState, ResetState, SignInState
from lkk_reflex.identity.viewer import Role, Viewer
from tests.factories.identity import PASSWORD
from tests.identity.conftest import Portal

LOGIN = "ivan@mail.ru"
FORM = {"login": LOGIN, "password": PASSWORD, "consent": True}


#: The states of the form that takes a login, and of the page that asks for the code.
_PAGES: dict[str, tuple[type[FormState], type[FormState]]] = {
    "register": (RegisterState, CodeState),
    "reset": (ResetState, ResetState),
}


def new_tab() -> Any:
    """Return the tree of states that lives with a tab; handlers reach one state from another by it."""
    return rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]  # the framework's own way.


def opened(
    kind: type[FormState | FrontState], *, cookies: dict[str, str] | None = None, url: str = "/sign-in", tab: Any = None
) -> Any:
    """Return a state whose socket brought these cookies from this page, in a new tab or in the one before."""
    page: Any = kind
    state = (tab or new_tab()).get_substate(page.get_full_name().split("."))
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())}
    state.router = RouterData.from_router_data(
        {"headers": headers, "asPath": url, "pathname": url.split("?")[0], "query": {}, "ip": "203.0.113.7"}
    )
    return state


async def done(handler: AsyncIterator[EventSpec | None] | Awaitable[EventSpec | None]) -> list[EventSpec]:
    """Run a handler to its end and return the events it sends to the browser."""
    if isinstance(handler, AsyncIterator):
        return [event async for event in handler if event is not None]
    event = await handler
    return [event] if event is not None else []


def focus(events: list[EventSpec]) -> list[str]:
    """Return the fields to which the focus is sent."""
    return [str(value) for event in events for name, value in event.args if str(name) == "ref"]


def paths(events: list[EventSpec]) -> list[str]:
    """Return the pages to which the browser is sent."""
    return [str(value).strip('"') for event in events for name, value in event.args if str(name) == "path"]


async def registered_state() -> Any:
    state = opened(RegisterState, url="/register")
    await done(state.submit(FORM))
    return state


async def test_registration_gives_a_ticket_and_stays_busy_until_the_browser_has_left(portal: Portal) -> None:
    state = await registered_state()
    assert portal.redeem(state.ticket).path == "/activate"
    assert state.is_busy
    assert state.errors == {}


async def test_every_field_of_registration_says_what_is_wrong_with_it(portal: Portal) -> None:
    state = opened(RegisterState)
    events = await done(state.submit({"login": "ivan", "password": "ab"}))
    assert set(state.errors) == {"login", "password", "consent"}
    assert not state.is_busy
    assert "ref_login" in focus(events)[0]
    assert state.ticket == ""


@pytest.mark.parametrize(
    "sent", [{}, {"login": 7, "password": ["x"], "consent": "yes"}, [], None, "text", {"login": {"a": 1}}]
)
async def test_anything_a_socket_may_send_is_refused_in_words(portal: Portal, sent: object) -> None:
    for kind, handlers in (
        (RegisterState, ["submit"]),
        (SignInState, ["submit"]),
        (CodeState, ["submit"]),
        (ResetState, ["ask", "prove", "choose"]),
    ):
        for name in handlers:
            state = opened(kind)
            await done(getattr(state, name)(sent))
            assert state.errors
            assert all(isinstance(text, str) and text for text in state.errors.values())
            assert not state.is_busy
            assert state.ticket == ""


async def test_blanks_of_a_password_belong_to_it(standard_portal: Portal) -> None:
    state = opened(RegisterState)
    await done(state.submit(FORM | {"password": " лето с пробелом "}))
    flow = standard_portal.redeem(state.ticket).flow_token
    standard_portal.activate(flow or "", standard_portal.last_letter().code)
    for typed, is_right in (("лето с пробелом", False), (" лето с пробелом ", True)):
        state = opened(SignInState)
        await done(state.submit({"login": LOGIN, "password": typed}))
        assert bool(state.ticket) is is_right


async def test_code_page_shows_where_the_code_went_and_signs_in(portal: Portal) -> None:
    flow = portal.redeem((await registered_state()).ticket).flow_token or ""
    state = opened(CodeState, cookies={"lkk-flow": flow}, url="/activate")
    await done(state.load())
    sent = "Мы отправили письмо на i•••@mail.ru. Введите 6 цифр из сообщения или откройте ссылку в нём."
    assert state.sent_to == sent
    assert (state.is_lost, state.wait) == (False, 60)
    events = await done(state.submit({"code": "000000"}))
    assert state.errors == {"code": "Код не подошёл. Проверьте цифры. Осталось попыток: 4."}
    assert "ref_code" in focus(events)[0]
    await done(state.submit({"code": f" {portal.last_letter().code} "}))
    assert portal.redeem(state.ticket).path == "/cabinet/connect"


@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.parametrize("page", ["register", "reset"])
async def test_code_page_shows_in_full_what_was_typed_in_its_tab_and_masks_it_elsewhere(
    portal: Portal, page: str, is_taken: bool
) -> None:
    if is_taken:
        portal.registered(LOGIN)
    tab, form = new_tab(), FORM | {"login": " Ivan@MAIL.ru"}
    form_kind, asking = _PAGES[page]
    state = opened(form_kind, url=f"/{page}", tab=tab)
    await done(state.submit(form) if page == "register" else state.ask(form))
    cookies = {"lkk-flow": portal.redeem(state.ticket).flow_token or ""}

    async def told(tab: Any) -> str:
        state = opened(asking, cookies=cookies, url="/activate", tab=tab)
        await done(state.load())
        return str(state.sent_to)

    assert f" {LOGIN}. " in await told(tab)
    # Somebody else at this browser has another tab, or types another address in this one.
    assert " i•••@mail.ru. " in await told(new_tab())
    await done(opened(SignInState, tab=tab).submit({"login": "other@mail.ru", "password": "Wrong12"}))
    assert " i•••@mail.ru. " in await told(tab)


async def test_code_page_without_its_cookie_says_to_begin_again(portal: Portal) -> None:
    state = opened(CodeState, url="/activate")
    await done(state.load())
    assert state.is_lost
    await done(state.submit({"code": "482913"}))
    assert state.errors
    await done(state.resend())
    assert "" in state.errors


async def test_sending_again_counts_down_anew(portal: Portal) -> None:
    flow = portal.redeem((await registered_state()).ticket).flow_token or ""
    state = opened(CodeState, cookies={"lkk-flow": flow}, url="/activate")
    await done(state.load())
    await done(state.resend())
    assert state.errors == {"": "Следующее сообщение можно отправить через 60 с."}
    portal.clock.pass_(seconds=60)
    await done(state.resend())
    assert state.note.startswith("Отправили новый код")
    assert (state.wait, state.sent, state.is_busy) == (60, 3, False)


async def test_wrong_pair_is_said_beside_the_password(portal: Portal) -> None:
    state = opened(SignInState)
    events = await done(state.submit({"login": LOGIN, "password": "Wrong12"}))
    assert "Осталось попыток: 2" in state.errors["password"]
    assert "ref_password" in focus(events)[0]


async def test_used_up_tries_are_said_above_the_form(portal: Portal) -> None:
    state = opened(SignInState)
    for _ in range(4):
        await done(state.submit({"login": LOGIN, "password": "Wrong12"}))
    assert state.errors == {"": "Слишком много попыток. Попробуйте через 30 с."}


async def test_known_device_signs_in_and_goes_where_it_wanted(portal: Portal) -> None:
    device = portal.registered(LOGIN).device_token or ""
    state = opened(SignInState, cookies={"lkk-device": device}, url="/sign-in?next=/pay/Ab-3")
    await done(state.submit({"login": LOGIN, "password": PASSWORD}))
    assert portal.redeem(state.ticket).path == "/pay/Ab-3"


@pytest.mark.parametrize("wanted", ["https://evil.ru", "//evil.ru", "/auth/sign-out"])
async def test_sign_in_never_leads_to_another_site(portal: Portal, wanted: str) -> None:
    device = portal.registered(LOGIN).device_token or ""
    state = opened(SignInState, cookies={"lkk-device": device}, url=f"/sign-in?next={wanted}")
    await done(state.submit({"login": LOGIN, "password": PASSWORD}))
    assert portal.redeem(state.ticket).path == "/cabinet"


async def test_new_device_is_asked_for_a_code(portal: Portal) -> None:
    portal.registered(LOGIN)
    state = opened(SignInState)
    await done(state.submit({"login": LOGIN, "password": PASSWORD}))
    answer = portal.redeem(state.ticket)
    assert answer.path == "/sign-in/code"
    page = opened(CodeState, cookies={"lkk-flow": answer.flow_token or ""}, url="/sign-in/code")
    await done(page.load())
    await done(page.submit({"code": portal.last_letter().code}))
    assert sessions.resolve_session(portal.redeem(page.ticket).session_token or "")


async def test_forgotten_password_is_replaced_in_three_steps(portal: Portal) -> None:
    portal.registered(LOGIN)
    state = opened(ResetState, url="/reset")
    await done(state.load())
    assert state.step == "login"
    await done(state.ask({"login": "IVAN@mail.ru"}))
    flow = portal.redeem(state.ticket).flow_token or ""
    state = opened(ResetState, cookies={"lkk-flow": flow}, url="/reset")
    await done(state.load())
    assert state.step == "code"
    assert "8 цифр" in state.sent_to
    events = await done(state.prove({"code": portal.last_letter().code}))
    assert state.step == "password"
    assert "ref_password" in focus(events)[0]
    await done(state.choose({"password": "ab"}))
    assert (state.step, list(state.errors)) == ("password", ["password"])
    await done(state.choose({"password": "Rk29LmZ"}))
    assert portal.redeem(state.ticket).session_token


async def test_reset_can_begin_again_with_another_login(portal: Portal) -> None:
    portal.registered(LOGIN)
    state = opened(ResetState)
    await done(state.ask({"login": LOGIN}))
    state = opened(ResetState, cookies={"lkk-flow": portal.redeem(state.ticket).flow_token or ""})
    await done(state.load())
    await done(state.start_over())
    assert state.step == "login"


@pytest.mark.parametrize(
    ("viewer", "is_signed_in"),
    [(Viewer(), False), (Viewer(role=Role.SUBSCRIBER, subscriber_id=1), True), (Viewer(role=Role.CLOSED), False)],
)
async def test_front_door_opens_the_cabinet_to_who_is_signed_in_and_asks_the_database_nothing(
    portal: Portal, engine: Engine, monkeypatch: pytest.MonkeyPatch, viewer: Viewer, *, is_signed_in: bool
) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    monkeypatch.setattr("lkk_reflex.identity.front_state.current_viewer", lambda: viewer)
    state: Any = opened(FrontState, url="/")
    await done(state.load())
    assert (state.is_signed_in, asked) == (is_signed_in, [])


@pytest.mark.parametrize("name", ["activated", "expired", "again", "bye", "ended"])
async def test_page_says_how_the_person_came_here(portal: Portal, name: str) -> None:
    state = opened(SignInState, url=f"/sign-in?{name}=1")
    await done(state.load())
    assert state.note


@pytest.mark.parametrize("kind", [RegisterState, SignInState, CodeState])
async def test_who_is_signed_in_goes_home(portal: Portal, kind: type[FormState]) -> None:
    mark = guard._viewer.set(Viewer(role=Role.SUBSCRIBER, subscriber_id=1))
    try:
        events = await done(opened(kind).load())
    finally:
        guard._viewer.reset(mark)
    assert paths(events) == ["/cabinet"]


async def test_states_keep_no_password_code_or_token_for_the_browser(portal: Portal) -> None:
    state = await registered_state()
    flow = portal.redeem(state.ticket).flow_token or ""
    page = opened(CodeState, cookies={"lkk-flow": flow}, url="/activate")
    await done(page.load())
    await done(page.submit({"code": "000000"}))
    seen = str(state.dict()) + str(page.dict())
    for secret in (PASSWORD, LOGIN, flow, portal.last_letter().code):
        assert secret not in seen
