"""Tables of screens: which pages are looked at, in which states, and what stands in the way of anybody there.

A screen is a function that lets one person do something and yields the name of a state each time there is something
to look at. A state whose name begins with `error` must say what is wrong at its field and wait there; one that begins
with `done` must say that it is done.
"""

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import patience
from tests.support.accessible import obstacles, unsaid_errors, unsaid_results
from tests.support.people import Person
from tests.support.town_bills import TownAccount, accounts_of
from tests.support.trees import Trees

_LOOK_MS = 100
_SPECIAL = {"/index": "/", "/404": "/nothing-is-here"}


#: No screen takes more accounts of one provider; each has its own, whoever went before, so that it says the same.
_ACCOUNTS = 4


@dataclass
class Stage:
    """Somebody at a desk, on the day of the screens, and accounts of the town."""

    person: Person
    #: Whether what a screen reader meets is taken as approved.
    approves: bool
    #: Which screen of its table is shown.
    place: int = 0
    _taken: Counter[str] = field(default_factory=Counter)

    def indebted(self, provider_code: str = "gorvodokanal") -> TownAccount:
        """Return an account that owes something and that no other screen of the table has."""
        owing = [account for account in accounts_of(provider_code) if account.owes_kopecks > 0]
        assert self._taken[provider_code] < _ACCOUNTS
        # The first one is printed at the start for visitors to try.
        found = owing[1 + self.place * _ACCOUNTS + self._taken[provider_code]]
        self._taken[provider_code] += 1
        return found

    def settled(self, *providers: str | TownAccount, extended: bool = False) -> Person:
        """Let the person have had these accounts, or one of each of these providers, for a while."""
        # Somebody else each time, so that a screen may begin anew.
        self.person.login = f"{secrets.token_hex(4)}@example.ru"
        self.person.secrets.add(self.person.login)
        self.person.settles(*(self.indebted(one) if isinstance(one, str) else one for one in providers))
        if extended:
            for link_id in self.person.link_ids:
                statement = "UPDATE account_link SET level = 'extended' WHERE public_id = ?"
                self.person.portal.change(statement, link_id)
        return self.person


@dataclass(frozen=True)
class Screen:
    """What is looked at: the pages, as they are declared, and the way through their states."""

    pages: tuple[str, ...]
    show: Callable[[Stage], Iterator[str]]
    place: int

    @property
    def name(self) -> str:
        """Return the name of its pictures and of its test."""
        return self.show.__name__.replace("_", "-")

    def obstacles(self, stage: Stage) -> list[str]:
        """Go through the states; return what stands in the way of anybody, each with the name of its state."""
        found, seen, page = [], set(), stage.person.page
        trees, stage.place = Trees(self.name, approves=stage.approves), self.place
        for state in self.show(stage):
            expect(page.locator("[aria-busy=true]").filter(visible=True)).to_have_count(0)
            seen |= {pattern for pattern in self.pages if is_at(page.url, pattern)}
            if state.startswith("error"):
                found += [f"{self.name}-{state}: {text}" for text in _settled(page, unsaid_errors)]
            if state.startswith("done"):
                found += [f"{self.name}-{state}: {text}" for text in _settled(page, unsaid_results)]
            found += [f"{self.name}-{state}, read aloud: {line}" for line in trees.changes(page, state)]
            found += obstacles(stage.person, f"{self.name}-{state}")
            page.set_viewport_size({"width": 1280, "height": 800})
        assert seen == set(self.pages), f"never stood on {set(self.pages) - seen}, at last on {page.url}"
        return [*found, *(f"{self.name}: {text}" for text in trees.left())]


@dataclass(frozen=True)
class Screens:
    """The table of one module."""

    known: list[Screen] = field(default_factory=list)

    def of(self, *pages: str) -> Callable[[Callable[[Stage], Iterator[str]]], Callable[[Stage], Iterator[str]]]:
        """Add a screen; `pages` are its addresses as they are declared, `/account/[id]`."""

        def add(show: Callable[[Stage], Iterator[str]]) -> Callable[[Stage], Iterator[str]]:
            self.known.append(Screen(pages, show, len(self.known)))
            return show

        return add

    def params(self) -> list[Any]:
        """Return the screens for `pytest.mark.parametrize`."""
        return [pytest.param(screen, id=screen.name) for screen in self.known]


def _settled(page: Page, look: Callable[[Page], list[str]]) -> list[str]:
    """Look until nothing is wrong: the focus follows a moment after the words."""
    deadline = time.monotonic() + patience.SECONDS
    while (wrong := look(page)) and time.monotonic() < deadline:
        page.wait_for_timeout(_LOOK_MS)
    return wrong


def is_at(url: str, pattern: str) -> bool:
    """Tell whether an address is one of a page that is declared as `/account/[id]`."""
    path = re.sub(r"^\w+://[^/]+", "", url).partition("?")[0].partition("#")[0]
    pattern = _SPECIAL.get(pattern, pattern)
    known = "".join(f"[^/]+{re.escape(rest)}" for rest in re.split(r"\[\w+\]|\{\w+\}", pattern)).removeprefix("[^/]+")
    return bool(re.fullmatch(known, path))
