"""The SQL of photos of dials."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from lkk_reflex.accounts.models import PersonalAccount
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.meters.models import Meter, Reading, ReadingPhoto


def meter_named(session: Session, public_id: str) -> Meter | None:
    """Return the meter with this public id, whosever it is."""
    return session.exec(select(Meter).where(Meter.public_id == public_id)).one_or_none()


def own_photo(session: Session, viewer: Viewer, public_id: str) -> ReadingPhoto | None:
    """Return a photo that the viewer has taken."""
    own = (ReadingPhoto.subscriber_id == viewer.require_subscriber(), ReadingPhoto.public_id == public_id)
    return session.exec(select(ReadingPhoto).where(*own)).one_or_none()


def lock_own_photo(session: Session, viewer: Viewer, public_id: str) -> ReadingPhoto | None:
    """Return a photo that the viewer has taken; nobody else changes it until the end of this unit of work."""
    own = (ReadingPhoto.subscriber_id == viewer.require_subscriber(), ReadingPhoto.public_id == public_id)
    return session.exec(select(ReadingPhoto).where(*own).with_for_update()).one_or_none()


def sent_photo(session: Session, public_id: str) -> tuple[ReadingPhoto, Meter] | None:
    """Return a photo that a reading carries, with its meter, whosever they are."""
    statement = (
        select(ReadingPhoto, Meter)
        .join(Meter, col(Meter.id) == col(ReadingPhoto.meter_id))
        .where(ReadingPhoto.public_id == public_id, col(ReadingPhoto.reading_id).is_not(None))
    )
    return session.exec(statement).one_or_none()


def photo_for_staff(session: Session, viewer: Viewer, number: str) -> ReadingPhoto | None:
    """Return the photo of the reading with this number, if the viewer works for its provider."""
    statement = (
        select(ReadingPhoto)
        .join(Reading, col(Reading.id) == col(ReadingPhoto.reading_id))
        .join(Meter, col(Meter.id) == col(ReadingPhoto.meter_id))
        .join(PersonalAccount, col(PersonalAccount.id) == col(Meter.account_id))
        .where(Reading.number == number)
    )
    if viewer.role is not Role.SYSTEM:
        statement = statement.where(col(PersonalAccount.provider_id).in_(viewer.provider_ids))
    return session.exec(statement).one_or_none()


def waiting_count(session: Session, viewer: Viewer) -> int:
    """Return how many of the viewer's photos no reading has taken yet."""
    own = (ReadingPhoto.subscriber_id == viewer.require_subscriber(), col(ReadingPhoto.reading_id).is_(None))
    return session.exec(select(func.count()).select_from(ReadingPhoto).where(*own)).one()


def give_to_reading(session: Session, photo: ReadingPhoto, reading_id: int) -> None:
    """Let a reading carry a photo, in the place of the one that it had."""
    session.exec(delete(ReadingPhoto).where(col(ReadingPhoto.reading_id) == reading_id))
    photo.reading_id = reading_id
    session.add(photo)
    session.flush()


def photos_of(session: Session, reading_ids: Collection[int]) -> Mapping[int, str]:
    """Return the public ids of the photos of these readings that have one."""
    rows = session.exec(select(ReadingPhoto).where(col(ReadingPhoto.reading_id).in_(reading_ids)))
    return {row.reading_id or 0: row.public_id for row in rows}


def sent_by(session: Session, subscriber_id: int) -> Iterable[tuple[ReadingPhoto, Reading]]:
    """Return the photos that a subscriber has sent with readings, the oldest first."""
    statement = (
        select(ReadingPhoto, Reading)
        .join(Reading, col(Reading.id) == col(ReadingPhoto.reading_id))
        .where(ReadingPhoto.subscriber_id == subscriber_id)
    )
    return session.exec(statement.order_by(col(ReadingPhoto.id))).all()


def forget(session: Session, photo: ReadingPhoto) -> None:
    """Delete one row."""
    session.delete(photo)


def forget_waiting(session: Session, before: datetime) -> None:
    """Delete the rows of photos that have waited for a reading since before this moment."""
    waiting = (col(ReadingPhoto.reading_id).is_(None), col(ReadingPhoto.created_at) < before)
    session.exec(delete(ReadingPhoto).where(*waiting))


def forget_all_of(session: Session, subscriber_id: int) -> int:
    """Delete the rows of every photo of a subscriber and return how many there were."""
    return int(session.exec(delete(ReadingPhoto).where(col(ReadingPhoto.subscriber_id) == subscriber_id)).rowcount)


def known_stored_names(session: Session, names: Sequence[str]) -> set[str]:
    """Return which of these files some row still speaks of."""
    return set(session.exec(select(ReadingPhoto.stored_name).where(col(ReadingPhoto.stored_name).in_(names))))
