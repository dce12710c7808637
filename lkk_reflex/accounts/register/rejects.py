"""The file of rejected lines: each line as it stood, and the reason behind it, in the encoding of the register."""

from pathlib import Path
from typing import BinaryIO, Self

from lkk_reflex.accounts.register.inspection import XLSX, FileFacts


class RejectsFile:
    """Made with the first rejected line; without one there is no file."""

    def __init__(self, directory: Path, register: Path, facts: FileFacts) -> None:
        self.path = directory / f"{register.stem[:80]}.{facts.file_hash[:8]}.rejects.csv"
        self._encoding = "utf-8" if facts.encoding in (XLSX, "utf-8-sig") else facts.encoding
        self._stream: BinaryIO | None = None

    @property
    def written(self) -> Path | None:
        """Return the path when there is such a file."""
        return self.path if self._stream else None

    def add(self, original: str, reason: str) -> None:
        """Write one line."""
        if self._stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open("wb")
        # What could not be decoded goes back byte for byte; a reason may lack a sign in an old encoding.
        line = original.encode(self._encoding, "surrogateescape")
        self._stream.write(line + b";" + reason.encode(self._encoding, "replace") + b"\r\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._stream is not None:
            self._stream.close()
