"""Where uploaded files lie: a private directory, random names, nothing that a web server would serve."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from lkk_reflex.settings import get_settings

_DIRECTORY: Final = "uploads"
_NAME_BYTES: Final = 24


def keep(content: bytes) -> str:
    """Write a file that only the portal may read, and return its name."""
    directory = _directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = secrets.token_urlsafe(_NAME_BYTES)
    handle = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return name


def read(name: str) -> bytes:
    """Return what was kept under a name of ours.

    Raises:
        FileNotFoundError: it is gone.
    """
    return path_of(name).read_bytes()


def path_of(name: str) -> Path:
    """Return where a file lies; for the owner of the server."""
    return _directory() / name


def forget(name: str) -> None:
    """Delete a file, if it is still there."""
    with suppress(FileNotFoundError):
        path_of(name).unlink()


def names_older_than(seconds: float) -> Iterator[str]:
    """Yield the names of files written longer ago than this by the clock of the disk."""
    directory = _directory()
    if not directory.is_dir():
        return
    # The age of a file is told by the machine's own clock, which tests do not hold.
    limit = time.time() - seconds  # noqa: TID251
    for entry in os.scandir(directory):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < limit:
            yield entry.name


def _directory() -> Path:
    return get_settings().data_dir / _DIRECTORY
