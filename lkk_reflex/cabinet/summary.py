"""What is to be paid now for connected accounts: all of them, or one."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.projection import AccountCard, account_card
from lkk_reflex.accounts.statements import due_now, linked_bill, linked_bills, moments_of
from lkk_reflex.cabinet.home_projection import HomeAccount, VerificationBanner, home_account, verification_banners
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.money import Money
from lkk_reflex.meters.overview import metered_accounts
from lkk_reflex.outages.own import mark_now, outages_now
from lkk_reflex.payments.balance import credited_after, standings


@dataclass(frozen=True, slots=True)
class CabinetHome:
    """What the first page of the cabinet shows."""

    accounts: tuple[HomeAccount, ...] = ()
    #: Sum of the debts of all accounts; overpayments of one account do not pay another.
    total_due: str = ""
    has_debt: bool = False
    banners: tuple[VerificationBanner, ...] = ()


def cabinet_home(session: Session, viewer: Viewer) -> CabinetHome:
    """Return all accounts of the viewer, in three queries; a cabinet without any needs one, one with an outage four.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    bills = linked_bills(session, viewer, mark=mark_now())
    if not bills:
        return CabinetHome()
    standing = standings(session, viewer, [bill.account_id for bill in bills], moments_of(bills))
    metered = metered_accounts(session, viewer)
    with_meters = {account.link_id: account for account in metered}
    outages = outages_now(session, viewer) if any(bill.is_marked for bill in bills) else {}
    credited = {account_id: one.credited_kopecks for account_id, one in standing.items()}
    dues = [due_now(bill, credited) for bill in bills]
    now = clock.now()
    owed = sum((due for due in dues if due and due > Money.zero()), Money.zero())
    accounts = tuple(
        home_account(
            account_card(bill, due, now),
            standing[bill.account_id].unfinished,
            with_meters.get(bill.public_id),
            outages.get(bill.public_id, ()),
        )
        for bill, due in zip(bills, dues, strict=True)
    )
    return CabinetHome(accounts, str(owed), bool(owed), tuple(verification_banners(metered)))


def account_now(session: Session, viewer: Viewer, *, public_id: str) -> AccountCard:
    """Return one account of the viewer as it stands now.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    bill = linked_bill(session, viewer, public_id=public_id)
    due = due_now(bill, credited_after(session, moments_of([bill])))
    return account_card(bill, due, clock.now())
