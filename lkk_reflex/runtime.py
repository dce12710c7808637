"""Ties the settings to this process: log, secret, database; and brings the database to the present schema."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from lkk_reflex.kit import crypto, db, log
from lkk_reflex.settings import Settings, make_data_dir

#: Where `alembic/` and `pyproject.toml` lie beside the package.
_PROJECT = Path(__file__).resolve().parents[1]


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Engine]:
    """Bind log, secret and database of this process for the length of the block."""
    log.configure(settings.log_level)
    # Its reports of every step say nothing to the person at the console.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    make_data_dir(settings.data_dir)
    crypto.bind(crypto.Keyring((settings.secret_key, *settings.previous_secret_keys)))
    engine = db.make_engine(settings.database_url)
    db.bind(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def upgrade_database(engine: Engine) -> None:
    """Apply the migrations that are missing, all in one transaction."""
    config = _alembic()
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            # A migration may take longer than an answer to a person.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_upgraded(engine: Engine) -> bool:
    """Tell whether no migration is missing."""
    with engine.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return present == set(ScriptDirectory.from_config(_alembic()).get_heads())


def _alembic() -> Config:
    return Config(toml_file=_PROJECT / "pyproject.toml")
