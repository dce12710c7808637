"""An outbox on either database, and senders that record or refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.notifications import outbox
from lkk_reflex.notifications.models import Channel, OutboxMessage
from lkk_reflex.notifications.sender import Delivery, Outgoing, Senders
from tests.support.portal import HeldClock, configured, held_clock


class RecordingSender:
    """Takes everything, or answers with what is put into `answers`."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.answers: list[Delivery | Exception] = []

    def send(self, message: Outgoing) -> Delivery:
        """Note the message; every attempt counts."""
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else Delivery(ok=True, provider_id="p-1")
        if isinstance(answer, Exception):
            raise answer
        return answer


class Outbox:
    """What a test does with the outbox."""

    def __init__(self, engine: Engine, clock: HeldClock) -> None:
        self.engine = engine
        self.clock = clock
        self.mail = RecordingSender()
        self.sms = RecordingSender()
        self.senders = Senders({Channel.EMAIL: self.mail, Channel.SMS: self.sms}, sms_daily_limit=100)

    def queue(self, to: str = "ivan@mail.ru", **more: object) -> None:
        """Queue a message that needs no parameters of its own."""
        portal = "https://lk.example.ru"
        params = {
            "at": "22.11.2026",
            "link": f"{portal}/reset",
            "settings_link": f"{portal}/settings/notifications",
        }
        with unit_of_work() as session:
            outbox.queue(session, to=to, template="password_changed", params=params, **more)  # type: ignore[arg-type]

    def rows(self) -> list[OutboxMessage]:
        """Return every row, oldest first."""
        with reading() as session:
            return list(session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))))


@pytest.fixture
def held() -> Iterator[HeldClock]:
    """Time that stands still."""
    with held_clock() as held:
        yield held


@pytest.fixture
def box(engine: Engine, held: HeldClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Outbox]:
    """The outbox of the default settings."""
    with configured(monkeypatch, tmp_path):
        yield Outbox(engine, held)
