"""All SQL about guests: their passes, and what a pass lets see."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from lkk_reflex.accounts.masking import mask_number
from lkk_reflex.accounts.models import Bill, GuestPass, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.repository import LinkedBill
from lkk_reflex.identity.viewer import Viewer

#: What stands for the name of a connection, which a guest has none of.
GUEST_LINK = "guest"


def living_pass(session: Session, token_hash: str, now: datetime) -> GuestPass | None:
    """Return the pass of a token, unless it has ended."""
    statement = select(GuestPass).where(GuestPass.token_hash == token_hash, col(GuestPass.expires_at) > now)
    return session.exec(statement).one_or_none()


def forget_passes(session: Session, ended_before: datetime) -> None:
    """Delete the passes that ended before a moment."""
    session.exec(delete(GuestPass).where(col(GuestPass.expires_at) <= ended_before))


def forget_passes_to(session: Session, account_id: int) -> None:
    """Delete all passes to an account."""
    session.exec(delete(GuestPass).where(col(GuestPass.account_id) == account_id))


def guest_bill(session: Session, viewer: Viewer) -> LinkedBill:
    """Return the guest's account with its newest bill, as if it were connected at basic access.

    The number is masked and the address left out: a pass shows even less than a connection.
    """
    account, provider = session.exec(
        select(PersonalAccount, ServiceProvider)
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(PersonalAccount.id == viewer.require_guest())
    ).one()
    newest = select(Bill).where(Bill.account_id == account.id).order_by(col(Bill.period).desc()).limit(1)
    bill = session.exec(newest).first()
    return LinkedBill(
        public_id=GUEST_LINK,
        account_id=account.id or 0,
        provider_id=account.provider_id,
        provider_name=provider.name,
        provider_kind=provider.kind,
        time_zone=provider.time_zone,
        number_shown=mask_number(account.number),
        address="",
        level=LinkLevel.BASIC,
        own_name="",
        period=bill.period if bill else None,
        opening_kopecks=bill.opening_kopecks if bill else None,
        paid_kopecks=bill.paid_kopecks if bill else None,
        closing_kopecks=bill.closing_kopecks if bill else None,
        due_on=bill.due_on if bill else None,
        counts_payments_until=bill.counts_payments_until if bill else None,
    )
