"""All SQL about profiles, changes of the login and second factors."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from lkk_reflex.identity.errors import LoginTaken
from lkk_reflex.identity.models import (
    Confirmation,
    KnownDevice,
    LoginKind,
    OwnConfirmation,
    Purpose,
    RecoveryCode,
    SecondFactor,
    Subscriber,
    SubscriberProfile,
)
from lkk_reflex.kit.db import violates
from lkk_reflex.kit.tokens import token_hash

# --- The subscriber


def subscriber(session: Session, subscriber_id: int) -> Subscriber:
    """Return a subscriber who is known to exist."""
    return session.exec(select(Subscriber).where(Subscriber.id == subscriber_id)).one()


def change_login(session: Session, subscriber_id: int, login: str, kind: LoginKind) -> None:
    """Store a new login.

    Raises:
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    try:
        session.exec(update(Subscriber).where(col(Subscriber.id) == subscriber_id).values(login=login, login_kind=kind))
    except IntegrityError as error:
        if violates(error, "uq_subscriber_login"):
            raise LoginTaken from None
        raise


def set_password_unless_changed(
    session: Session, subscriber_id: int, password_hash: str, *, former_hash: str, now: datetime
) -> bool:
    """Store a new password in place of the one that was proved; False when that has been replaced meanwhile."""
    return _changed_one(
        session.exec(
            update(Subscriber)
            .where(col(Subscriber.id) == subscriber_id, col(Subscriber.password_hash) == former_hash)
            .values(password_hash=password_hash, password_changed_at=now)
        )
    )


def forget_other_devices(session: Session, subscriber_id: int, device_token: str | None) -> None:
    """Forget every browser of a subscriber but this one."""
    kept = token_hash(device_token) if device_token else ""
    session.exec(
        delete(KnownDevice).where(col(KnownDevice.subscriber_id) == subscriber_id, col(KnownDevice.token_hash) != kept)
    )


# --- Confirmations


def own_confirmation(session: Session, subscriber_id: int, purpose: Purpose, now: datetime) -> Confirmation | None:
    """Return what this subscriber has begun and not yet finished."""
    return session.exec(
        select(Confirmation)
        .join(OwnConfirmation, col(OwnConfirmation.confirmation_id) == col(Confirmation.id))
        .where(
            OwnConfirmation.subscriber_id == subscriber_id,
            OwnConfirmation.purpose == purpose,
            col(Confirmation.finished_at).is_(None),
            Confirmation.expires_at > now,
        )
    ).one_or_none()


def keep_as_own(session: Session, subscriber_id: int, purpose: Purpose, confirmation_id: int) -> None:
    """Make this the confirmation of its kind that the subscriber has begun."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.exec(
        insert(OwnConfirmation)
        .values(subscriber_id=subscriber_id, purpose=purpose, confirmation_id=confirmation_id)
        .on_conflict_do_update(index_elements=["subscriber_id", "purpose"], set_={"confirmation_id": confirmation_id})
    )


def end_own_confirmations(
    session: Session, subscriber_id: int, now: datetime, *, purpose: Purpose | None = None
) -> None:
    """End what a subscriber has begun and not finished: of one kind, or all."""
    own = select(OwnConfirmation.confirmation_id).where(OwnConfirmation.subscriber_id == subscriber_id)
    if purpose is not None:
        own = own.where(OwnConfirmation.purpose == purpose)
    session.exec(
        update(Confirmation)
        .where(col(Confirmation.id).in_(own), col(Confirmation.finished_at).is_(None))
        .values(finished_at=now)
        .execution_options(synchronize_session=False)
    )


def end_begun(session: Session, subscriber_id: int, now: datetime) -> None:
    """End half sign-ins and resets that began with a password, a login or a second factor that is not the same now."""
    session.exec(
        update(Confirmation)
        .where(
            col(Confirmation.subscriber_id) == subscriber_id,
            col(Confirmation.purpose).in_([Purpose.NEW_DEVICE, Purpose.SECOND_FACTOR, Purpose.RESET]),
            col(Confirmation.finished_at).is_(None),
        )
        .values(finished_at=now)
        .execution_options(synchronize_session=False)
    )


# --- The profile


def profile(session: Session, subscriber_id: int) -> SubscriberProfile | None:
    """Return what a subscriber has told, if anything."""
    return session.exec(select(SubscriberProfile).where(SubscriberProfile.subscriber_id == subscriber_id)).one_or_none()


def store_profile(session: Session, subscriber_id: int, told: Mapping[str, str], now: datetime) -> None:
    """Store what a subscriber has told, by column, over what was told before."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    row = SubscriberProfile(subscriber_id=subscriber_id, changed_at=now).model_dump()
    changes = {**told, "changed_at": now}
    session.exec(
        insert(SubscriberProfile)
        .values(**{**row, **changes})
        .on_conflict_do_update(index_elements=["subscriber_id"], set_=changes)
    )


