"""What every test may ask for: databases that are already migrated, a browser, and honesty about skipped tests."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import hypothesis
import pytest
from alembic import command
from alembic.config import Config
from playwright.sync_api import Browser
from sqlalchemy import Engine, QueuePool, event

from lkk_reflex.kit import db
from tests.support import chromium, patience, processes, trees
from tests.support.live_portal import stop_shared_portal
from tests.support.postgres import PostgresServer, PostgresUnavailable

pytest_plugins = ["tests.support.people"]

# What a property is tried with may take as long as the machine needs; under CI it is the same each time.
hypothesis.settings.register_profile(
    "patient",
    hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]

_SHARED_VARIABLE = "LKK_TEST_SHARED"
_TEMPLATE = "migrated"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer approve what a screen reader meets."""
    parser.addoption(trees.APPROVE, action="store_true", help="keep what screens say aloud now as what they are to say")


def pytest_configure(config: pytest.Config) -> None:
    """Make the directory that the workers of this run share; its name is short, because a socket lies in it."""
    if os.environ.get("CI") and config.getoption(trees.APPROVE):
        raise pytest.UsageError(f"{trees.APPROVE} would approve anything: a person looks first, CI never does")
    if hasattr(config, "workerinput"):
        return
    processes.become_owner()
    os.environ[_SHARED_VARIABLE] = tempfile.mkdtemp(prefix="lkk-test-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run has started, after the last worker."""
    if hasattr(config, "workerinput"):
        return
    shared = Path(os.environ.pop(_SHARED_VARIABLE))
    for towns in shared.glob("town-*"):
        stop_shared_portal(towns)
    PostgresServer.stop_shared(shared)
    shutil.rmtree(shared)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test is a failure: there nothing may be missing."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Under CI nothing may be skipped. {reason}"


@pytest.fixture(scope="session")
def shared_directory() -> Path:
    """A directory common to all workers of this run."""
    return Path(os.environ[_SHARED_VARIABLE])


@pytest.fixture(scope="session")
def town_directory(shared_directory: Path) -> Path:
    """The directory of this worker's portal and of what its tests have taken: one town has too few debtors for all."""
    directory = shared_directory / f"town-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def postgres_server(shared_directory: Path) -> PostgresServer:
    """The PostgreSQL of this run."""
    try:
        return PostgresServer.shared(shared_directory)
    except PostgresUnavailable as lack:
        pytest.skip(str(lack))


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    """The name of a migrated database, the template of all others."""
    with postgres_server.template(_TEMPLATE).unless_ready() as url:
        if url:
            migrate(url)
    return _TEMPLATE


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, the template of all others."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Address of a fresh, migrated SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'portal.sqlite3')}"


@pytest.fixture(scope="session")
def worker_postgres(postgres_server: PostgresServer, migrated_postgres: str) -> str:
    """The name of this worker's own database."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "main")
    postgres_server.create(name, template=migrated_postgres)
    return name


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer, worker_postgres: str) -> str:
    """Address of a migrated PostgreSQL database without rows."""
    postgres_server.empty(worker_postgres)
    return postgres_server.url(worker_postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh, migrated database, of either kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without tables, of either kind in turn: for the migrations themselves."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.temporary() as url:
        yield url


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The engine of a fresh database; units of work of this process use it while the test runs."""
    made = db.make_engine(database_url)
    # A portal gives up what takes five seconds; a busy machine may take longer for a test of many threads.
    monkeypatch.setattr(db, "_BUSY_MILLISECONDS", 1000 * patience.SECONDS)
    cast("QueuePool", made.pool)._timeout = patience.SECONDS
    event.listen(made, "connect", _be_patient)
    db.bind(made)
    yield made
    _wait_for_late_work(made)
    made.dispose()


def _be_patient(connection: Any, _record: object) -> None:
    name = "PRAGMA busy_timeout" if isinstance(connection, sqlite3.Connection) else "SET statement_timeout"
    connection.execute(f"{name} = {1000 * patience.SECONDS:.0f}")
    connection.commit()


def _wait_for_late_work(engine: Engine) -> None:
    """Let threads that a test has left behind give their connections back, so that they are closed."""
    pool, deadline = cast("QueuePool", engine.pool), time.monotonic() + patience.SECONDS
    while pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A started Chromium.

    It lives for one module: while it runs, its event loop holds the main thread, and async tests could not run.
    """
    try:
        found = chromium.find()
    except chromium.ChromiumUnavailable as lack:
        pytest.skip(str(lack))
    with found.launched() as browser:
        yield browser


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, as `lkk db upgrade` does."""
    engine = db.make_engine(url).execution_options(sqlite_begin="IMMEDIATE")
    config = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
