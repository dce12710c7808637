"""The HTTP routes that set and clear the cookies."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from lkk_reflex.identity import registration, sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.routes import routes
from tests.factories.identity import PASSWORD
from tests.identity.conftest import ANYBODY, Portal
from tests.support.portal import configured
from tests.support.visitor import Visitor

OWN = {"sec-fetch-site": "same-origin"}
LOGIN = "ivan@mail.ru"
TICKET_LIFE_SECONDS = 60


@pytest.fixture
def client(portal: Portal) -> Visitor:
    return Visitor(Starlette(routes=routes), "http://localhost:3000")


@pytest.fixture
def secure_client(portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Visitor]:
    with configured(monkeypatch, tmp_path, public_url="https://lk.example.ru"):
        yield Visitor(Starlette(routes=routes), "https://lk.example.ru")


def flow_ticket() -> str:
    return registration.register(ANYBODY, login=LOGIN, password=PASSWORD, consent=True)


def session_ticket(portal: Portal) -> str:
    flow = portal.begin_registration(LOGIN)
    return portal.activate(flow, portal.last_letter().code)


def redeem(client: Visitor, ticket: str) -> httpx.Response:
    return client.post("/auth/redeem", data={"ticket": ticket}, headers=OWN)


def cookies_of(response: httpx.Response) -> SimpleCookie:
    jar = SimpleCookie()
    for header in response.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


def test_ticket_of_a_flow_sets_its_cookie_and_leads_to_the_code(client: Visitor) -> None:
    response = redeem(client, flow_ticket())
    assert (response.status_code, response.headers["location"]) == (303, "/activate")
    cookie = cookies_of(response)["lkk-flow"]
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"], cookie["domain"], cookie["secure"]) == ("lax", "/", "", "")
    assert response.headers["cache-control"] == "no-store"


def test_cookies_are_secure_and_bound_to_the_host_over_https(portal: Portal, secure_client: Visitor) -> None:
    response = redeem(secure_client, session_ticket(portal))
    jar = cookies_of(response)
    assert set(jar) == {"__Host-lkk", "__Host-lkk-device", "__Host-lkk-flow"}
    for cookie in jar.values():
        assert cookie["httponly"] is True
        assert cookie["secure"] is True
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("lax", "/", "")


def test_ticket_of_a_session_signs_in_and_ends_the_flow(portal: Portal, client: Visitor) -> None:
    response = redeem(client, session_ticket(portal))
    assert response.headers["location"] == "/cabinet/connect"
    jar = cookies_of(response)
    assert sessions.resolve_session(jar["lkk"].value)
    assert jar["lkk-flow"]["max-age"] == "0"


def test_ticket_works_once(portal: Portal, client: Visitor) -> None:
    ticket = session_ticket(portal)
    redeem(client, ticket)
    again = redeem(client, ticket)
    assert again.headers["location"] == "/sign-in?expired=1"
    assert not cookies_of(again)


def test_ticket_lives_a_minute(portal: Portal, client: Visitor) -> None:
    ticket = flow_ticket()
    portal.clock.pass_(seconds=TICKET_LIFE_SECONDS)
    assert redeem(client, ticket).headers["location"] == "/sign-in?expired=1"


@pytest.mark.parametrize("ticket", ["", "x" * 43, "\x00", "' OR 1=1"])
def test_invented_ticket_is_refused(client: Visitor, ticket: str) -> None:
    response = redeem(client, ticket)
    assert response.headers["location"] == "/sign-in?expired=1"
    assert not cookies_of(response)


@pytest.mark.parametrize("path", ["/auth/redeem", "/auth/sign-out", "/auth/early", "/auth/link"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.ru"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost:3000"},
        {},
    ],
)
def test_forms_of_foreign_pages_are_refused(
    portal: Portal, client: Visitor, path: str, headers: dict[str, str]
) -> None:
    ticket = flow_ticket()
    response = client.post(path, data={"ticket": ticket, "token": ticket}, headers=headers)
    assert response.status_code == 403
    assert not cookies_of(response)


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://192.168.0.5:3000"])
def test_demo_is_opened_by_any_name_of_its_machine(client: Visitor, origin: str) -> None:
    headers = {"origin": origin, "host": origin.removeprefix("http://")}
    assert client.post("/auth/early", headers=headers).status_code == 303


def test_production_is_opened_by_its_own_name_only(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    production = {
        "mode": "production", "public_url": "https://lk.example.ru", "mail_sender": "smtp", "smtp_host": "mail",
    }  # fmt: skip
    with configured(monkeypatch, tmp_path, **production):
        client = Visitor(Starlette(routes=routes), "https://lk.example.ru")
        foreign = {"origin": "https://other.ru", "host": "other.ru"}
        assert client.post("/auth/early", headers=foreign).status_code == 403
        own = {"origin": "https://lk.example.ru", "host": "127.0.0.1"}
        assert client.post("/auth/early", headers=own).status_code == 303


def test_signing_out_revokes_the_session_and_clears_the_browser(portal: Portal, client: Visitor) -> None:
    token = cookies_of(redeem(client, session_ticket(portal)))["lkk"].value
    response = client.post("/auth/sign-out", headers=OWN)
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?bye=1")
    assert response.headers["clear-site-data"] == '"storage"'
    assert cookies_of(response)["lkk"]["max-age"] == "0"
    assert sessions.resolve_session(token) is None
    # The browser stays known: signing in again needs no code.
    assert "lkk-device" not in cookies_of(response)


def test_signing_out_twice_is_no_fault(client: Visitor) -> None:
    assert client.post("/auth/sign-out", headers=OWN).status_code == 303


@pytest.mark.parametrize("page", ["/register", "/activate", "/sign-in", "/sign-in/code", "/reset"])
def test_form_sent_too_early_is_shown_again(client: Visitor, page: str) -> None:
    headers = OWN | {"referer": f"http://localhost:3000{page}?next=/pay/x"}
    response = client.post("/auth/early", data={"password": PASSWORD}, headers=headers)
    assert (response.status_code, response.headers["location"]) == (303, f"{page}?again=1")


@pytest.mark.parametrize("referer", ["", "https://evil.ru/x", "http://localhost:3000//evil.ru", "javascript:alert(1)"])
def test_early_form_leads_only_to_own_pages(client: Visitor, referer: str) -> None:
    response = client.post("/auth/early", headers=OWN | {"referer": referer})
    assert response.headers["location"] == "/sign-in?again=1"


def test_long_body_is_refused(client: Visitor) -> None:
    response = client.post("/auth/redeem", data={"ticket": "x" * 5000}, headers=OWN)
    assert response.status_code == 413


def test_opening_the_link_changes_nothing(portal: Portal, client: Visitor) -> None:
    portal.begin_registration(LOGIN)
    token = portal.last_letter().link_token
    for _ in range(3):
        assert client.get("/auth/link", params={"token": token}).status_code == 200
        assert client.ask("HEAD", "/auth/link", params={"token": token}).status_code == 200
    response = client.post("/auth/link", data={"token": token}, headers=OWN)
    assert response.headers["location"] == "/sign-in?activated=1"


def test_link_goes_on_by_itself_only_in_the_browser_that_asked(portal: Portal, client: Visitor) -> None:
    redeem(client, flow_ticket())
    token = portal.last_letter().link_token
    page = client.get("/auth/link", params={"token": token})
    assert "/auth/link.js" in page.text
    response = client.post("/auth/link", data={"token": token}, headers=OWN)
    assert response.headers["location"] == "/cabinet/connect"
    assert sessions.resolve_session(cookies_of(response)["lkk"].value)
    client.cookies.clear()
    assert "/auth/link.js" not in client.get("/auth/link", params={"token": token}).text


def test_used_link_says_so_and_shows_the_way_out(portal: Portal, client: Visitor) -> None:
    response = client.post("/auth/link", data={"token": "x" * 43}, headers=OWN)
    assert response.status_code == 410
    assert "Эта ссылка больше не действует" in response.text
    assert "/sign-in" in response.text


def test_page_of_a_link_says_whom_to_ask(client: Visitor) -> None:
    fresh = client.get("/auth/link", params={"token": "x" * 43})
    used = client.post("/auth/link", data={"token": "x" * 43}, headers=OWN)
    for page in (fresh, used):
        assert 'href="tel:8800000-00-00"' in page.text
        assert 'href="mailto:help@example.ru"' in page.text


def test_link_page_runs_no_script_from_the_address(client: Visitor) -> None:
    page = client.get("/auth/link", params={"token": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/auth/link.js", "/auth/plain.css"])
def test_files_of_the_link_page_are_served(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/auth/redeem", "/auth/sign-out", "/auth/early"])
def test_nothing_changes_by_reading(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 405


def test_known_device_cookie_survives_a_new_session(portal: Portal, client: Visitor) -> None:
    device = cookies_of(redeem(client, session_ticket(portal)))["lkk-device"].value
    ticket = sessions.sign_in(ANYBODY, login=LOGIN, password=PASSWORD, browser=Browser(device_token=device))
    assert cookies_of(redeem(client, ticket))["lkk-device"].value == device
