"""A portal on either database, with a held clock, one account with a meter, and those who look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from lkk_reflex.accounts.models import LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters.models import Meter
from lkk_reflex.meters.submitting import submit
from lkk_reflex.meters.views import Outcome, Submission
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.factories.meters import make_form, make_meter, make_reading
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

#: An ordinary day inside the window.
NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Flat:
    """An account with one meter of cold water that showed 100 on 20 October."""

    provider: ServiceProvider
    account: PersonalAccount
    meter: Meter
    #: Has proved that the account is theirs.
    owner: Viewer
    owner_link: str
    #: Has only typed its number.
    guest: Viewer
    guest_link: str

    def send(self, *values: str, viewer: Viewer | None = None, **form: Any) -> Submission:
        """Send a reading of the meter as the owner, or as somebody else."""
        who = viewer or self.owner
        link = self.owner_link if who is self.owner else self.guest_link
        with unit_of_work() as session:
            return submit(session, who, form=make_form(link, (self.meter, values), **form))

    def sent(self, *values: str, **form: Any) -> Outcome:
        """Send a reading and return what became of the meter."""
        (outcome,) = self.send(*values, **form).outcomes
        return outcome


@pytest.fixture
def held() -> Iterator[HeldClock]:
    """Time that stands still in the middle of the window of November."""
    with held_clock() as held:
        held.now = NOON
        yield held


@pytest.fixture
def portal(engine: Engine, held: HeldClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    """A portal with its secret, on either database."""
    hash_quickly(monkeypatch)
    with configured(monkeypatch, tmp_path / "data"):
        yield engine


@pytest.fixture
def flat(portal: Engine) -> Flat:
    """An account with one meter, its owner, and somebody who has connected it too."""
    with unit_of_work() as session:
        provider = make_provider(session, code="water")
        account = make_account(session, provider)
        meter = make_meter(session, account)
        make_reading(session, meter, 100)
        owner, guest = make_viewer(session), make_viewer(session)
        own = make_link(session, owner, account, level=LinkLevel.EXTENDED)
        other = make_link(session, guest, account)
        return Flat(provider, account, meter, owner, own.public_id, guest, other.public_id)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the provider."""

    def write(*lines: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
        return file

    return write
