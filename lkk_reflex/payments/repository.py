"""All SQL of the payments slice."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ServiceProvider
from lkk_reflex.kit.db import rows_of, violates
from lkk_reflex.payments.models import (
    GatewayEvent,
    LedgerEntry,
    LedgerKind,
    Payment,
    PaymentExport,
    PaymentStatus,
    ReceiptTerms,
    Shop,
    ShopRecipient,
)

#: Statements of one kind that differ in how many accounts they ask of; people have few.
_KEPT_STATEMENTS: Final = 32

# --- Shops


def add_shop(session: Session, shop: Shop) -> int:
    """Add a shop and return its id."""
    session.add(shop)
    session.flush()
    assert shop.id is not None  # noqa: S101 - given by the flush.
    return shop.id


def shop(session: Session, shop_id: int) -> Shop:
    """Return the shop of a payment or an event."""
    return session.get_one(Shop, shop_id)


def shop_by_gateway_id(session: Session, gateway_id: str) -> Shop | None:
    """Return the shop with this number of the merchant's cabinet."""
    return session.exec(select(Shop).where(Shop.gateway_id == gateway_id)).one_or_none()


def shop_by_webhook_token(session: Session, token: str) -> Shop | None:
    """Return the shop to which this notification address belongs."""
    return session.exec(select(Shop).where(Shop.webhook_token == token)).one_or_none()


def all_shops(session: Session) -> Sequence[Shop]:
    """Return all shops, oldest first."""
    return session.exec(select(Shop).order_by(col(Shop.id))).all()


def shops_of_provider(session: Session, provider_id: int) -> Sequence[Shop]:
    """Return a provider's shops, present and past."""
    return session.exec(select(Shop).where(Shop.provider_id == provider_id)).all()


def working_shop(session: Session, provider_id: int) -> Shop | None:
    """Return the shop that takes a provider's payments now."""
    working = (Shop.provider_id == provider_id, col(Shop.is_enabled), Shop.stopped_reason == "")
    return session.exec(select(Shop).where(*working).order_by(col(Shop.id).desc())).first()


def recipient_of(session: Session, shop_id: int) -> ShopRecipient:
    """Return the receiver that a utility shop's payment orders name."""
    return session.get_one(ShopRecipient, shop_id)


def receipt_terms(session: Session, shop_id: int, on: date) -> ReceiptTerms | None:
    """Return what a shop's receipts say on a day."""
    terms = select(ReceiptTerms).where(ReceiptTerms.shop_id == shop_id, ReceiptTerms.valid_from <= on)
    return session.exec(terms.order_by(col(ReceiptTerms.valid_from).desc())).first()


# --- Payments


def payment(session: Session, payment_id: str) -> Payment | None:
    """Return a payment for looking only."""
    return session.get(Payment, payment_id)


def lock_payment(session: Session, payment_id: str) -> Payment | None:
    """Return a payment that nobody else changes until the end of this unit of work, as it is at this moment."""
    locked = select(Payment).where(Payment.id == payment_id).with_for_update()
    return session.exec(locked.execution_options(populate_existing=True)).one_or_none()


def payment_by_intent(session: Session, intent_id: str) -> Payment | None:
    """Return the payment that a form has made."""
    return session.exec(select(Payment).where(Payment.intent_id == intent_id)).one_or_none()


def offered_payment(session: Session, account_id: int, kopecks: int) -> Payment | None:
    """Return the open payment of this sum for this account."""
    offered = (Payment.account_id == account_id, Payment.amount_kopecks == kopecks, col(Payment.is_offered))
    return session.exec(select(Payment).where(*offered)).one_or_none()


def find_payment(session: Session, shop_id: int, provider_id: str, payment_ref: str) -> Payment | None:
    """Return the shop's payment with this id of the gateway, or, before we know that id, with our own."""
    known = select(Payment).where(Payment.shop_id == shop_id)
    found = session.exec(known.where(Payment.provider_id == provider_id)).one_or_none()
    return found or session.exec(known.where(Payment.id == payment_ref)).one_or_none()


def insert_payment(session: Session, new: Payment) -> bool:
    """Add a payment; False when the same form, or another one for the same sum, has been quicker."""
    try:
        with session.begin_nested():
            session.add(new)
            session.flush()
    except IntegrityError as error:
        if violates(error, "uq_payment_intent_id") or violates(error, "uq_payment_account_id_amount_kopecks"):
            return False
        raise
    return True


