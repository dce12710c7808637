"""Photos of dials: taken before a reading is sent, carried by it as proof, shown to who may see the reading."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.statements import linked_bills
from lkk_reflex.attachments.files import Cleaned, StoredFile, Uploaded
from lkk_reflex.attachments.names import ENDINGS, shown_name
from lkk_reflex.attachments.storage import Store, digest_of
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.numbers import plain_number
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts, in_words, require_room, take
from lkk_reflex.meters import photo_repository, repository
from lkk_reflex.meters.access import MeterAccount
from lkk_reflex.meters.errors import PhotoGone, PhotosFull
from lkk_reflex.meters.models import Meter, ReadingPhoto, ReadingState
from lkk_reflex.meters.views import Outcome

PHOTOS: Final = Store("reading-photos")
UPLOADS: Final = Limit("meters.photo", Scope.SUBJECT, 60, timedelta(days=1))
#: More than the meters of two homes.
_MOST_WAITING: Final = 20
_WAITING_KEPT: Final = timedelta(days=1)
_ID_BYTES: Final = 16


def require_room_for_photo(session: Session, viewer: Viewer, *, meter_id: str) -> None:
    """Refuse a photo before it is received and opened.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has connected no account with this meter.
        PhotosFull: too many wait unsent, or sixty came within a day.
    """
    _own_meter(session, viewer, meter_id)
    if photo_repository.waiting_count(session, viewer) >= _MOST_WAITING:
        raise PhotosFull(wait=in_words(_WAITING_KEPT))
    try:
        require_room(session, [UPLOADS], _keys(viewer))
    except TooManyAttempts as refusal:
        raise PhotosFull(**refusal.params) from refusal


def store(session: Session, viewer: Viewer, *, meter_id: str, file: Cleaned, name: str) -> Uploaded:
    """Keep a cleaned photo until a reading of the meter takes it.

    Raises:
        SignInRequired, Forbidden, PhotosFull: as `require_room_for_photo`.
    """
    require_room_for_photo(session, viewer, meter_id=meter_id)
    take(session, [UPLOADS], _keys(viewer))
    photo = ReadingPhoto(
        public_id=secrets.token_urlsafe(_ID_BYTES),
        subscriber_id=viewer.require_subscriber(),
        meter_id=_own_meter(session, viewer, meter_id).id or 0,
        kind=file.kind,
        size=len(file.content),
        sha256=digest_of(file.content),
        stored_name=PHOTOS.keep(file.content),
        created_at=clock.now(),
    )
    session.add(photo)
    return Uploaded(photo.public_id, shown_name(name, ENDINGS[file.kind]), photo.size)


def discard(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Forget a photo that no reading has taken yet; nothing happens when there is none.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    photo = photo_repository.lock_own_photo(session, viewer, public_id)
    if photo is not None and photo.reading_id is None:
        photo_repository.forget(session, photo)


def attach(
    session: Session,
    viewer: Viewer,
    *,
    account: MeterAccount,
    photos: Mapping[str, str],
    outcomes: Iterable[Outcome],
) -> tuple[Outcome, ...]:
    """Let the readings that were saved carry the photos of their meters, and say which do.

    `photos` names a photo by the public id of its meter. The same form sent twice attaches once.

    Raises:
        SignInRequired: the viewer is no subscriber.
        PhotoGone: a photo is not the viewer's, is of another meter, was taken by another reading, or has waited too
            long; or the reading has gone to the provider already.
    """
    return tuple(_with_photo(session, viewer, account, photos, outcome) for outcome in outcomes)


def photo_of(session: Session, viewer: Viewer, *, public_id: str) -> StoredFile:
    """Return a photo: to who has taken it, and once it is sent to who has proved that the account is theirs.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: for everybody else, and when there is no such photo.
    """
    photo = photo_repository.own_photo(session, viewer, public_id)
    if photo is None:
        sent = photo_repository.sent_photo(session, public_id)
        if sent is None or not _is_proved(session, viewer, sent[1].account_id):
            raise Forbidden
        photo, _ = sent
    return _opened(photo, "Фото счётчика")


def photo_of_reading(session: Session, viewer: Viewer, *, number: str) -> StoredFile:
    """Return the photo of a reading by its number, also as a screen shows it; for the staff of its provider.

    Raises:
        Forbidden: the viewer does not work for the provider, or the reading has no photo.
    """
    if viewer.role not in (Role.OPERATOR, Role.SYSTEM):
        raise Forbidden
    plain = plain_number(number)
    photo = photo_repository.photo_for_staff(session, viewer, plain)
    if photo is None:
        raise Forbidden
    return _opened(photo, f"Показание {plain}")


def purge(session: Session) -> None:
    """Forget photos whose reading was never sent, and delete from the disk what no row speaks of any more."""
    photo_repository.forget_waiting(session, clock.now() - _WAITING_KEPT)
    PHOTOS.sweep(partial(photo_repository.known_stored_names, session))


def _with_photo(
    session: Session, viewer: Viewer, account: MeterAccount, photos: Mapping[str, str], outcome: Outcome
) -> Outcome:
    public_id = photos.get(outcome.checked.public_id, "")
    if outcome.saved is None or not public_id:
        return outcome
    found = repository.reading_by_number(session, account.account_id, outcome.saved.number)
    photo = photo_repository.lock_own_photo(session, viewer, public_id)
    if found is None or photo is None:
        raise PhotoGone
    reading, meter = found
    if photo.reading_id is None and photo.meter_id == meter.id and reading.state is ReadingState.ACCEPTED:
        photo_repository.give_to_reading(session, photo, reading.id or 0)
    elif photo.reading_id != reading.id:
        raise PhotoGone
    return replace(outcome, saved=replace(outcome.saved, has_photo=True))


def _own_meter(session: Session, viewer: Viewer, public_id: str) -> Meter:
    """Return a meter of an account that the viewer has connected."""
    connected = {bill.account_id for bill in linked_bills(session, viewer)}
    meter = photo_repository.meter_named(session, public_id)
    if meter is None or meter.account_id not in connected:
        raise Forbidden
    return meter


def _is_proved(session: Session, viewer: Viewer, account_id: int) -> bool:
    bills = linked_bills(session, viewer)
    return any(bill.account_id == account_id and bill.level is LinkLevel.EXTENDED for bill in bills)


def _opened(photo: ReadingPhoto, name: str) -> StoredFile:
    try:
        return StoredFile(f"{name}.{ENDINGS[photo.kind]}", photo.kind, PHOTOS.read(photo.stored_name))
    except FileNotFoundError as error:
        raise Forbidden from error


def _keys(viewer: Viewer) -> Mapping[Scope, str]:
    return {Scope.SUBJECT: str(viewer.require_subscriber())}
