"""PDFs: read before they are kept, refused when they hold more than pages."""

import io
import time
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from lkk_reflex.attachments.errors import (
    DocumentActive,
    DocumentLocked,
    DocumentTooComplex,
    DocumentTooLong,
    FileOfAnotherKind,
)

_MOST_PAGES: Final = 50
#: Past this a document is no letter and no bill; walking it would take too long.
_MOST_OBJECTS: Final = 20_000
#: So long a document may keep the processor busy; one of fifty scanned pages takes a tenth of a second.
_MOST_SECONDS: Final = 3.0
_READS_BETWEEN_LOOKS: Final = 256
#: A PDF ends with these words, but for a little that careless programs put behind them (ISO 32000-1, 7.5.5).
_END: Final = b"%%EOF"
_END_WITHIN: Final = 4096
#: Keys by which a document acts by itself, runs something or carries other files (ISO 32000-1, 12.6 and 7.11.4).
_ACTING_KEYS: Final = frozenset({"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EmbeddedFile", "/AF", "/XFA"})
_ACTIONS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute"}
)
_CARRIERS: Final = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D"})


def is_document(raw: bytes) -> bool:
    """Tell whether the content begins as a PDF does; what stands before the mark makes it something else."""
    return raw.startswith(b"%PDF-")


def require_harmless(raw: bytes) -> None:
    """Read a PDF whole and refuse what is more than pages to look at.

    Raises:
        DocumentLocked: it is encrypted.
        DocumentTooLong: more than 50 pages.
        DocumentTooComplex: reading it takes longer than any letter or bill does.
        DocumentActive: it holds scripts, actions that reach outside, or other files.
        FileOfAnotherKind: it cannot be read.
    """
    if _END not in raw[-_END_WITHIN:]:
        # The library would look for the end line by line, through all of it.
        raise FileOfAnotherKind
    try:
        reader = PdfReader(_timed(raw), strict=False)
        if reader.is_encrypted:
            raise DocumentLocked
        pages = len(reader.pages)
        if not pages:
            raise FileOfAnotherKind
        if pages > _MOST_PAGES:
            raise DocumentTooLong(most=_MOST_PAGES)
        for found in _everything(reader):
            if _acts(found):
                raise DocumentActive
    except _TimeOver as over:
        raise DocumentTooComplex from over
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise FileOfAnotherKind from error


def _timed(raw: bytes) -> io.BytesIO:
    """Return the bytes of a document, to be read until that has taken too much of the processor's time.

    The library reads what is slow to read in small pieces, so that is where it can be stopped. Time spent on waiting
    for the processor does not count: a busy machine refuses nothing.
    """
    stream = _Readable(raw)
    read, until, left = stream.read, time.thread_time() + _MOST_SECONDS, _READS_BETWEEN_LOOKS

    def read_in_time(size: int | None = -1, /) -> bytes:
        nonlocal left
        left -= 1
        if left <= 0:
            if time.thread_time() > until:
                raise _TimeOver
            left = _READS_BETWEEN_LOOKS
        return read(size)

    # A method of the class would make every read, and there may be millions, three times as slow.
    stream.read = read_in_time  # type: ignore[method-assign]
    return stream


class _TimeOver(BaseException):
    """Reading has taken too long. No `Exception`: the library swallows those, and would go on with half a document."""


class _Readable(io.BytesIO):
    """Bytes in memory whose reading can be replaced."""


def _everything(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield every dictionary that a viewer can reach from the trailer, each once."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            name = (found.idnum, found.generation)
            if name in seen:
                continue
            seen.add(name)
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            yield found
            waiting.extend(found.raw_get(key) for key in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(list.__iter__(found))
    raise FileOfAnotherKind


def _acts(found: DictionaryObject) -> bool:
    if _ACTING_KEYS & found.keys():
        return True
    return _name(found, "/S") in _ACTIONS or _name(found, "/Subtype") in _CARRIERS


def _name(found: DictionaryObject, key: str) -> str:
    return str(found[key]) if key in found else ""
