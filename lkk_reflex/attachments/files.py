"""What is known of a file: plain values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MEGABYTE: Final = 1024 * 1024
FILE_LIMIT: Final = 10 * MEGABYTE
_KILOBYTE: Final = 1024
#: What a field for photos asks browsers for. HEIC is not among it, because devices of Apple then hand over a JPEG.
PHOTO_TYPES: Final = "image/jpeg,image/png,image/webp,.jpg,.jpeg,.png,.webp"


class FileKind(StrEnum):
    """What a file is, by its content."""

    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it is stored."""

    kind: FileKind
    content: bytes


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that waits for the form to which it belongs; `size` in bytes."""

    public_id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is handed out."""

    name: str
    kind: FileKind
    content: bytes


def size_in_words(size: int) -> str:
    """Return `1,4 МБ` or `320 КБ`."""
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f}\N{NO-BREAK SPACE}МБ".replace(".", ",")
    return f"{max(1, round(size / _KILOBYTE))}\N{NO-BREAK SPACE}КБ"
