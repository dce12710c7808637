"""All SQL about PINs and other proofs that an account is somebody's own."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, exists, select

from lkk_reflex.accounts.models import (
    AccountLink,
    Bill,
    LinkLevel,
    PersonalAccount,
    Pin,
    ProofKind,
    ProofPolicy,
    Register,
    ServiceProvider,
)
from lkk_reflex.identity.models import AuditEvent

#: The act of the audit by which the company says that an account has another owner.
OWNER_CHANGED: Final = "owner.changed"
#: So many rows go into one statement.
_BATCH = 1000


class TakenTry(NamedTuple):
    """The PIN of which one try has just been spent."""

    pin_hash: str
    key_id: str


class Shown(NamedTuple):
    """The time in which a bill may have been the newest one of its account."""

    since: datetime
    until: datetime


class OtherAccess(NamedTuple):
    """Somebody's link with extended access, and how messages name its account."""

    link: AccountLink
    number: str
    provider_name: str


def accounts(session: Session, provider_id: int) -> Sequence[PersonalAccount]:
    """Return all accounts of a provider by number."""
    statement = select(PersonalAccount).where(col(PersonalAccount.provider_id) == provider_id)
    return session.exec(statement.order_by(col(PersonalAccount.number))).all()


def account(session: Session, provider_id: int, number: str) -> PersonalAccount | None:
    """Return the account with this normalised number."""
    statement = select(PersonalAccount).where(
        col(PersonalAccount.provider_id) == provider_id, col(PersonalAccount.number) == number
    )
    return session.exec(statement).one_or_none()


def provider_of(session: Session, account_id: int) -> int:
    """Return whose account it is."""
    statement = select(PersonalAccount.provider_id).where(col(PersonalAccount.id) == account_id)
    return session.exec(statement).one()


def put_pins(session: Session, pins: Sequence[dict[str, Any]]) -> None:
    """Give accounts these PINs in the place of those they had, in few statements."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    for first in range(0, len(pins), _BATCH):
        statement = insert(Pin).values(list(pins[first : first + _BATCH]))
        new = {name: statement.excluded[name] for name in pins[0] if name != "account_id"}
        session.exec(statement.on_conflict_do_update(index_elements=["account_id"], set_=new))


def take_pin_try(session: Session, account_id: int, now: datetime) -> TakenTry | None:
    """Spend one try of the account's living PIN in one statement, so that parallel guesses get no more; None if it
    has none."""
    taken = session.exec(
        update(Pin)
        .where(
            col(Pin.account_id) == account_id,
            col(Pin.tries_left) > 0,
            col(Pin.used_at).is_(None),
            col(Pin.ended_at).is_(None),
            col(Pin.expires_at) > now,
        )
        .values(tries_left=Pin.tries_left - 1)
        .returning(col(Pin.pin_hash), col(Pin.key_id))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if taken is None else TakenTry(*taken)


def use_pin(session: Session, account_id: int, pin_hash: str, now: datetime) -> bool:
    """Mark the PIN as used, unless it has been used or replaced at the same moment."""
    used = session.exec(
        update(Pin)
        .where(col(Pin.account_id) == account_id, col(Pin.pin_hash) == pin_hash, col(Pin.used_at).is_(None))
        .values(used_at=now)
        .returning(col(Pin.account_id))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return used is not None


def end_pins(session: Session, account_ids: Iterable[int], now: datetime) -> int:
    """End the living PINs of these accounts; return how many there were."""
    ended = session.exec(
        update(Pin)
        .where(col(Pin.account_id).in_(account_ids), col(Pin.used_at).is_(None), col(Pin.ended_at).is_(None))
        .values(ended_at=now)
        .returning(col(Pin.account_id))
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def pins(session: Session, provider_id: int) -> Sequence[tuple[Pin, str]]:
    """Return the PINs of a provider's accounts with the numbers of the accounts."""
    statement = (
        select(Pin, PersonalAccount.number_shown)
        .join(PersonalAccount, col(PersonalAccount.id) == col(Pin.account_id))
        .where(col(PersonalAccount.provider_id) == provider_id)
        .order_by(col(PersonalAccount.number))
    )
    return session.exec(statement).all()


def proofs_of(session: Session, provider_id: int) -> frozenset[ProofKind]:
    """Return what a provider accepts beside the PIN."""
    statement = select(ProofPolicy.kind).where(col(ProofPolicy.provider_id) == provider_id)
    return frozenset(map(ProofKind, session.exec(statement)))


def put_proofs(session: Session, provider_id: int, kinds: Iterable[ProofKind], now: datetime) -> None:
    """Let a provider accept these proofs beside the PIN, and no others."""
    session.exec(delete(ProofPolicy).where(col(ProofPolicy.provider_id) == provider_id))
    session.add_all(ProofPolicy(provider_id=provider_id, kind=kind, allowed_at=now) for kind in kinds)


