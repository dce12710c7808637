"""All SQL about the copy of a person's own data in this slice, and about erasing it."""

from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from lkk_reflex.accounts.models import AccountLink, Bill, Charge, LinkLevel, PersonalAccount, ServiceProvider


def links(session: Session, subscriber_id: int) -> Sequence[tuple[AccountLink, PersonalAccount, ServiceProvider]]:
    """Return every connection that a subscriber has ever made, in the order of connecting."""
    return session.exec(
        select(AccountLink, PersonalAccount, ServiceProvider)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(AccountLink.subscriber_id == subscriber_id)
        .order_by(col(AccountLink.id))
    ).all()


def bills(session: Session, account_id: int) -> Sequence[Bill]:
    """Return the bills of an account, the newest first."""
    return session.exec(select(Bill).where(Bill.account_id == account_id).order_by(col(Bill.period).desc())).all()


def charges(session: Session, account_id: int) -> Sequence[tuple[Bill, Charge]]:
    """Return the lines of all bills of an account, the newest bill first."""
    return session.exec(
        select(Bill, Charge)
        .join(Charge, col(Charge.bill_id) == col(Bill.id))
        .where(Bill.account_id == account_id)
        .order_by(col(Bill.period).desc(), col(Charge.line))
    ).all()


def unproved_accounts(session: Session, subscriber_id: int) -> Sequence[int]:
    """Return the accounts that a subscriber has, or had, connected at basic access."""
    statement = select(AccountLink.account_id).where(
        AccountLink.subscriber_id == subscriber_id, AccountLink.level == LinkLevel.BASIC
    )
    return session.exec(statement.order_by(col(AccountLink.account_id))).all()


def delete_links(session: Session, subscriber_id: int) -> int:
    """Delete every connection of a subscriber and return how many there were."""
    return int(session.exec(delete(AccountLink).where(col(AccountLink.subscriber_id) == subscriber_id)).rowcount)
