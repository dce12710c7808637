"""What is sent to every browser on every page: the public vars of all states, and nothing more than is meant.

The whole tree of states goes along with the first answer, whatever page is open. `public_vars.txt` beside this file
names every var that may; a new one is added there by whoever has seen that it holds nothing but what the screen shows.
"""

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.support.live_portal import LivePortal
from tests.support.raw_socket import RawSocket
from tests.support.residents import settle
from tests.support.town_bills import accounts_of

_ALLOWED = Path(__file__).with_name("public_vars.txt")
#: Parts of names that no var of a browser's may bear.
_FORBIDDEN = re.compile(
    r"hash|secret|password|session_id|subscriber_id|account_id|provider_id|(?<!asked_)\brow_id|salt"
)
#: The key of an authenticator, which is shown once to whoever connects one; the day on which a password was changed;
#: the framework's own name of a socket.
_KNOWN = {"secret", "password_changed", "session_id"}
#: An empty beginning has no words and no rows.
_MOST_OF_A_DEFAULT = 80


@pytest.fixture
def tree(live_portal: LivePortal) -> dict[str, Any]:
    """The tree as a stranger gets it, by `state.var`."""
    with RawSocket(f"http://127.0.0.1:{live_portal.port}", path="/sign-in") as socket:
        return _vars(socket.opening[0]["delta"])


def test_only_known_vars_are_sent(tree: dict[str, Any]) -> None:
    assert sorted(tree) == _ALLOWED.read_text(encoding="utf-8").splitlines()


def test_names_of_vars_and_of_what_they_hold_promise_no_secret(tree: dict[str, Any]) -> None:
    names = [*(name.rpartition(".")[2] for name in tree), *(name for value in tree.values() for name in _names(value))]
    assert {name for name in names if _FORBIDDEN.search(name)} - _KNOWN == set()


def test_vars_begin_empty(tree: dict[str, Any]) -> None:
    told = {name: json.dumps(value, ensure_ascii=False) for name, value in tree.items()}
    words = {name: text for name, text in told.items() if re.search(r"[А-Яа-яЁё]{4,} [А-Яа-яЁё]{4,}", text)}
    assert {name: text for name, text in words.items() if len(text) > _MOST_OF_A_DEFAULT} == {}


def test_page_sends_nothing_that_belongs_to_another_page(live_portal: LivePortal) -> None:
    """Names and sums of a subscriber's account are in the answers of the pages that show them, and of no other."""
    account = accounts_of("gorvodokanal")[5]
    resident = settle(live_portal, f"vars-{secrets.token_hex(4)}@example.ru", [account])
    cookie = f"lkk={resident.session_token}"
    for path in ("/settings/profile", "/settings/security", "/support", "/cabinet/connect"):
        with RawSocket(f"http://127.0.0.1:{live_portal.port}", cookie=cookie, path=path) as socket:
            told = re.sub(r"[\s\u00a0\u202f]", "", json.dumps(socket.opening, ensure_ascii=False))
        assert account.owner.replace(" ", "") not in told
        assert re.sub(r"\s", "", account.sum_on_screen) not in told


def _vars(delta: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        f"{state.rpartition('.')[2]}.{name.removesuffix('_rx_state_')}": value
        for state, vars_of_state in delta.items()
        for name, value in vars_of_state.items()
        if not name.startswith("is_hydrated")
    }


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*map(str, value), *(name for one in value.values() for name in _names(one))]
    return [name for one in value for name in _names(one)] if isinstance(value, list) else []
