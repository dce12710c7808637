"""What the cabinet shows of connected accounts: all of them with what is to be paid now, and one in detail."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.projection import AccountCard, BillFact, account_card, bill_facts
from lkk_reflex.accounts.statements import bills_of, due_now, linked_bill, linked_bills, moments_of
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.money import Money
from lkk_reflex.payments.balance import credited_after


@dataclass(frozen=True, slots=True)
class CabinetHome:
    """What the first page of the cabinet shows."""

    accounts: tuple[AccountCard, ...]
    #: Sum of the debts of all accounts; overpayments of one account do not pay another.
    total_due: str
    has_debt: bool


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What the page of one account shows."""

    card: AccountCard
    #: The parts of the newest bill; none at basic access.
    facts: tuple[BillFact, ...]


def cabinet_home(session: Session, viewer: Viewer) -> CabinetHome:
    """Return all accounts of the viewer, in two queries.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    bills = linked_bills(session, viewer)
    credited = credited_after(session, moments_of(bills)) if bills else {}
    dues = [due_now(bill, credited) for bill in bills]
    now = clock.now()
    owed = sum((due for due in dues if due and due > Money.zero()), Money.zero())
    cards = tuple(account_card(bill, due, now) for bill, due in zip(bills, dues, strict=True))
    return CabinetHome(cards, str(owed), has_debt=bool(owed))


def account_now(session: Session, viewer: Viewer, *, public_id: str) -> AccountCard:
    """Return one account of the viewer as it stands now.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    bill = linked_bill(session, viewer, public_id=public_id)
    due = due_now(bill, credited_after(session, moments_of([bill])))
    return account_card(bill, due, clock.now())


def account_details(session: Session, viewer: Viewer, *, public_id: str) -> AccountDetails:
    """Return one account of the viewer, with the parts of its newest bill if it was proved to be the viewer's.

    Raises:
        SignInRequired, Forbidden: as `account_now`.
    """
    card = account_now(session, viewer, public_id=public_id)
    bills = bills_of(session, viewer, public_id=public_id, most=1) if card.is_extended else ()
    return AccountDetails(card, tuple(bill_facts(bills[0])) if bills else ())
