"""What a subscriber sees of connected accounts: the newest bill of each, and the bills of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.accounts import repository
from lkk_reflex.accounts.errors import BillMissing, ExtendedAccessRequired
from lkk_reflex.accounts.guests_repository import GUEST_LINK, guest_bill
from lkk_reflex.accounts.models import Bill, Charge, LinkLevel, PersonalAccount, ProviderRequisites, ServiceProvider
from lkk_reflex.accounts.repository import LinkedBill, Mark
from lkk_reflex.accounts.rules import amount_due
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.money import Money

__all__ = [
    "GUEST_LINK",
    "BillSheet",
    "LinkedBill",
    "Mark",
    "Statement",
    "bill_sheet",
    "bills_of",
    "charges_of",
    "due_now",
    "has_connected_before",
    "linked_bill",
    "linked_bills",
    "moments_of",
    "statement_of",
]


@dataclass(frozen=True, slots=True)
class BillSheet:
    """One bill with its lines, whose it is, and the bill before it, which may be months older or missing."""

    account: PersonalAccount
    provider: ServiceProvider
    requisites: ProviderRequisites | None
    bill: Bill
    lines: Sequence[Charge]
    earlier: Bill | None
    earlier_lines: Sequence[Charge]
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The bills of some months, the oldest first, with their lines by bill."""

    account: PersonalAccount
    provider: ServiceProvider
    bills: Sequence[Bill]
    lines: Sequence[tuple[Bill, Charge]]


def linked_bills(session: Session, viewer: Viewer, *, mark: Mark | None = None) -> list[LinkedBill]:
    """Return the viewer's accounts with their newest bills, in one query, in the order of connecting.

    Those of which the condition of a mark is true come marked.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    return repository.linked_bills(session, viewer, mark=mark)


def has_connected_before(session: Session, viewer: Viewer) -> bool:
    """Tell whether the viewer has ever connected an account, also if the connection has ended.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    return repository.has_any_link(session, viewer)


def linked_bill(session: Session, viewer: Viewer, *, public_id: str) -> LinkedBill:
    """Return one account of the viewer with its newest bill; that of a guest's pass is called `GUEST_LINK`.

    Raises:
        SignInRequired: the viewer is neither a subscriber nor a guest.
        Forbidden: the viewer has no such connection.
    """
    if viewer.role is Role.GUEST and public_id == GUEST_LINK:
        return guest_bill(session, viewer)
    found = repository.linked_bills(session, viewer, public_id)
    if not found:
        raise Forbidden
    return found[0]


def moments_of(linked: Sequence[LinkedBill]) -> dict[int, datetime]:
    """Return for each account with a bill the moment after which payments are to be subtracted from it.

    It is what `payments.balance.credited_after` wants; this slice does not know payments.
    """
    return {bill.account_id: bill.counts_payments_until for bill in linked if bill.counts_payments_until is not None}


def due_now(bill: LinkedBill, credited_after: Mapping[int, int]) -> Money | None:
    """Return what is to be paid now, or None before the first bill; `credited_after` is kopecks by account."""
    if bill.closing_kopecks is None:
        return None
    return amount_due(Money(bill.closing_kopecks), Money(credited_after.get(bill.account_id, 0)))


def bills_of(session: Session, viewer: Viewer, *, public_id: str, most: int | None = None) -> Sequence[Bill]:
    """Return the bills of an account, the newest first: all, or so many.

    Raises:
        SignInRequired, Forbidden: as `linked_bill`.
        ExtendedAccessRequired: nothing has proved yet that the account is the viewer's.
    """
    _require_extended(session, viewer, public_id)
    return repository.bills(session, viewer, public_id, most)


def charges_of(session: Session, viewer: Viewer, *, public_id: str, period: BillingPeriod) -> Sequence[Charge]:
    """Return the lines of one bill.

    Raises:
        SignInRequired, Forbidden, ExtendedAccessRequired: as `bills_of`.
    """
    _require_extended(session, viewer, public_id)
    return repository.charges(session, viewer, public_id, period.key)


def bill_sheet(session: Session, viewer: Viewer, *, public_id: str, period: BillingPeriod | None = None) -> BillSheet:
    """Return everything about one bill; without a period about the newest one.

    Raises:
        SignInRequired, Forbidden, ExtendedAccessRequired: as `bills_of`.
        BillMissing: the account has no bill of this period.
    """
    _require_extended(session, viewer, public_id)
    bills = repository.bills(session, viewer, public_id)
    place = next((place for place, bill in enumerate(bills) if period is None or bill.period == period.key), None)
    if place is None:
        raise BillMissing
    bill, earlier = bills[place], bills[place + 1] if place + 1 < len(bills) else None
    account, provider = _account_of(session, viewer, public_id)
    return BillSheet(
        account=account,
        provider=provider,
        requisites=repository.requisites_of(session, account.provider_id),
        bill=bill,
        lines=repository.charges(session, viewer, public_id, bill.period),
        earlier=earlier,
        earlier_lines=repository.charges(session, viewer, public_id, earlier.period) if earlier else (),
        is_newest=place == 0,
    )


def statement_of(
    session: Session, viewer: Viewer, *, public_id: str, first: BillingPeriod, last: BillingPeriod
) -> Statement:
    """Return the bills of an account from one period to another, both included.

    Raises:
        SignInRequired, Forbidden, ExtendedAccessRequired: as `bills_of`.
        BillMissing: there is not one bill in these months.
    """
    _require_extended(session, viewer, public_id)
    found = repository.bills(session, viewer, public_id)
    bills = [bill for bill in reversed(found) if first.key <= bill.period <= last.key]
    if not bills:
        raise BillMissing
    account, provider = _account_of(session, viewer, public_id)
    by_id = {bill.id: bill for bill in bills}
    lines = repository.charges_between(session, viewer, public_id, first.key, last.key)
    return Statement(account, provider, bills, [(by_id[line.bill_id], line) for line in lines])


def _account_of(session: Session, viewer: Viewer, public_id: str) -> tuple[PersonalAccount, ServiceProvider]:
    found = repository.account_of(session, viewer, public_id)
    if found is None:
        raise Forbidden
    return found


def _require_extended(session: Session, viewer: Viewer, public_id: str) -> None:
    link = repository.own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    if link.level is not LinkLevel.EXTENDED:
        raise ExtendedAccessRequired
