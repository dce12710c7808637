"""A portal on either database, with a held clock and quick hashing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select

from lkk_reflex.identity import exchange, registration, sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.notifications.models import MessageState, OutboxMessage
from lkk_reflex.notifications.outbox import Content
from tests.factories.identity import PASSWORD
from tests.support.portal import CountedHashing, HeldClock, configured, hash_quickly, held_clock

ANYBODY = Viewer(address="203.0.113.7")
CODE = re.compile(r"\b(\d{3} \d{3}|\d{6}|\d{4}-\d{4})\b")
LINK = re.compile(r"token=(\S+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in the outbox, as its recipient would read it."""

    to: str
    template: str
    subject: str
    body: str

    @property
    def code(self) -> str:
        """The code in it."""
        found = CODE.search(self.body)
        assert found, "no code in the message"
        return found[1]

    @property
    def link_token(self) -> str:
        """The token of the link in it."""
        found = LINK.search(self.body)
        assert found, "no link in the message"
        return found[1]


class Portal:
    """What a test does with the portal, as the pages and routes would."""

    def __init__(self, engine: Engine, clock: HeldClock, hashing: CountedHashing) -> None:
        self.engine = engine
        self.clock = clock
        self.hashing = hashing
        self.queries = 0
        event.listen(engine, "after_cursor_execute", self._count)

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        # SQLite is told to begin by a statement of its own.
        self.queries += not statement.startswith("BEGIN")

    def letters(self) -> list[Letter]:
        """Return every message in the outbox, oldest first."""
        with reading() as session:
            rows = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()
        assert all(row.state is MessageState.QUEUED for row in rows)
        found = []
        for row in rows:
            content = Content.decrypted(row.content)
            found.append(Letter(content.to, row.template, content.subject, content.body))
        return found

    def last_letter(self) -> Letter:
        """Return the newest message."""
        return self.letters()[-1]

    def redeem(self, ticket: str, browser: Browser | None = None) -> Answer:
        """Post a ticket to its route."""
        with unit_of_work() as session:
            return exchange.redeem(session, ANYBODY, ticket=ticket, browser=browser or Browser())

    def follow(self, token: str, browser: Browser | None = None) -> Answer:
        """Press the button behind a link."""
        with unit_of_work() as session:
            return exchange.follow_link(session, ANYBODY, token=token, browser=browser or Browser())

    def begin_registration(self, login: str, password: str = PASSWORD, viewer: Viewer = ANYBODY) -> str:
        """Fill in the form of registration and return the token of the flow cookie."""
        ticket = registration.register(viewer, login=login, password=password, consent=True)
        answer = self.redeem(ticket)
        assert answer.path == "/activate"
        assert answer.flow_token
        return answer.flow_token

    def activate(self, flow_token: str, code: str, viewer: Viewer = ANYBODY) -> str:
        """Type the code of a registration and return the ticket."""
        with unit_of_work() as session:
            return registration.activate(session, viewer, flow_token=flow_token, code=code)

    def registered(self, login: str, password: str = PASSWORD) -> Answer:
        """Create a cabinet and return the cookies of the browser that did it."""
        flow = self.begin_registration(login, password)
        answer = self.redeem(self.activate(flow, self.last_letter().code))
        # So that the next message to this login need not wait.
        self.clock.pass_(minutes=2)
        return answer

    def sign_in(
        self, login: str, password: str = PASSWORD, browser: Browser | None = None, viewer: Viewer = ANYBODY
    ) -> Answer:
        """Fill in the form of signing in and let the route redeem the ticket."""
        browser = browser or Browser()
        ticket = sessions.sign_in(viewer, login=login, password=password, browser=browser)
        return self.redeem(ticket, browser)


@pytest.fixture
def held() -> Iterator[HeldClock]:
    """Time that stands still."""
    with held_clock() as held:
        yield held


@pytest.fixture
def portal(engine: Engine, held: HeldClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Portal]:
    """The portal of the default settings (profile `instruction`)."""
    with configured(monkeypatch, tmp_path):
        yield Portal(engine, held, hash_quickly(monkeypatch))


@pytest.fixture
def standard_portal(portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Portal]:
    """The portal with the profile `standard`."""
    with configured(monkeypatch, tmp_path, password_profile="standard"):
        yield portal