def due_payment_ids(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """Return the payments about which the gateway is to be asked, the longest overdue first."""
    is_free = or_(col(Payment.lease_until).is_(None), col(Payment.lease_until) <= now)
    due = select(Payment.id).where(col(Payment.next_check_at) <= now, is_free)
    return session.exec(due.order_by(col(Payment.next_check_at)).limit(limit)).all()


def wake_payments_of(session: Session, shop: Shop, now: datetime) -> None:
    """Let the gateway be asked at once about the shop's payments that are being watched."""
    watched = (col(Payment.shop_id) == shop.id, col(Payment.next_check_at).is_not(None))
    session.exec(update(Payment).where(*watched).values(next_check_at=now))


def open_payments(session: Session) -> Sequence[tuple[Payment, Shop]]:
    """Return the payments that have no final state, with their shops."""
    joined = select(Payment, Shop).join(Shop, col(Payment.shop_id) == col(Shop.id))
    return session.exec(joined.where(col(Payment.final_at).is_(None))).all()


def unfinished_payment(session: Session, subscriber_id: int, account_id: int) -> Payment | None:
    """Return the newest payment of a subscriber for an account that has no final state."""
    own = (Payment.subscriber_id == subscriber_id, Payment.account_id == account_id, col(Payment.final_at).is_(None))
    return session.exec(select(Payment).where(*own).order_by(col(Payment.created_at).desc()).limit(1)).first()


def newest_payments(
    session: Session, subscriber_id: int, account_ids: Iterable[int], *, after: str = "", limit: int
) -> Sequence[tuple[Payment, PersonalAccount, ServiceProvider]]:
    """Return the newest payments that a subscriber has made, and all those for these accounts.

    They begin behind the payment `after`; an empty one begins with the newest of all.
    """
    visible = or_(col(Payment.subscriber_id) == subscriber_id, col(Payment.account_id).in_(list(account_ids)))
    shown = _with_accounts().where(visible)
    if last := session.get(Payment, after):
        same_moment = and_(col(Payment.created_at) == last.created_at, col(Payment.id) < last.id)
        shown = shown.where(or_(col(Payment.created_at) < last.created_at, same_moment))
    return session.exec(shown.order_by(col(Payment.created_at).desc(), col(Payment.id).desc()).limit(limit)).all()


def payments_made_by(
    session: Session, subscriber_id: int
) -> Sequence[tuple[Payment, PersonalAccount, ServiceProvider]]:
    """Return every payment that a subscriber has made, the newest first."""
    own = _with_accounts().where(Payment.subscriber_id == subscriber_id)
    return session.exec(own.order_by(col(Payment.created_at).desc(), col(Payment.id))).all()


def payment_with_account(session: Session, payment_id: str) -> tuple[Payment, PersonalAccount, ServiceProvider] | None:
    """Return a payment with what it is for."""
    return session.exec(_with_accounts().where(Payment.id == payment_id)).one_or_none()


def _with_accounts() -> Select[Payment, PersonalAccount, ServiceProvider]:
    return (
        select(Payment, PersonalAccount, ServiceProvider)
        .join(PersonalAccount, col(Payment.account_id) == col(PersonalAccount.id))
        .join(ServiceProvider, col(PersonalAccount.provider_id) == col(ServiceProvider.id))
    )


def account(session: Session, account_id: int) -> PersonalAccount:
    """Return an account with the numbers that a payment order names."""
    return session.get_one(PersonalAccount, account_id)


def own_name_of(session: Session, subscriber_id: int, account_id: int) -> str:
    """Return what a subscriber calls a connected account; empty without a name or a connection."""
    own = (AccountLink.subscriber_id == subscriber_id, AccountLink.account_id == account_id)
    living = select(AccountLink.own_name).where(*own, col(AccountLink.ended_at).is_(None))
    return session.exec(living).one_or_none() or ""


def refused_payments(
    session: Session, *, over_since: datetime, begun_before: datetime
) -> Sequence[tuple[Payment, PersonalAccount, ServiceProvider]]:
    """Return the payments of subscribers that have failed since a moment, and after which nothing was tried again.

    Who has not come back from the gateway's page is left alone until the payment is older than `begun_before`.
    """
    again = aliased(Payment)
    is_tried_again = select(again.id).where(
        again.subscriber_id == Payment.subscriber_id,
        again.account_id == Payment.account_id,
        col(again.created_at) > col(Payment.created_at),
    )
    has_seen_it = or_(col(Payment.returned_at).is_not(None), col(Payment.created_at) <= begun_before)
    return session.exec(
        _with_accounts().where(
            col(Payment.final_at) >= over_since,
            col(Payment.status).in_([PaymentStatus.CANCELED, PaymentStatus.REJECTED]),
            col(Payment.subscriber_id).is_not(None),
            has_seen_it,
            ~is_tried_again.exists(),
        )
    ).all()


# --- Ledger


def credit(session: Session, paid: Payment, now: datetime) -> None:
    """Add a paid payment to the ledger, with its line for the company.

    Raises:
        sqlalchemy.exc.IntegrityError: when the payment has been credited already.
    """
    entry = LedgerEntry(
        account_id=paid.account_id,
        kopecks=paid.amount_kopecks,
        kind=LedgerKind.PAYMENT,
        payment_id=paid.id,
        credited_at=now,
    )
    session.add(entry)
    session.flush()
    assert entry.id is not None  # noqa: S101 - given by the flush.
    session.add(PaymentExport(ledger_entry_id=entry.id, created_at=now))
    session.flush()


def is_already_credited(error: IntegrityError) -> bool:
    """Tell whether the ledger has refused a second line for the same payment."""
    return violates(error, "uq_ledger_entry_kind_payment_id")


def credited_after(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """Return kopecks by account, credited later than the account's own moment; accounts without any are missing."""
    if not moments:
        return {}
    rows = session.exec(_credited_after(len(moments)), params=_moments(moments)).all()
    # PostgreSQL sums bigint to numeric.
    return {account_id: int(kopecks) for account_id, kopecks in rows}


@lru_cache(_KEPT_STATEMENTS)
def _credited_after(accounts: int) -> Select[int, int]:
    sums = select(LedgerEntry.account_id, func.sum(LedgerEntry.kopecks)).where(_is_credited_after(accounts))
    return sums.group_by(col(LedgerEntry.account_id))


def standings(
    session: Session, subscriber_id: int, account_ids: Iterable[int], moments: Mapping[int, datetime]
) -> Sequence[tuple[int, int, str]]:
    """Return `credited_after` and the subscriber's payments for these accounts that have no final state, in one query.

    A row is an account, kopecks, and the id of the payment: empty for what was credited.
    """
    payable = {f"payable_{place}": account_id for place, account_id in enumerate(account_ids)}
    values = {"subscriber_id": subscriber_id, **payable, **_moments(moments)}
    return [(row[0], row[1], row[2]) for row in rows_of(session, _standings(len(payable), len(moments)), values)]


@lru_cache(_KEPT_STATEMENTS)
def _standings(accounts: int, billed: int) -> CompoundSelect[int, int, str]:
    """Put the statement together once: that takes longer than its run, and every opening of the cabinet needs it.

    A list of accounts would be written into its text anew each time.
    """
    credited = (
        select(LedgerEntry.account_id, cast(func.sum(LedgerEntry.kopecks), BigInteger), literal(""))
        .where(_is_credited_after(billed))
        .group_by(col(LedgerEntry.account_id))
    )
    is_payable = (col(Payment.account_id) == bindparam(f"payable_{place}") for place in range(accounts))
    unfinished = select(Payment.account_id, Payment.amount_kopecks, Payment.id).where(
        Payment.subscriber_id == bindparam("subscriber_id"),
        or_(false(), *is_payable),
        col(Payment.final_at).is_(None),
    )
    return union_all(credited, unfinished)


def credited_payments_since(session: Session, shop_id: int, moment: datetime) -> Sequence[Payment]:
    """Return the shop's payments with a line in the ledger since `moment`."""
    credited = select(Payment).join(LedgerEntry, col(LedgerEntry.payment_id) == col(Payment.id))
    since = credited.where(Payment.shop_id == shop_id, LedgerEntry.credited_at >= moment)
    return session.exec(since).all()


def _is_credited_after(accounts: int) -> ColumnElement[bool]:
    """Tell a line of the ledger that is later than the moment of its own account, for as many accounts."""
    later = (
        and_(
            col(LedgerEntry.account_id) == bindparam(f"account_{place}"),
            col(LedgerEntry.credited_at) > bindparam(f"moment_{place}"),
        )
        for place in range(accounts)
    )
    return or_(false(), *later)


def _moments(moments: Mapping[int, datetime]) -> dict[str, object]:
    """Return the parameters of `_is_credited_after`."""
    accounts = {f"account_{place}": account_id for place, account_id in enumerate(moments)}
    return accounts | {f"moment_{place}": moment for place, moment in enumerate(moments.values())}


# --- Notifications of the gateway


def keep_event(session: Session, event: GatewayEvent) -> None:
    """Store a notification; one that came before is counted and worked on again if that was not over."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = event.model_dump(exclude={"id"})
    statement = insert(GatewayEvent).values(**values)
    session.exec(
        statement.on_conflict_do_update(
            index_elements=["shop_id", "event", "object_id"], set_={"times": GatewayEvent.times + 1}
        )
    )


def due_event_ids(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Return the notifications to work on, oldest first."""
    due = select(GatewayEvent.id).where(col(GatewayEvent.next_try_at) <= now)
    ids = session.exec(due.order_by(col(GatewayEvent.next_try_at)).limit(limit)).all()
    return [event_id for event_id in ids if event_id is not None]


def lock_event(session: Session, event_id: int) -> GatewayEvent:
    """Return a notification that nobody else changes until the end of this unit of work."""
    locked = select(GatewayEvent).where(GatewayEvent.id == event_id).with_for_update()
    return session.exec(locked.execution_options(populate_existing=True)).one()


def paid_without_notification(session: Session, since: datetime, until: datetime) -> Sequence[tuple[str, int]]:
    """Return shops by their gateway's number with the count of payments paid in this time and never notified."""
    notified = select(GatewayEvent.id).where(GatewayEvent.object_id == Payment.provider_id).exists()
    paid = (
        Payment.status == PaymentStatus.SUCCEEDED,
        col(Payment.final_at) > since,
        col(Payment.final_at) <= until,
        ~notified,
    )
    counted = select(Shop.gateway_id, func.count()).join(Payment, col(Payment.shop_id) == col(Shop.id))
    return session.exec(counted.where(*paid).group_by(col(Shop.gateway_id))).all()
