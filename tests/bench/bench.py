"""One run: its options, and what several rods share."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from tests.bench import population, servers
from tests.bench.population import Town
from tests.bench.servers import Running
from tests.support.chromium import Chromium, find
from tests.support.postgres import PostgresServer


@dataclass
class Bench:
    """A run; what it starts ends with it. Use it as a context manager."""

    #: How many accounts the town has.
    accounts: int = 100_000
    #: How often each comparison of browsers is repeated.
    visits: int = 5
    #: Rows of the big register, for the memory of a load.
    big_register: int = 1_000_000
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="lkk-bench-")))
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def postgres(self) -> PostgresServer:
        """A PostgreSQL server of the run's own. Raises `PostgresUnavailable`."""
        directory = self.folder / "pg"
        directory.mkdir()
        # It runs as another user, who must get through.
        self.folder.chmod(0o755)
        server = PostgresServer.shared(directory)
        self._stack.callback(PostgresServer.stop_shared, directory)
        return server

    @cached_property
    def chromium(self) -> Chromium:
        """The browser. Raises `ChromiumUnavailable`."""
        return find()

    @cached_property
    def sqlite_town(self) -> Town:
        """The town on SQLite."""
        return self._stack.enter_context(population.sqlite_town(self.folder / "town", self.accounts))

    @cached_property
    def postgres_town(self) -> Town:
        """The town on PostgreSQL."""
        return self._stack.enter_context(population.postgres_town(self.postgres, self.accounts))

    @cached_property
    def lean(self) -> Running:
        """The blank app."""
        return self._stack.enter_context(servers.lean_app(self.folder / "lean"))

    @cached_property
    def portal(self) -> Running:
        """The portal on the SQLite town."""
        return self._stack.enter_context(servers.portal(self.folder / "portal", self.sqlite_town.database_url))

    @contextmanager
    def room(self, name: str) -> Iterator[Path]:
        """Yield an empty folder for the length of one measurement."""
        path = self.folder / name
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
