"""Where files lie: private directories, random names, nothing that a web server would serve."""

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lkk_reflex.attachments.errors import NoRoomForFiles
from lkk_reflex.attachments.files import MEGABYTE
from lkk_reflex.kit import clock
from lkk_reflex.settings import get_settings

logger = logging.getLogger(__name__)

_NAME_BYTES: Final = 24
#: Longer than any unit of work between writing a file and committing its row.
_ROWLESS_KEPT_SECONDS: Final = 3600.0
_SWEPT_AT_ONCE: Final = 500
#: So many bytes of the disk stay free: files that anybody may send must not stop the database.
LEFT_FREE: Final = 512 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Store:
    """The files of one slice, whose rows alone know their names; `directory` is inside that of the portal's data."""

    directory: str

    def keep(self, content: bytes) -> str:
        """Write a file that only the portal may read, and return its name.

        Raises:
            NoRoomForFiles: the disk is nearly full.
        """
        directory = self._path()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(directory).free < LEFT_FREE:
            logger.error("ALARM the disk is nearly full: files of subscribers are refused")
            raise NoRoomForFiles
        name = secrets.token_urlsafe(_NAME_BYTES)
        handle = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # The age of a file is told by the one clock of the portal, not by that of the disk.
        written_at = clock.now().timestamp()
        os.utime(directory / name, (written_at, written_at))
        return name

    def read(self, name: str) -> bytes:
        """Return what was kept under a name of ours.

        Raises:
            FileNotFoundError: it is gone.
        """
        return self.path_of(name).read_bytes()

    def path_of(self, name: str) -> Path:
        """Return where a file lies; for the owner of the server."""
        return self._path() / name

    def forget(self, name: str) -> None:
        """Delete a file, if it is still there."""
        with suppress(FileNotFoundError):
            self.path_of(name).unlink()

    def sweep(self, known: Callable[[Sequence[str]], set[str]]) -> None:
        """Delete every file that no row speaks of any more; `known` returns those of some names that a row does.

        A file is deleted an hour after it was written at the earliest, so that an upload that is being stored is
        never mistaken for one that nobody knows.
        """
        names = list(self._names_older_than(_ROWLESS_KEPT_SECONDS))
        for first in range(0, len(names), _SWEPT_AT_ONCE):
            some = names[first : first + _SWEPT_AT_ONCE]
            for name in set(some) - known(some):
                self.forget(name)

    def _names_older_than(self, seconds: float) -> Iterator[str]:
        """Yield the names of files written longer ago than this."""
        directory = self._path()
        if not directory.is_dir():
            return
        limit = clock.now().timestamp() - seconds
        for entry in os.scandir(directory):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < limit:
                yield entry.name

    def _path(self) -> Path:
        return get_settings().data_dir / self.directory


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file, hex."""
    return hashlib.sha256(content).hexdigest()
