"""Sessions and the keys to state trees: what a stolen or an ended one is worth."""

import json
import secrets
from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.support import patience
from tests.support.live_portal import LivePortal, own_portal
from tests.support.raw_socket import RawSocket, Refused, redirects, values
from tests.support.residents import Resident, settle
from tests.support.town_bills import TownAccount, accounts_of

HOME = "reflex___state____state.lkk_reflex___cabinet___home_state____home_state"
ACCOUNT = "reflex___state____state.lkk_reflex___cabinet___account_state____account_state"
REGISTER = "reflex___state____state.lkk_reflex___identity___state____register_state"
CODE = "reflex___state____state.lkk_reflex___identity___state____code_state"
_YEAR_SECONDS = 365 * 24 * 3600


@pytest.fixture
def account() -> TownAccount:
    """An account that owes something."""
    return accounts_of("gorvodokanal")[2]


@pytest.fixture
def anna(portal: LivePortal, account: TownAccount) -> Resident:
    """A signed-in subscriber with an account."""
    return settle(portal, f"anna-{secrets.token_hex(4)}@example.ru", [account])


@pytest.fixture
def boris(portal: LivePortal) -> Resident:
    """Another signed-in subscriber."""
    return settle(portal, f"boris-{secrets.token_hex(4)}@example.ru")


def _socket(portal: LivePortal, who: Resident | None = None, **fields: str) -> RawSocket:
    cookie = f"lkk={who.session_token}" if who else ""
    return RawSocket(f"http://127.0.0.1:{portal.port}", cookie=cookie, **{"path": "/cabinet", **fields})  # type: ignore[arg-type]


def _web(portal: LivePortal) -> httpx.Client:
    return _browser(portal, portal.address)


def _browser(portal: LivePortal, origin: str) -> httpx.Client:
    address = f"http://127.0.0.1:{portal.port}"
    return httpx.Client(base_url=address, headers={"Origin": origin}, trust_env=False, timeout=patience.SECONDS)


def test_key_of_a_state_tree_is_worth_nothing_without_its_session(
    portal: LivePortal, anna: Resident, boris: Resident, account: TownAccount
) -> None:
    with _socket(portal, anna) as victim:
        shown = json.dumps([*victim.opening, *victim.ask(f"{HOME}.load")])
        assert account.number in shown
    for thief in (None, boris):
        with _socket(portal, thief, token=victim.token) as thief_socket:
            stolen = json.dumps([*thief_socket.opening, *thief_socket.ask(f"{HOME}.load")])
            assert account.number not in stolen
            assert anna.link_ids[0] not in stolen
            assert redirects(thief_socket.ask(f"{HOME}.load")) == ([] if thief else ["/sign-in?next=/cabinet"])


def test_key_used_beside_its_owner_shows_nothing_either(
    portal: LivePortal, anna: Resident, account: TownAccount
) -> None:
    with _socket(portal, anna) as victim:
        victim.ask(f"{HOME}.load")
        with _socket(portal, None, token=victim.token) as thief:
            assert account.number not in json.dumps([*thief.opening, *thief.ask(f"{HOME}.load")])
        assert account.number in json.dumps(victim.ask(f"{HOME}.load"))


def test_signing_out_ends_every_open_socket_at_its_next_event(portal: LivePortal, anna: Resident) -> None:
    with _socket(portal, anna) as one, _socket(portal, anna) as other, _web(portal) as web:
        assert redirects(other.ask(f"{HOME}.load")) == []
        left = web.post("/auth/sign-out", headers={"Cookie": f"lkk={anna.session_token}"})
        assert left.status_code == 303
        assert left.headers["clear-site-data"] == '"storage"'
        for socket in (one, other):
            assert redirects(socket.ask(f"{HOME}.load")) == ["/sign-in?next=/cabinet&ended=1"]
    with _socket(portal, anna) as again:
        assert redirects(again.ask(f"{HOME}.load")) == ["/sign-in?next=/cabinet&ended=1"]


@pytest.mark.parametrize("column", ["expires_at", "last_seen_at"])
def test_session_that_is_too_old_is_none(portal: LivePortal, anna: Resident, column: str) -> None:
    with _socket(portal, anna) as socket:
        assert redirects(socket.ask(f"{HOME}.load")) == []
        statement = f"UPDATE subscriber_session SET {column} = '2020-01-01 00:00:00.000000' WHERE subscriber_id = ?"
        portal.change(statement, anna.subscriber_id)
        assert redirects(socket.ask(f"{HOME}.load")) == ["/sign-in?next=/cabinet&ended=1"]


