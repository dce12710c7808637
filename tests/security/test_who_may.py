"""Who may call what: every handler and every route, as anybody and with anything, over the bare wire.

`who_may.csv` beside this file holds the expected outcome of every cell. A handler or a route that it does not know
fails, and so does a line of it that nothing answers to any more. Its columns: nobody; who owns what is asked for;
another subscriber who names it (for routes: a foreign site in the browser of a subscriber); another subscriber with
values of wrong types and sizes; the same with arguments missing or too many (for routes: too long an address and body).

That somebody «gets nothing» is asserted in three ways, whatever a cell says. Every answer to anybody but Anna, with
whatever else the open page has been sent, holds none of what is hers: the number of her account in any spelling, its
owner, address and sums, her name for it, her login, the text of her ticket; else the cell is `LEAKS`. What Anna owns
in the database is the same before and after. And `sign-in`, `home`, `hidden` say that the answer was the way to
another page, or the page of a wrong address, and nothing else. Who has closed the cabinet, and a guest with a pass to
Anna's account, are asked about every handler as well, see the last tests.
"""

import csv
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.security.surface import Surface
from tests.support import patience
from tests.support.live_portal import LivePortal
from tests.support.raw_socket import RawSocket, redirects, values
from tests.support.residents import Resident, settle, write_ticket
from tests.support.town_bills import TownAccount, accounts_of, newest_period

_TABLE = Path(__file__).with_name("who_may.csv")
_COLUMNS = ("anonymous", "owner", "other", "wrong_values", "wrong_arguments")
_EVIL = "https://evil.example"
#: Work in the background is over when nothing more has come for so long.
_QUIET_SECONDS = 0.5
_NAME = "Имя, которое видит только Анна"
#: A socket may send little more than this at once.
_MOST = 100_000
_FIELDS = (
    "login",
    "password",
    "consent",
    "code",
    "provider",
    "number",
    "own_name",
    "kind",
    "amount",
    "receipt_contact",
    "shown",
    "intent",
    "confirmed",
    "value-0123456789abcdef-1",
    "recipient",
    "topic_support",
    "account",
    "text",
    "files",
    "intent",
    "rating",
)
_BLANKS = re.compile(r"[\s\u00a0\u202f]")
#: What a route or a page leaves open: `{id}`, `[id]`; an ending such as `.pdf` stays.
_VARIABLE = re.compile(r"\{[^}/]*\}|\[[^\]/]*\]")
_WRONG: tuple[Any, ...] = (None, 7, -1.5, True, [], ["x"], {"x": {"y": 1}}, "", "\x00", "../../etc/passwd")

Row = dict[str, str]


def _rows() -> list[Row]:
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter=";"))


def _params(kind: str) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in _rows() if row["kind"] == kind]


@dataclass(frozen=True)
class House:
    """Anna and Boris, both signed in, and an account that only Anna has connected."""

    portal: LivePortal
    anna: Resident
    boris: Resident
    #: Of Anna.
    login: str
    #: What Anna has asked the support; her name for the account stands in it.
    ticket_id: str
    account: TownAccount
    #: Somebody who has closed the cabinet, with an account that bears the same name.
    vera: Resident

    def personal(self, told: str) -> list[str]:
        """Return what of Anna's stands in an answer."""
        hers = (_NAME, self.account.number, self.account.owner, self.account.address, self.account.sum_on_screen)
        bare = _BLANKS.sub("", told)
        return [text for text in (*hers, self.login) if _BLANKS.sub("", text) in bare]

    @property
    def path(self) -> dict[str, str]:
        """Return where Anna calls a handler, by a part of its name."""
        link_id = self.anna.link_ids[0]
        return {
            "access_state": f"/account/{link_id}",
            "account_state": f"/account/{link_id}",
            "bill_state": f"/bill/{link_id}/{newest_period().key}",
            "bills_state": f"/bills/{link_id}",
            "pay_state": f"/pay/{link_id}",
            "readings_state____readings_state": f"/readings/{link_id}",
            "history_state____history_state": f"/readings/{link_id}",
            "support___ticket_state": f"/support/{self.ticket_id}",
        }

    def socket(self, who: Resident | None, handler: str) -> RawSocket:
        """Connect as somebody on Anna's page of this handler."""
        path = next((path for part, path in self.path.items() if part in handler), "/cabinet")
        cookie = f"lkk={who.session_token}" if who else ""
        return RawSocket(f"http://127.0.0.1:{self.portal.port}", cookie=cookie, path=path)

    def annas_rows(self) -> list[tuple[object, ...]]:
        """Return what nobody but Anna may change."""
        query = "SELECT own_name, ended_at, level FROM account_link WHERE subscriber_id = ?"
        sessions = "SELECT token_hash, revoked_at FROM subscriber_session WHERE subscriber_id = ?"
        tickets = "SELECT state, rating, changed_at FROM ticket WHERE subscriber_id = ?"
        return [row for sql in (query, sessions, tickets) for row in self.portal.rows(sql, self.anna.subscriber_id)]


