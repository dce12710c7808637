"""The migrations themselves: from nothing to the present schema and back, on both databases."""

import json
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from lkk_reflex.kit import db
from tests.conftest import ROOT

_MEMORY = "alembic_version"


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database without tables."""
    engine = db.make_engine(empty_database_url)
    yield engine
    engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def _upgrade(engine: Engine) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        command.upgrade(_config(connection), "head")


def _downgrade(engine: Engine) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        command.downgrade(_config(connection), "base")


def _schema(engine: Engine) -> dict[str, str]:
    """Return every table with all that the database tells about it, in a form that compares."""
    told = inspect(engine)
    return {
        table: json.dumps(
            [
                [(column["name"], column["type"], column["nullable"]) for column in told.get_columns(table)],
                told.get_pk_constraint(table),
                sorted(told.get_foreign_keys(table), key=str),
                sorted(told.get_unique_constraints(table), key=str),
                sorted(told.get_indexes(table), key=lambda index: str(index["name"])),
                sorted(told.get_check_constraints(table), key=str),
            ],
            # Types and the conditions of partial indexes are objects of SQLAlchemy.
            default=str,
        )
        for table in told.get_table_names()
    }


def _leftovers(engine: Engine) -> list[str]:
    """Return what else than tables a migration may leave behind."""
    told = inspect(engine)
    is_postgresql = engine.dialect.name == "postgresql"
    types = [str(kind["name"]) for kind in told.get_enums()] if is_postgresql else []  # type: ignore[attr-defined]
    sequences = told.get_sequence_names() if is_postgresql else []
    return [
        *(table for table in told.get_table_names() if table != _MEMORY),
        *types,
        *sequences,
        *told.get_view_names(),
    ]


def test_models_match_what_the_migrations_make(empty: Engine) -> None:
    _upgrade(empty)
    with empty.connect() as connection:
        command.check(_config(connection))


def test_downgrade_leaves_nothing_and_upgrade_makes_the_same_again(empty: Engine) -> None:
    _upgrade(empty)
    first = _schema(empty)
    assert len(first) > 1
    _downgrade(empty)
    assert _leftovers(empty) == []
    _upgrade(empty)
    assert _schema(empty) == first


def test_upgrading_a_present_database_changes_nothing(empty: Engine) -> None:
    _upgrade(empty)
    first = _schema(empty)
    _upgrade(empty)
    assert _schema(empty) == first


def test_migration_that_is_broken_off_leaves_the_database_as_it_was(empty: Engine) -> None:
    with empty.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        attempt = connection.begin()
        command.upgrade(_config(connection), "head")
        attempt.rollback()
    assert inspect(empty).get_table_names() == []
    _upgrade(empty)
