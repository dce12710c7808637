"""What is kept of an upload is decided by its content; its name and its declared type say nothing."""

from lkk_reflex.attachments.documents import is_document, require_harmless
from lkk_reflex.attachments.errors import FileEmpty, FileOfAnotherKind, FileTooLarge, NotAPhoto
from lkk_reflex.attachments.files import FILE_LIMIT, MEGABYTE, Cleaned, FileKind
from lkk_reflex.attachments.images import cleaned_photo


def cleaned(raw: bytes) -> Cleaned:
    """Return what is kept of a photo or a document.

    Raises:
        FileEmpty, FileTooLarge: nothing, or more than 10 MB.
        HeicNotRead, PhotoTooBig, DocumentLocked, DocumentTooLong, DocumentTooComplex, DocumentActive,
            FileOfAnotherKind: see `images` and `documents`.
    """
    require_size(raw)
    if is_document(raw):
        require_harmless(raw)
        return Cleaned(FileKind.PDF, raw)
    return cleaned_photo(raw)


def photo_alone(raw: bytes) -> Cleaned:
    """Return what is kept of a photo, where nothing else will do.

    Raises:
        FileEmpty, FileTooLarge, HeicNotRead, PhotoTooBig: as `cleaned`.
        NotAPhoto: it is something else, or broken.
    """
    require_size(raw)
    try:
        return cleaned_photo(raw)
    except FileOfAnotherKind as error:
        raise NotAPhoto from error


def require_size(raw: bytes) -> None:
    """Refuse what is empty or larger than a file may be.

    Raises:
        FileEmpty, FileTooLarge: nothing, or more than 10 MB.
    """
    if not raw:
        raise FileEmpty
    if len(raw) > FILE_LIMIT:
        raise FileTooLarge(most=FILE_LIMIT // MEGABYTE)
