"""The real portal as a process: `lkk run` with data of its own, stopped, killed and started again like any other.

It lives on one and the same day, whenever the tests run; so do the tests that meet it, see `that_day`.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import psutil

from tests.support import patience, that_day
from tests.support.locks import locked
from tests.support.patience import until
from tests.support.ports import free_port
from tests.support.processes import is_running, start_owned, stop

_ROOT = Path(__file__).resolve().parents[2]
#: The first start of a run may build the front end.
_START_SECONDS = 600.0
_DATABASE = "portal.sqlite3"
_CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b|\b(\d{4})-(\d{4})\b")
_LINK = re.compile(r"https?://\S+/auth/link\?\S+")


class PortalFailed(Exception):
    """The portal did not start; the text ends with what it has printed."""


@dataclass
class LivePortal:
    """A portal in the demo mode on a port of its own; what it prints goes to `log`."""

    data_dir: Path
    port: int
    settings: dict[str, str]
    pid: int = 0

    @classmethod
    def at(cls, data_dir: Path, **settings: str) -> Self:
        """Describe a portal with these settings (`log_level="DEBUG"`) that is not started yet."""
        data_dir.mkdir(parents=True, exist_ok=True)
        return cls(data_dir, free_port(), settings)

    @property
    def address(self) -> str:
        """Return what people type."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        """Return the file with all that the portal has printed, over every start."""
        return self.data_dir / "portal.log"

    @property
    def database_url(self) -> str:
        """Return the address of its database for SQLAlchemy."""
        return f"sqlite:///{self.data_dir / _DATABASE}"

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return is_running(self.pid)

    def start(self) -> None:
        """Start, and wait until it has said where it is.

        Raises:
            PortalFailed: when it ended instead.
        """
        said_before = self.log.stat().st_size if self.log.exists() else 0
        self.pid = start_owned(
            that_day.command("run"), output=self.log, environment=self._environment(), directory=self.data_dir
        )

        def said_where() -> bool:
            if not is_running(self.pid):
                raise PortalFailed(self.log.read_text(encoding="utf-8")[-3000:])
            return "Портал открыт" in self.log.read_bytes()[said_before:].decode(errors="replace")

        until(said_where, seconds=_START_SECONDS)

    def stop(self) -> None:
        """End it in an orderly way, as a supervisor does."""
        self._process().terminate()
        stop(self.pid)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process().kill()
        stop(self.pid)

    def lkk(self, *arguments: str) -> str:
        """Run a command of the staff beside the portal, and return what it prints."""
        done = subprocess.run(
            that_day.command(*arguments),
            env=self._environment(),
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # Nothing of the developer's own settings, neither of the environment nor of a file.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LKK_")}
        given = {"data_dir": str(self.data_dir), "port": str(self.port), **self.settings}
        environment |= {f"LKK_{name.upper()}": value for name, value in given.items()}
        environment |= {name: value for name, value in os.environ.items() if name.startswith("LKK_TEST_")}
        environment["PYTHONPATH"] = str(_ROOT)
        return environment

    def _process(self) -> psutil.Process:
        (process,) = psutil.Process(self.pid).children()
        return process

    def messages(self, to: str) -> list[dict[str, str]]:
        """Return what the portal has sent to a login, oldest first."""
        files = sorted((self.data_dir / "outbox").glob("*.json"))
        sent = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return [message for message in sent if message["to"] == to]

    def message(self, to: str, *, after: int = 0) -> str:
        """Wait for a message beyond the first `after` ones to a login, and return the text of the newest."""
        until(lambda: len(self.messages(to)) > after)
        return self.messages(to)[-1]["body"]

    def code(self, to: str, *, after: int = 0) -> str:
        """Wait for a message and return the digits of its code."""
        found = _CODE.search(self.message(to, after=after))
        assert found, "the message holds no code"
        return "".join(part for part in found.groups() if part)

    def link(self, to: str, *, after: int = 0) -> str:
        """Wait for a message and return its link."""
        found = _LINK.search(self.message(to, after=after))
        assert found, "the message holds no link"
        return found[0]

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Look into the database past the portal."""
        with closing(sqlite3.connect(f"file:{self.data_dir / _DATABASE}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        """Change the database past the portal."""
        with closing(sqlite3.connect(self.data_dir / _DATABASE, timeout=patience.SECONDS)) as connection:
            connection.execute(statement, values)
            connection.commit()

    def is_healthy(self) -> bool:
        """Tell whether it answers now."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def give_data_to(self, data_dir: Path) -> None:
        """Copy the town and its secrets to another portal, consistently even while this one works."""
        data_dir.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(self.data_dir / _DATABASE)) as source,
            closing(sqlite3.connect(data_dir / _DATABASE)) as target,
        ):
            source.backup(target)
        shutil.copy2(self.data_dir / "secret.key", data_dir)


def shared_portal(directory: Path) -> LivePortal:
    """Return the portal of this directory, started by the first that asks.

    A copy of the fresh town lies in `town` beside it.

    Raises:
        PortalFailed: when it did not start.
    """
    home = directory / "live"
    note = home / "portal.json"
    home.mkdir(exist_ok=True)
    with locked(home / "lock"):
        if not note.exists():
            portal = LivePortal.at(home / "var")
            portal.start()
            portal.give_data_to(home / "town")
            note.write_text(json.dumps({"port": portal.port, "pid": portal.pid}))
    noted = json.loads(note.read_text())
    return LivePortal(home / "var", noted["port"], {}, noted["pid"])


def stop_shared_portal(directory: Path) -> None:
    """Stop the portal of this run, if any worker started one."""
    note = directory / "live" / "portal.json"
    if note.exists():
        stop(json.loads(note.read_text())["pid"])


@contextmanager
def own_portal(directory: Path, data_dir: Path, **settings: str) -> Iterator[LivePortal]:
    """Run another portal with a copy of the town, for what would disturb the others."""
    shared_portal(directory)
    shutil.copytree(directory / "live" / "town", data_dir)
    with fresh_portal(data_dir, **settings) as portal:
        yield portal


@contextmanager
def fresh_portal(data_dir: Path, **settings: str) -> Iterator[LivePortal]:
    """Run another portal with what lies in this directory; without anything, with a town of its own."""
    portal = LivePortal.at(data_dir, **settings)
    portal.start()
    try:
        yield portal
    finally:
        stop(portal.pid)
