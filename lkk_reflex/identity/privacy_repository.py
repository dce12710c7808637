"""All SQL about consents, about closed cabinets and about erasing what identity holds of a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, delete, or_, select, update

from lkk_reflex.identity.models import (
    AuditEvent,
    CabinetClosing,
    Confirmation,
    Consent,
    ConsentWithdrawal,
    ConsentWording,
    DestructionAct,
    ErasureStep,
    KnownDevice,
    NoticeChoice,
    OneTimeTicket,
    OwnConfirmation,
    RecoveryCode,
    SecondFactor,
    Subscriber,
    SubscriberProfile,
    SubscriberSession,
)
from lkk_reflex.kit.db import violates

# --- Consents


def keep_wording(session: Session, text_hash: str, text: str) -> None:
    """Store a text unless it is stored already."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.exec(insert(ConsentWording).values(text_hash=text_hash, text=text).on_conflict_do_nothing())


def consents_of(
    session: Session, subscriber_id: int
) -> Sequence[tuple[Consent, ConsentWithdrawal | None, ConsentWording | None]]:
    """Return every consent of a subscriber with its end and its text, the newest first."""
    statement = (
        select(Consent, ConsentWithdrawal, ConsentWording)
        .outerjoin(ConsentWithdrawal, col(ConsentWithdrawal.consent_id) == col(Consent.id))
        .outerjoin(ConsentWording, col(ConsentWording.text_hash) == col(Consent.text_hash))
        .where(Consent.subscriber_id == subscriber_id)
        .order_by(col(Consent.given_at).desc(), col(Consent.id).desc())
    )
    return [(row[0], row[1], row[2]) for row in session.exec(statement)]


