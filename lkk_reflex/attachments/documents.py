"""PDFs: read before they are kept, refused when they hold more than pages."""

import io
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from lkk_reflex.attachments.errors import DocumentActive, DocumentLocked, DocumentTooLong, FileOfAnotherKind

_MOST_PAGES: Final = 50
#: Past this a document is no letter and no bill; walking it would take too long.
_MOST_OBJECTS: Final = 20_000
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
        DocumentActive: it holds scripts, actions that reach outside, or other files.
        FileOfAnotherKind: it cannot be read.
    """
    try:
        reader = PdfReader(io.BytesIO(raw), strict=False)
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
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise FileOfAnotherKind from error


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
