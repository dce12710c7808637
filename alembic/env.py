"""Migrations run over the portal's own engine: on the caller's connection, or on the database of the settings."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import lkk_reflex
from lkk_reflex.kit.db import make_engine
from lkk_reflex.settings import get_settings

for module in pkgutil.iter_modules(lkk_reflex.__path__):
    if module.ispkg and module.name != "sandbox":
        package = importlib.import_module(f"lkk_reflex.{module.name}")
        for room in pkgutil.iter_modules(package.__path__):
            if room.name in ("models", "rate_limit", "lease"):
                importlib.import_module(f"lkk_reflex.{module.name}.{room.name}")


def migrate(connection: Connection) -> None:
    """Bring one database to the wanted revision."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    engine = make_engine(get_settings().database_url).execution_options(sqlite_begin="IMMEDIATE")
    with engine.connect() as opened:
        migrate(opened)
        opened.commit()
