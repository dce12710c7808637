"""The database: engine, units of work, naming of constraints."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Enum, Executable, create_engine, event, func, select, true
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, SQLModel

from lkk_reflex.kit.errors import PortalError

#: Every constraint has a name, so that a migration can change it and an error can be told by it.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_BUSY_MILLISECONDS = 5000
_PRAGMAS = (
    # First, because switching to WAL waits for other processes that do the same.
    f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
)
#: The code of PostgreSQL for the end of `lock_timeout`.
_LOCK_NOT_AVAILABLE = "55P03"
_sqlite_turn = threading.RLock()


class _Binding:
    """The engine of this process, set once by the edge (portal, command line, tests)."""

    engine: Engine | None = None


def bind(engine: Engine) -> None:
    """Make `engine` the one that units of work of this process use."""
    _Binding.engine = engine


def bound_engine() -> Engine:
    """Return the engine of this process.

    Raises:
        RuntimeError: when the edge has not called `bind` yet.
    """
    if _Binding.engine is None:
        raise RuntimeError("no database is bound")
    return _Binding.engine


def make_engine(url: str) -> Engine:
    """Make an engine that connects lazily; both databases behave alike for the code above it.

    SQLite: WAL, foreign keys, five seconds of patience, and transactions that really begin where we say.
    PostgreSQL: five seconds for connecting and for a statement, connections checked before use.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        # An error's text must not carry the values: they are people's data.
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        # A connection knows the plans of what it is often asked; taking turns, each would have to learn them anew.
        pool_use_lifo=True,
        pool_timeout=5,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=5000 -c timezone=UTC",
            "tcp_user_timeout": 5000,
        },
    )


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver must not begin or end transactions by itself: `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock at once: reading first and writing later would fail under a second writer.
    mode = connection.get_execution_options().get("sqlite_begin")
    if mode:
        connection.exec_driver_sql(f"BEGIN {mode}")
    else:
        # Nothing can go wrong here, so nobody has to translate the error; every visit passes here twice.
        connection.connection.cursor().execute("BEGIN")


def text_enum(kind: type[StrEnum]) -> Enum:
    """Return the column type that stores the values of an enum as text.

    The type that SQLModel would take makes a type in PostgreSQL, which outlives its table on a downgrade and needs
    a migration for every new member.
    """
    return Enum(kind, native_enum=False, length=30, values_callable=lambda members: [m.value for m in members])


@contextmanager
def unit_of_work(engine: Engine | None = None) -> Iterator[Session]:
    """Yield a session whose work is committed once, at the end; any error undoes all of it.

    A `PortalError` with `keeps_work` is a refusal whose trace must stay (a counted attempt): it commits and is raised.
    """
    writing = (engine or bound_engine()).execution_options(sqlite_begin="IMMEDIATE")
    with _turn(writing), Session(writing, expire_on_commit=False) as session:
        try:
            yield session
        except PortalError as refusal:
            if refusal.keeps_work:
                session.commit()
            raise
        session.commit()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Hold the right to write to SQLite, among the threads of this process; PostgreSQL needs no such order.

    A writer that SQLite itself keeps waiting sleeps ever longer between its looks, so under load the patient
    ones starve until they fail. Another process is still waited for in SQLite's way.
    """
    is_ours = engine.dialect.name == "sqlite" and _sqlite_turn.acquire(timeout=_BUSY_MILLISECONDS / 1000)
    try:
        yield
    finally:
        if is_ours:
            _sqlite_turn.release()


@contextmanager
def reading(engine: Engine | None = None) -> Iterator[Session]:
    """Yield a session for looking only: it sees one moment on SQLite and can write nothing on PostgreSQL."""
    looking = _for_looking(engine or bound_engine())
    with Session(looking, expire_on_commit=False) as session:
        yield session
        if session.is_active and looking.dialect.name == "postgresql":
            # There is nothing to keep; but at a rollback the driver forgets the plans of all that it was ever asked.
            session.expunge_all()
            session.commit()


@lru_cache(maxsize=1)
def _for_looking(engine: Engine) -> Engine:
    return engine.execution_options(postgresql_readonly=True)


def rows_of(session: Session, statement: Executable, values: Mapping[str, object]) -> CursorResult[*tuple[Any, ...]]:
    """Ask for columns past the mapper, which has nothing to do then: half the price of what is asked at every visit.

    What the session has not written yet is written before, as it is before every question.
    """
    session.flush()
    return session.connection().execute(statement, values)


def with_patience(session: Session, patience: timedelta) -> None:
    """Let this unit of work wait so long at most for rows that others are changing.

    With SQLite it has its turn already, and waits for nobody any more.
    """
    if session.get_bind().dialect.name == "postgresql":
        milliseconds = str(int(patience.total_seconds() * 1000))
        session.connection().execute(select(func.set_config("lock_timeout", milliseconds, true())))


def waited_in_vain(error: OperationalError) -> bool:
    """Tell whether the error is the end of the patience for rows that somebody else is changing."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether the error is the named constraint (on SQLite: its `table.column` list).

    `constraint` is a name by our convention, `uq_<table>_<column>_<column>`; SQLite reports columns instead of names.
    """
    text = str(error.orig)
    # PostgreSQL quotes the name; without the quotes a name would also be found in a longer one.
    if f'"{constraint}"' in text:
        return True
    _, _, rest = constraint.partition("_")
    reported = text.rpartition(": ")[2].split(", ")
    if "." not in reported[0]:
        return False
    table = reported[0].split(".")[0]
    return rest == "_".join([table, *(column.split(".")[1] for column in reported)])
