"""Uploading, reading and forgetting files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from sqlmodel import Session

from lkk_reflex.attachments.files import Cleaned, StoredFile, Uploaded
from lkk_reflex.attachments.names import ENDINGS, shown_name
from lkk_reflex.attachments.storage import Store, digest_of
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts, require_room, take
from lkk_reflex.support import attachment_repository
from lkk_reflex.support.errors import FilesTooMany, UploadsFull
from lkk_reflex.support.models import Ticket, TicketAttachment
from lkk_reflex.support.rules import FILES_LIMIT
from lkk_reflex.support.writing import new_id, require_few, require_light

FILES: Final = Store("uploads")
UPLOADS: Final = Limit("support.upload", Scope.SUBJECT, 60, timedelta(days=1))
#: Files of two forms that are being filled in.
_MOST_WAITING: Final = 2 * FILES_LIMIT
_WAITING_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A cleaned file that the staff puts into an answer, and what it was called."""

    name: str
    file: Cleaned


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


def store(session: Session, viewer: Viewer, *, file: Cleaned, name: str) -> Uploaded:
    """Keep a cleaned file until a message takes it.

    Raises:
        SignInRequired, FilesTooMany, UploadsFull: as `require_room_for_upload`.
    """
    require_room_for_upload(session, viewer)
    take(session, [UPLOADS], {Scope.SUBJECT: str(viewer.require_subscriber())})
    attachment = _kept(viewer.require_subscriber(), file, name)
    session.add(attachment)
    return Uploaded(attachment.public_id, attachment.shown_name, attachment.size)


def enclosed(ticket: Ticket, files: Sequence[Enclosure]) -> list[TicketAttachment]:
    """Keep the files of an answer and return their rows, for the message that takes them.

    Raises:
        FilesTooMany, FilesTooHeavy: more than a message may carry.
    """
    require_few(len(files))
    require_light(len(enclosure.file.content) for enclosure in files)
    return [_kept(ticket.subscriber_id, enclosure.file, enclosure.name) for enclosure in files]


def discard(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Forget a file that no message has taken yet; nothing happens when there is none.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    for file in attachment_repository.lock_waiting_attachments(session, viewer, [public_id]):
        attachment_repository.forget_attachment(session, file)


def file_of(session: Session, viewer: Viewer, *, public_id: str) -> StoredFile:
    """Return a file: to the person in whose tickets it stands, and once it is sent to who answers the ticket.

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
        content = FILES.read(found.stored_name)
    except FileNotFoundError as error:
        raise Forbidden from error
    return StoredFile(found.shown_name, found.kind, content)


def purge(session: Session) -> None:
    """Forget files whose message was never sent, and delete from the disk what no row speaks of any more."""
    attachment_repository.forget_waiting_attachments(session, clock.now() - _WAITING_KEPT)
    FILES.sweep(partial(attachment_repository.known_stored_names, session))


def _kept(subscriber_id: int, file: Cleaned, name: str) -> TicketAttachment:
    return TicketAttachment(
        public_id=new_id(),
        subscriber_id=subscriber_id,
        kind=file.kind,
        size=len(file.content),
        sha256=digest_of(file.content),
        stored_name=FILES.keep(file.content),
        shown_name=shown_name(name, ENDINGS[file.kind]),
        created_at=clock.now(),
    )