# --- The second factor


def second_factor(session: Session, subscriber_id: int) -> SecondFactor | None:
    """Return the authenticator of a subscriber, one that is being set up too."""
    return session.exec(select(SecondFactor).where(SecondFactor.subscriber_id == subscriber_id)).one_or_none()


def enabled_factor(session: Session, subscriber_id: int) -> SecondFactor | None:
    """Return the authenticator that guards the sign-ins of a subscriber, if one does."""
    return session.exec(
        select(SecondFactor).where(
            SecondFactor.subscriber_id == subscriber_id, col(SecondFactor.enabled_at).is_not(None)
        )
    ).one_or_none()


def prepare_factor(session: Session, row: SecondFactor) -> bool:
    """Store a secret that is being set up over an unfinished one; False when one is in use already."""
    session.exec(
        delete(SecondFactor).where(
            col(SecondFactor.subscriber_id) == row.subscriber_id, col(SecondFactor.enabled_at).is_(None)
        )
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "pk_second_factor") or violates(error, "uq_second_factor_subscriber_id"):
            return False
        raise
    return True


def enable_factor(session: Session, subscriber_id: int, step: int, now: datetime) -> bool:
    """Put the prepared authenticator to use; False when it is in use already."""
    return _changed_one(
        session.exec(
            update(SecondFactor)
            .where(col(SecondFactor.subscriber_id) == subscriber_id, col(SecondFactor.enabled_at).is_(None))
            .values(enabled_at=now, last_step=step)
        )
    )


def use_step(session: Session, subscriber_id: int, step: int) -> bool:
    """Use up the code of a time step and all before it; False when it is used up already.

    One statement decides, so that a code that was overheard is not accepted at the same moment as its owner's.
    """
    return _changed_one(
        session.exec(
            update(SecondFactor)
            .where(
                col(SecondFactor.subscriber_id) == subscriber_id,
                col(SecondFactor.enabled_at).is_not(None),
                col(SecondFactor.last_step) < step,
            )
            .values(last_step=step)
            .execution_options(synchronize_session=False)
        )
    )


def drop_factor(session: Session, subscriber_id: int) -> bool:
    """Forget the authenticator and its recovery codes; False when there was none."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.subscriber_id) == subscriber_id))
    return _changed_one(session.exec(delete(SecondFactor).where(col(SecondFactor.subscriber_id) == subscriber_id)))


def replace_recovery_codes(session: Session, subscriber_id: int, hashes: list[str], now: datetime) -> None:
    """Store new recovery codes in place of all former ones."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.subscriber_id) == subscriber_id))
    session.add_all(RecoveryCode(subscriber_id=subscriber_id, code_hash=one, created_at=now) for one in hashes)


def use_recovery_code(session: Session, subscriber_id: int, code_hashes: Collection[str], now: datetime) -> bool:
    """Use a recovery code up, known by one of these hashes; False when there is no such code, or it is used."""
    return _changed_one(
        session.exec(
            update(RecoveryCode)
            .where(
                col(RecoveryCode.subscriber_id) == subscriber_id,
                col(RecoveryCode.code_hash).in_(code_hashes),
                col(RecoveryCode.used_at).is_(None),
            )
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
    )


def recovery_codes_left(session: Session, subscriber_id: int) -> int:
    """Return how many recovery codes are still good."""
    return session.exec(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.subscriber_id == subscriber_id, col(RecoveryCode.used_at).is_(None))
    ).one()


def _changed_one(result: Any) -> bool:  # noqa: ANN401 - the library types every result alike.
    if not isinstance(result, CursorResult):
        raise TypeError("not the result of a changing statement")
    return int(result.rowcount) == 1