@pytest.fixture
def house(portal: LivePortal) -> House:
    """Subscribers of this test only; Anna has proved that the account is hers, so that there is much to see."""
    account = accounts_of("gorvodokanal")[1]
    name = secrets.token_hex(4)
    login = f"anna-{name}@example.ru"
    anna, boris = settle(portal, login, [account]), settle(portal, f"boris-{name}@example.ru")
    vera = settle(portal, f"vera-{name}@example.ru", [account])
    for link_id in (*anna.link_ids, *vera.link_ids):
        portal.change("UPDATE account_link SET own_name = ?, level = 'extended' WHERE public_id = ?", _NAME, link_id)
    portal.change(
        "INSERT INTO cabinet_closing (subscriber_id, requested_at, erase_after) VALUES (?, ?, ?)",
        vera.subscriber_id,
        "2026-11-01 00:00:00.000000",
        "2999-01-01 00:00:00.000000",
    )
    return House(portal, anna, boris, login, write_ticket(portal, anna, _NAME), account, vera)


def test_table_knows_every_handler_every_route_and_every_page(surface: Surface) -> None:
    told = sorted((row["kind"], row["name"]) for row in _rows())
    answers = [("handler", name) for name in surface.handlers]
    answers += [("route", name) for name in surface.routes] + [("page", path) for path in surface.pages]
    assert told == sorted(answers)
    assert all(row[column] for row in _rows() for column in _COLUMNS)


@pytest.mark.parametrize("row", _params("handler"))
def test_handler_answers_as_the_table_says(house: House, surface: Surface, row: Row) -> None:
    name = row["name"]
    arguments = surface.handlers[name]
    before = house.annas_rows()
    seen = {
        "anonymous": _outcome(house, None, row["anonymous"], name, surface, [_plausible(arguments)]),
        "other": _outcome(house, house.boris, row["other"], name, surface, [_plausible(arguments)]),
        "wrong_values": _outcome(
            house, house.boris, row["wrong_values"], name, surface, list(_wrong_values(arguments, house))
        ),
        "wrong_arguments": _outcome(
            house, house.boris, row["wrong_arguments"], name, surface, list(_wrong_arguments(arguments))
        ),
    }
    assert house.annas_rows() == before
    seen["owner"] = _outcome(house, house.anna, row["owner"], name, surface, [_plausible(arguments)])
    assert seen == {column: row[column] for column in _COLUMNS}


@pytest.mark.parametrize("row", [*_params("route"), *_params("page")])
def test_route_answers_as_the_table_says(house: House, row: Row) -> None:
    name = row["name"] if row["kind"] == "route" else f"GET {row['name']}"
    method, path = name.split(" ")
    path = _VARIABLE.sub("unknown", path)
    path = {"/index": "/", "/404": "/nothing-is-here"}.get(path, path)
    # Longer than any form, and short enough to be read by a server that has answered already.
    too_long = b"x" * 5_000
    address = f"http://127.0.0.1:{house.portal.port}"
    with httpx.Client(base_url=address, trust_env=False, timeout=patience.SECONDS) as client:
        own = {"Origin": house.portal.address, "Sec-Fetch-Site": "same-origin"}
        foreign = {"Origin": _EVIL, "Sec-Fetch-Site": "cross-site"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}

        def status(headers: dict[str, str], content: bytes = b"", who: Resident | None = None, query: str = "") -> str:
            cookie = {"Cookie": f"lkk={who.session_token}"} if who else {}
            return str(client.request(method, path + query, headers=headers | cookie, content=content).status_code)

        seen = {
            "anonymous": status(own),
            "other": status(foreign, who=house.anna),
            "wrong_values": status(own | form, b"ticket=%00&token[]=x&action=%FF", house.boris),
            "wrong_arguments": status(
                own | form, too_long if method == "POST" else b"", house.boris, "?" + "x" * 5_000
            ),
        }
        # Only now, because one of the routes ends the session.
        seen["owner"] = status(own, who=house.boris)
    assert seen == {column: row[column] for column in _COLUMNS}


def _plausible(arguments: list[str]) -> dict[str, Any]:
    meant = {
        "data": {},
        "fields": {"kind": "debt"},
        "kind": "own",
        "text": "10",
        "reference": "ABCD-23",
        "value": True,
        "place": "recipient",
    }
    return {argument: meant.get(argument, {}) for argument in arguments}


