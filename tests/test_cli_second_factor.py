"""`lkk second-factor`: nobody is let in by a slip of the hand."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from lkk_reflex.cli import app
from lkk_reflex.identity import security_repository
from lkk_reflex.identity.models import SecondFactor
from lkk_reflex.identity.repository import stored_id
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.db import reading, unit_of_work
from tests.factories.identity import make_subscriber
from tests.support.portal import configured, hash_quickly


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough for the words."""
    return sqlite_url


def test_second_step_is_switched_off_only_after_the_identity_was_checked(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hash_quickly(monkeypatch)
    with configured(monkeypatch, tmp_path, database_url=database_url):
        with unit_of_work(engine) as session:
            subscriber_id = stored_id(make_subscriber(session, login="ivan@mail.ru").id)
            secret, now = keyring().encrypt("JBSWY3DPEHPK3PXP"), clock.now()
            session.add(SecondFactor(subscriber_id=subscriber_id, secret=secret, created_at=now, enabled_at=now))
        command = ["second-factor", "off", "ivan@mail.ru"]
        refused = CliRunner().invoke(app, command)
        with reading(engine) as session:
            assert security_repository.enabled_factor(session, subscriber_id)
        done = CliRunner().invoke(app, [*command, "--identity-checked"])
        with reading(engine) as session:
            assert not security_repository.enabled_factor(session, subscriber_id)
        again = CliRunner().invoke(app, [*command, "--identity-checked"])
    assert (refused.exit_code, done.exit_code, again.exit_code) == (2, 0, 1)
    assert "проверьте личность" in refused.output
    assert "Второй шаг выключен" in done.output
    assert "второй шаг в нём выключен" in again.output