def test_account_of_another_is_neither_read_nor_renamed_nor_disconnected(
    portal: LivePortal, anna: Resident, boris: Resident, account: TownAccount
) -> None:
    with _socket(portal, boris, path=f"/account/{anna.link_ids[0]}") as socket:
        for handler, payload in (("load", {}), ("rename", {"data": {"own_name": "Моё"}}), ("disconnect", {})):
            assert account.number not in json.dumps(socket.ask(f"{ACCOUNT}.{handler}", payload))
    state = portal.rows("SELECT own_name, ended_at FROM account_link WHERE public_id = ?", anna.link_ids[0])
    assert state == [("", None)]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_page_of_a_foreign_site_gets_no_socket_and_changes_nothing(
    portal: LivePortal, anna: Resident, origin: str
) -> None:
    with pytest.raises(Refused), _socket(portal, anna, origin=origin):
        pass
    with _web(portal) as web:
        headers = {"Cookie": f"lkk={anna.session_token}", "Origin": origin}
        assert web.post("/auth/sign-out", headers=headers).status_code == 403
    with _socket(portal, anna) as socket:
        assert redirects(socket.ask(f"{HOME}.load")) == []


def _cookies(answer: httpx.Response) -> dict[str, Morsel[str]]:
    found: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        found.load(header)
    return dict(found)


def _registers(portal: LivePortal, origin: str, prefix: str) -> tuple[dict[str, Morsel[str]], dict[str, Morsel[str]]]:
    """Register over the wire and return the cookies of the beginning and those of the session."""
    login, password = f"{secrets.token_hex(4)}@example.ru", "k7Wm2pXq"
    with _browser(portal, origin) as web:
        with _socket(portal, path="/register", origin=origin) as socket:
            form = {"login": login, "password": password, "consent": True}
            (*_, ticket) = values(socket.ask(f"{REGISTER}.submit", {"data": form}), "ticket")
        begun = web.post("/auth/redeem", data={"ticket": ticket})
        assert begun.headers["location"] == "/activate"
        assert web.post("/auth/redeem", data={"ticket": ticket}).headers["location"] == "/sign-in?expired=1"
        flow = _cookies(begun)
        cookie = f"{prefix}lkk-flow={flow[f'{prefix}lkk-flow'].value}"
        address = f"http://127.0.0.1:{portal.port}"
        with RawSocket(address, cookie=cookie, path="/activate", origin=origin) as socket:
            answer = socket.ask(f"{CODE}.submit", {"data": {"code": portal.code(login)}})
            (*_, ticket) = values(answer, "ticket")
        entered = web.post("/auth/redeem", data={"ticket": ticket}, headers={"Cookie": cookie})
        assert entered.headers["location"] == "/cabinet/connect"
    return flow, _cookies(entered)


def test_cookies_are_closed_to_scripts_and_to_other_sites(portal: LivePortal) -> None:
    flow, session = _registers(portal, portal.address, "")
    assert session.keys() == {"lkk", "lkk-device", "lkk-flow"}
    assert session["lkk-flow"].value == ""
    for cookie in [flow["lkk-flow"], *session.values()]:
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "lax"
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
    assert 0 < int(session["lkk"]["max-age"]) <= 30 * 24 * 3600
    # 32 random bytes.
    assert len(session["lkk"].value) >= 43


@pytest.fixture
def https_portal(town_directory: Path, tmp_path: Path) -> Iterator[LivePortal]:
    """A portal that people reach over https, as behind a proxy that ends TLS."""
    with own_portal(town_directory, tmp_path / "var", public_url="https://lk.example.ru") as running:
        yield running


def test_over_https_cookies_are_secure_and_bound_to_their_host(https_portal: LivePortal) -> None:
    flow, session = _registers(https_portal, "https://lk.example.ru", "__Host-")
    assert session.keys() == {"__Host-lkk", "__Host-lkk-device", "__Host-lkk-flow"}
    assert all(cookie["secure"] is True for cookie in [*flow.values(), *session.values()])
    with _web(https_portal) as web:
        policy = web.get("/sign-in").headers["strict-transport-security"]
    assert f"max-age={_YEAR_SECONDS}" in policy