def newest_while(session: Session, account_id: int, period: int) -> Shown | None:
    """Return when the account's bill of a month may have been its newest one; None while it may be that still.

    Loading a register again moves the bills to the later load. So the time begins with the first load for that month
    and ends when a newer bill is certain: rather too long than too short.
    """
    first = (
        select(func.min(Register.loaded_at))
        .join(PersonalAccount, col(PersonalAccount.provider_id) == col(Register.provider_id))
        .where(
            col(PersonalAccount.id) == account_id,
            col(Register.period_from) <= period,
            col(Register.period_to) >= period,
        )
        .scalar_subquery()
    )
    newer = (
        select(func.min(Register.loaded_at))
        .join(Bill, col(Bill.register_id) == col(Register.id))
        .where(col(Bill.account_id) == account_id, col(Bill.period) > period)
        .scalar_subquery()
    )
    since, until = session.exec(select(first, newer)).one()
    return Shown(since, until) if since and until else None


def has_unseen_bill(
    session: Session, account_id: int, period: int, closing_kopecks: int, shown: Shown, pass_life: timedelta
) -> bool:
    """Tell whether the account's bill of a month alone has this sum, and nobody without a proof could see it then.

    The sum of the newest bill is shown to everybody who knows the number: by a guest pass, which lives for
    `pass_life`, or in any cabinet at basic access, of whomever, whether it is connected still or not. When the links
    of an erased cabinet were made is not known any more, so they count as always there until the erasure. A sum that
    is the same in another month, as that of a norm is, could be seen there. The former owner has seen every bill.
    """
    bill = select(Bill.id).where(
        col(Bill.account_id) == account_id,
        col(Bill.period) == period,
        col(Bill.closing_kopecks) == closing_kopecks,
    )
    alike = select(Bill.id).where(
        col(Bill.account_id) == account_id,
        col(Bill.period) != period,
        col(Bill.closing_kopecks) == closing_kopecks,
    )
    link = select(AccountLink.id).where(
        col(AccountLink.account_id) == account_id,
        # Who has extended access by now has proved something else.
        col(AccountLink.level) == LinkLevel.BASIC,
        col(AccountLink.created_at) < shown.until,
        or_(col(AccountLink.ended_at).is_(None), col(AccountLink.ended_at) > shown.since),
    )
    # Passes are forgotten soon after their end; the audit keeps that there were any.
    guest = select(AuditEvent.id).where(
        col(AuditEvent.action) == "guest.opened",
        col(AuditEvent.subject) == str(account_id),
        col(AuditEvent.at) > shown.since - pass_life,
        col(AuditEvent.at) < shown.until,
    )
    erased = select(AuditEvent.id).where(
        col(AuditEvent.action) == "link.erased",
        col(AuditEvent.subject) == str(account_id),
        col(AuditEvent.at) > shown.since,
    )
    changed = select(AuditEvent.id).where(_is_owner_change(account_id), col(AuditEvent.at) > shown.since)
    could_be_seen = exists(link) | exists(guest) | exists(erased)
    is_known = exists(alike) | exists(changed)
    has_bill, is_known_otherwise, was_seen = session.exec(select(exists(bill), is_known, could_be_seen)).one()
    # A bill that came together with a newer one, or after it, has never been the newest.
    is_unseen = shown.since >= shown.until or not was_seen
    return bool(has_bill) and not is_known_otherwise and is_unseen


def has_changed_owner(session: Session, account_id: int) -> bool:
    """Tell whether the company has ever said that an account has another owner."""
    changed = select(AuditEvent.id).where(_is_owner_change(account_id))
    return bool(session.exec(select(exists(changed))).one())


def _is_owner_change(account_id: int) -> ColumnElement[bool]:
    return and_(col(AuditEvent.action) == OWNER_CHANGED, col(AuditEvent.subject) == str(account_id))


def owner_name(session: Session, account_id: int) -> str:
    """Return whose account it is by the register, an empty text if that does not tell."""
    return session.exec(select(PersonalAccount.owner_name).where(col(PersonalAccount.id) == account_id)).one()


def count_nameless(session: Session, provider_id: int) -> int:
    """Return how many accounts of a provider have no owner's name."""
    statement = select(func.count()).where(
        col(PersonalAccount.provider_id) == provider_id, func.trim(PersonalAccount.owner_name) == ""
    )
    return session.exec(statement).one()


def others_with_access(session: Session, link: AccountLink) -> list[OtherAccess]:
    """Return the living links of other subscribers that see everything of the same account."""
    statement = (
        select(AccountLink, PersonalAccount.number, ServiceProvider.name)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(
            col(AccountLink.account_id) == link.account_id,
            col(AccountLink.subscriber_id) != link.subscriber_id,
            col(AccountLink.level) == LinkLevel.EXTENDED,
            col(AccountLink.ended_at).is_(None),
        )
    )
    return [OtherAccess(*row) for row in session.exec(statement.order_by(col(AccountLink.id)))]


def end_links(session: Session, account_id: int, now: datetime) -> list[int]:
    """End all living links of an account; return the ids of the subscribers who had them.

    Proofs are void for those too who have just disconnected it themselves and may still take that back.
    """
    ended = session.exec(
        update(AccountLink)
        .where(col(AccountLink.account_id) == account_id, col(AccountLink.ended_at).is_(None))
        .values(ended_at=now, level=LinkLevel.BASIC)
        .returning(col(AccountLink.subscriber_id))
        .execution_options(synchronize_session="fetch")
    )
    subscribers = sorted(ended.scalars())
    session.exec(
        update(AccountLink)
        .where(col(AccountLink.account_id) == account_id, col(AccountLink.level) == LinkLevel.EXTENDED)
        .values(level=LinkLevel.BASIC)
        .execution_options(synchronize_session="fetch")
    )
    return subscribers
