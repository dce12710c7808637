"""Uploading, reading and forgetting files."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts, require_room, take
from lkk_reflex.support import attachment_repository, storage
from lkk_reflex.support.documents import is_document, require_harmless
from lkk_reflex.support.errors import FileEmpty, FilesTooMany, FileTooLarge, UploadsFull
from lkk_reflex.support.images import Cleaned, cleaned_photo
from lkk_reflex.support.models import FileKind, TicketAttachment
from lkk_reflex.support.rules import FILE_LIMIT, FILES_LIMIT, MEGABYTE, shown_name
from lkk_reflex.support.writing import new_id

UPLOADS: Final = Limit("support.upload", Scope.SUBJECT, 60, timedelta(days=1))
#: Files of two forms that are being filled in.
_MOST_WAITING: Final = 2 * FILES_LIMIT
_WAITING_KEPT: Final = timedelta(days=1)
#: Longer than any unit of work between writing a file and committing its row.
_ROWLESS_KEPT_SECONDS: Final = 3600.0
_SWEPT_AT_ONCE: Final = 500
_ENDINGS: Final = {FileKind.JPEG: "jpg", FileKind.PNG: "png", FileKind.PDF: "pdf"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that waits for its message."""

    public_id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is handed out."""

    name: str
    kind: FileKind
    content: bytes


def require_room_for_upload(session: Session, viewer: Viewer) -> None:
    """Refuse an upload before it is received and opened.

    Raises:
        SignInRequired: the viewer is no subscriber.
        FilesTooMany: too many files wait unsent.
        UploadsFull: sixty came within a day.
    """
    keys = {Scope.SUBJECT: str(viewer.require_subscriber())}
    if attachment_repository.waiting_count(session, viewer) >= _MOST_WAITING:
        raise FilesTooMany(most=FILES_LIMIT)
    try:
        require_room(session, [UPLOADS], keys)
    except TooManyAttempts as refusal:
        raise UploadsFull(**refusal.params) from refusal


def cleaned(raw: bytes) -> Cleaned:
    """Return what is kept of an upload, decided by its content; its name and its declared type say nothing.

    Raises:
        FileEmpty, FileTooLarge: nothing, or more than 10 MB.
        HeicNotRead, PhotoTooBig, DocumentLocked, DocumentTooLong, DocumentActive, FileOfAnotherKind: see `images`
            and `documents`.
    """
    if not raw:
        raise FileEmpty
    if len(raw) > FILE_LIMIT:
        raise FileTooLarge(most=FILE_LIMIT // MEGABYTE)
    if is_document(raw):
        require_harmless(raw)
        return Cleaned(FileKind.PDF, raw)
    return cleaned_photo(raw)


def store(session: Session, viewer: Viewer, *, file: Cleaned, name: str) -> Uploaded:
    """Keep a cleaned file until a message takes it.

    Raises:
        SignInRequired, FilesTooMany, UploadsFull: as `require_room_for_upload`.
    """
    require_room_for_upload(session, viewer)
    take(session, [UPLOADS], {Scope.SUBJECT: str(viewer.require_subscriber())})
    attachment = TicketAttachment(
        public_id=new_id(),
        subscriber_id=viewer.require_subscriber(),
        kind=file.kind,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        stored_name=storage.keep(file.content),
        shown_name=shown_name(name, _ENDINGS[file.kind]),
        created_at=clock.now(),
    )
    session.add(attachment)
    return Uploaded(attachment.public_id, attachment.shown_name, attachment.size)


def discard(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Forget a file that no message has taken yet; nothing happens when there is none.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    for file in attachment_repository.lock_waiting_attachments(session, viewer, [public_id]):
        attachment_repository.forget_attachment(session, file)


def file_of(session: Session, viewer: Viewer, *, public_id: str) -> StoredFile:
    """Return a file: to who has uploaded it, and once it is sent to who answers the ticket.

    Raises:
        SignInRequired: nobody is signed in.
        Forbidden: for everybody else, and when there is no such file.
    """
    if viewer.role in (Role.OPERATOR, Role.SYSTEM):
        found = attachment_repository.attachment_for_staff(session, viewer, public_id)
    else:
        found = attachment_repository.own_attachment(session, viewer, public_id)
    if found is None:
        raise Forbidden
    try:
        content = storage.read(found.stored_name)
    except FileNotFoundError as error:
        raise Forbidden from error
    return StoredFile(found.shown_name, found.kind, content)


def purge(session: Session) -> None:
    """Forget files whose message was never sent, and delete from the disk what no row speaks of any more.

    A file is deleted an hour after it was written at the earliest, so that an upload that is being stored is
    never mistaken for one that nobody knows.
    """
    attachment_repository.forget_waiting_attachments(session, clock.now() - _WAITING_KEPT)
    names = list(storage.names_older_than(_ROWLESS_KEPT_SECONDS))
    for first in range(0, len(names), _SWEPT_AT_ONCE):
        some = names[first : first + _SWEPT_AT_ONCE]
        for name in set(some) - attachment_repository.known_stored_names(session, some):
            storage.forget(name)
