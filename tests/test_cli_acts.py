"""`lkk act`: what can be shown of destroyed data."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from lkk_reflex.cabinet import erasing
from lkk_reflex.cli import app
from lkk_reflex.identity import closing
from lkk_reflex.kit.db import unit_of_work
from tests.factories.identity import PASSWORD, make_viewer
from tests.support.portal import configured, hash_quickly, held_clock


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough for the words."""
    return sqlite_url


def test_acts_are_listed_with_what_was_destroyed(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hash_quickly(monkeypatch)
    with configured(monkeypatch, tmp_path, database_url=database_url), held_clock() as clock:
        assert CliRunner().invoke(app, ["act", "list"]).output == "Актов нет.\n"
        with unit_of_work(engine) as session:
            viewer = make_viewer(session, login="ivan@mail.ru")
        closing.close(viewer, password=PASSWORD)
        clock.pass_(days=closing.GRACE.days)
        erasing.erase_due()
        told = CliRunner().invoke(app, ["act", "list"]).output
    assert told.startswith("Акт № 1 об уничтожении персональных данных, 22.12.2026 в 12:00 по Москве\n")
    assert "Оператор: Горводоканал" in told
    assert f"кабинет № {viewer.subscriber_id}" in told
    assert "Логин и пароль: 1" in told
    assert "ivan@mail.ru" not in told