def _wrong_values(arguments: list[str], house: House) -> Iterator[dict[str, Any]]:
    if not arguments:
        yield {}
        return
    for wrong in (*_WRONG, house.anna.link_ids[0]):
        yield dict.fromkeys(arguments, wrong)
        yield dict.fromkeys(arguments, dict.fromkeys(_FIELDS, wrong))
    yield dict.fromkeys(arguments, "x" * (_MOST // len(arguments)))
    yield dict.fromkeys(arguments, dict.fromkeys(_FIELDS, "x" * (_MOST // len(arguments) // len(_FIELDS))))


def _wrong_arguments(arguments: list[str]) -> Iterator[dict[str, Any]]:
    yield {**_plausible(arguments), "unexpected": 1}
    yield {"self": 1}
    if arguments:
        yield {}


def _outcome(
    house: House, who: Resident | None, expected: str, handler: str, surface: Surface, payloads: list[dict[str, Any]]
) -> str:
    """Call a handler with every payload and say what came of it; several outcomes are joined.

    Work in the background is waited for until it has come to what is expected.
    """
    outcomes: set[str] = set()

    def judged(updates: list[dict[str, Any]]) -> str:
        return _judged(updates, is_anna=who is house.anna, house=house)

    # A socket may send forty events at once, and each question is three.
    for first in range(0, len(payloads), 12):
        with house.socket(who, handler) as socket:
            # The second look is for what the handler has caused: a fault is shown by an event of its own.
            answers = [socket.ask(handler, payload) + socket.settle() for payload in payloads[first : first + 12]]
            # Opening a page says itself when it is done, so that the end of its answer cannot be told by that.
            if handler in surface.background or "hydrate" in handler:
                heard = [update for updates in answers for update in updates] + socket.linger(_QUIET_SECONDS)
                deadline = time.monotonic() + patience.SECONDS
                while judged(heard) not in ("LEAKS", *expected.split("+")) and time.monotonic() < deadline:
                    heard += socket.linger(_QUIET_SECONDS)
                answers = [heard]
            outcomes |= {judged(updates) for updates in answers}
    return "+".join(sorted(outcomes))


def _judged(updates: list[dict[str, Any]], *, is_anna: bool, house: House) -> str:
    told = json.dumps(updates, ensure_ascii=False)
    if not is_anna and house.personal(told):
        return "LEAKS"
    if any(values(updates, "reference")) and not _is_asked_for(updates):
        return "fault"
    if not updates:
        return "nothing"
    if not any(update.get("delta") for update in updates):
        ways = set(redirects(updates))
        if len(ways) == 1 and next(iter(ways)).startswith("/sign-in"):
            return "sign-in"
        if ways == {"/cabinet"}:
            return "home"
    is_missing = True in values(updates, "is_missing") or "missing" in values(updates, "stage")
    return "hidden" if is_missing else "runs"


def _is_asked_for(updates: list[dict[str, Any]]) -> bool:
    return values(updates, "reference") == ["ABCD-23"]


_CLOSED_ONES = ("closed_state.load", "closed_state.take_back")


def test_who_has_closed_the_cabinet_gets_nothing_of_its_sections(house: House, surface: Surface) -> None:
    """Every handler that asks for a sign-in leads to the page of the closed cabinet, and changes nothing."""
    asks_for_sign_in = [row["name"] for row in _rows() if row["kind"] == "handler" and row["anonymous"] == "sign-in"]
    seen = {}
    for name in asks_for_sign_in:
        if not name.endswith((".setvar", *_CLOSED_ONES)):
            with house.socket(house.vera, name) as socket:
                updates = socket.opening + socket.ask(name, _plausible(surface.handlers[name])) + socket.settle()
            assert not house.personal(json.dumps(updates, ensure_ascii=False)), name
            seen[name] = set(redirects(updates))
    assert seen
    assert {name: ways for name, ways in seen.items() if ways != {"/closed"}} == {}
    query = "SELECT ended_at FROM account_link WHERE subscriber_id = ?"
    assert house.portal.rows(query, house.vera.subscriber_id) == [(None,)]


def test_guest_with_a_pass_gets_the_sum_and_nothing_else(house: House, surface: Surface) -> None:
    """In the tree that holds the pass, every other handler answers as to anybody, and tells nothing of the account."""
    quick = {"provider": "gorvodokanal", "number": house.account.number}
    hers = (_NAME, house.account.number, house.account.owner, house.account.address, house.login)
    with RawSocket(f"http://127.0.0.1:{house.portal.port}", path="/quick") as socket:
        opened = socket.ask(f"{_QUICK}.find", {"data": quick})
        while "/quick/account" not in redirects(opened):
            opened.append(socket.next_update())
        desk = json.dumps(socket.ask(f"{_DESK}.open"), ensure_ascii=False)
        assert _BLANKS.sub("", house.account.sum_on_screen) in _BLANKS.sub("", desk)
        told = desk
        for row in _rows():
            # What opens a page would end the pass.
            if row["kind"] == "handler" and row["anonymous"] == "sign-in" and "on_load" not in row["name"]:
                updates = socket.ask(row["name"], _plausible(surface.handlers[row["name"]]))
                assert not any(update.get("delta") for update in updates), row["name"]
                told += json.dumps(updates, ensure_ascii=False)
                time.sleep(_CALMLY_SECONDS)
    bare = _BLANKS.sub("", told)
    assert [text for text in hers if _BLANKS.sub("", text) in bare] == []


_QUICK = "reflex___state____state.lkk_reflex___cabinet___quick_state____quick_state"
_DESK = "reflex___state____state.lkk_reflex___cabinet___quick_state____quick_desk_state"
#: A socket may send so many events a second and no more.
_CALMLY_SECONDS = 0.1