def withdraw_consent(session: Session, consent_id: int, now: datetime, address: str) -> None:
    """End a consent, unless it has ended already."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.exec(
        insert(ConsentWithdrawal)
        .values(consent_id=consent_id, withdrawn_at=now, address=address)
        .on_conflict_do_nothing()
    )


# --- Closed cabinets


def subscriber(session: Session, subscriber_id: int) -> Subscriber:
    """Return a subscriber."""
    return session.get_one(Subscriber, subscriber_id)


def add_closing(session: Session, closing: CabinetClosing) -> bool:
    """Store that a cabinet is closed; False when it already is."""
    try:
        with session.begin_nested():
            session.add(closing)
    except IntegrityError as error:
        if violates(error, "uq_cabinet_closing_subscriber_id"):
            return False
        raise
    return True


def closing_of(session: Session, subscriber_id: int) -> CabinetClosing | None:
    """Return the closing of a cabinet that was not taken back."""
    return session.exec(
        select(CabinetClosing).where(
            CabinetClosing.subscriber_id == subscriber_id, col(CabinetClosing.returned_at).is_(None)
        )
    ).one_or_none()


def lock_closing(session: Session, subscriber_id: int) -> CabinetClosing | None:
    """Return the closing of a cabinet that was not taken back; nobody else changes it until the end of the work."""
    statement = select(CabinetClosing).where(
        CabinetClosing.subscriber_id == subscriber_id, col(CabinetClosing.returned_at).is_(None)
    )
    return session.exec(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()


def due_closings(session: Session, now: datetime) -> Sequence[CabinetClosing]:
    """Return the closed cabinets whose time to take them back is over, the oldest first."""
    return session.exec(
        select(CabinetClosing)
        .where(
            col(CabinetClosing.returned_at).is_(None),
            col(CabinetClosing.erased_at).is_(None),
            CabinetClosing.erase_after <= now,
        )
        .order_by(col(CabinetClosing.erase_after))
    ).all()


def closing_by_id(session: Session, closing_id: int) -> CabinetClosing:
    """Return a closing."""
    return session.get_one(CabinetClosing, closing_id)


def steps_of(session: Session, closing_id: int) -> Sequence[ErasureStep]:
    """Return the parts of an erasure that are done."""
    return session.exec(select(ErasureStep).where(ErasureStep.closing_id == closing_id)).all()


def acts(session: Session) -> Sequence[DestructionAct]:
    """Return every act of destruction, the newest first."""
    return session.exec(select(DestructionAct).order_by(col(DestructionAct.id).desc())).all()


# --- Erasing

#: Tables of identity whose rows go with their person, in an order that no reference forbids, and what they hold.
ERASED: Mapping[type[SQLModel], str] = {
    OneTimeTicket: "Одноразовые билеты входа",
    OwnConfirmation: "Начатые изменения",
    Confirmation: "Начатые подтверждения и коды",
    SubscriberSession: "Сеансы с адресами в сети",
    KnownDevice: "Знакомые устройства",
    RecoveryCode: "Запасные коды",
    SecondFactor: "Второй шаг входа",
    NoticeChoice: "Выбор уведомлений",
    SubscriberProfile: "Фамилия, имя, отчество, телефон, почта для уведомлений",
}
#: Tables of identity that stay, because they prove something or hold nothing personal any more.
KEPT: frozenset[type[SQLModel]] = frozenset({AuditEvent, Consent, CabinetClosing, DestructionAct})


def erase_rows(session: Session, subscriber_id: int, login: str) -> dict[str, int]:
    """Delete what belongs to a subscriber alone, and what anybody has begun with the login; return the numbers."""
    counts = {}
    for table, title in ERASED.items():
        belongs = inspect(table).columns["subscriber_id"] == subscriber_id
        if table is Confirmation:
            belongs = or_(belongs, col(Confirmation.login) == login)
        counts[title] = int(session.exec(delete(table).where(belongs)).rowcount)
    return counts


def other_addresses(session: Session, subscriber_id: int) -> list[str]:
    """Return the addresses beside the login to which messages may have gone."""
    profile = profile_of(session, subscriber_id)
    return [address for address in (profile.second_email, profile.phone) if address] if profile else []


def blank_subscriber(session: Session, subscriber_id: int, login: str) -> None:
    """Take the login and the password away from a subscriber; the row stays for what refers to it."""
    session.exec(update(Subscriber).where(col(Subscriber.id) == subscriber_id).values(login=login, password_hash=""))


def blank_audit_addresses(session: Session, subscriber_id: int, login_hashes: Collection[str]) -> int:
    """Take the addresses out of the audit of a subscriber and of the login: nothing else in it is about a person."""
    concerns = or_(
        col(AuditEvent.subscriber_id) == subscriber_id,
        col(AuditEvent.actor_id) == subscriber_id,
        col(AuditEvent.subject).in_(login_hashes),
    )
    # One statement past the rows, because nothing else may ever change the audit.
    changed = session.exec(update(AuditEvent).where(concerns, col(AuditEvent.address) != "").values(address=""))
    return int(changed.rowcount)


@dataclass(frozen=True, slots=True)
class AuditLines:
    """Lines of the audit that follow each other in time: all after a moment (or all), up to another one."""

    after: datetime | None
    last_at: datetime
    has_addresses: bool


def next_audit_lines(session: Session, *, after: datetime | None, before: datetime, limit: int) -> AuditLines | None:
    """Return the next lines older than a moment, about so many of them; None when there are no more.

    Each question reads a piece of one index, however long the audit has become.
    """
    lines = select(AuditEvent.at, AuditEvent.address).where(*_between(after), col(AuditEvent.at) < before)
    piece = lines.order_by(col(AuditEvent.at)).limit(limit).subquery()
    with_address = func.count(case((piece.c.address != "", 1)))
    last_at, addresses = session.exec(select(func.max(piece.c.at), with_address)).one()
    return None if last_at is None else AuditLines(after, last_at, addresses > 0)


def blank_audit_addresses_of(session: Session, lines: AuditLines) -> None:
    """Take the addresses out of these lines, past the rows as `blank_audit_addresses`."""
    session.exec(
        update(AuditEvent)
        .where(*_between(lines.after), col(AuditEvent.at) <= lines.last_at, col(AuditEvent.address) != "")
        .values(address="")
        .execution_options(synchronize_session=False)
    )


def _between(after: datetime | None) -> tuple[ColumnElement[bool], ...]:
    return () if after is None else (col(AuditEvent.at) > after,)


def audit_of(session: Session, subscriber_id: int) -> Sequence[AuditEvent]:
    """Return the lines of the audit about a subscriber, oldest first."""
    return session.exec(
        select(AuditEvent).where(AuditEvent.subscriber_id == subscriber_id).order_by(col(AuditEvent.id))
    ).all()


def sessions_of(session: Session, subscriber_id: int) -> Sequence[SubscriberSession]:
    """Return all sessions of a subscriber that are still stored, oldest first."""
    return session.exec(
        select(SubscriberSession)
        .where(SubscriberSession.subscriber_id == subscriber_id)
        .order_by(col(SubscriberSession.id))
    ).all()


def devices_of(session: Session, subscriber_id: int) -> Sequence[KnownDevice]:
    """Return the browsers that a subscriber has confirmed, oldest first."""
    return session.exec(
        select(KnownDevice).where(KnownDevice.subscriber_id == subscriber_id).order_by(col(KnownDevice.id))
    ).all()


def profile_of(session: Session, subscriber_id: int) -> SubscriberProfile | None:
    """Return what a subscriber has told of themselves."""
    return session.get(SubscriberProfile, subscriber_id)


def notice_choices_of(session: Session, subscriber_id: int) -> Sequence[NoticeChoice]:
    """Return what a subscriber wants to be told of, in the order of choosing."""
    return session.exec(
        select(NoticeChoice).where(NoticeChoice.subscriber_id == subscriber_id).order_by(col(NoticeChoice.id))
    ).all()
