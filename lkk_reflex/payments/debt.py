"""What an account owes at this moment: the register's side and the ledger's side together."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.statements import due_now, linked_bill, moments_of
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository
from lkk_reflex.payments.balance import credited_after


@dataclass(frozen=True, slots=True)
class PayableAccount:
    """An account that the viewer may pay for. `due` is None when no bill has come yet."""

    account_id: int
    provider_id: int
    number: str
    unified_number: str
    time_zone: str
    period: BillingPeriod | None
    due: Money | None


def payable(session: Session, viewer: Viewer, link_id: str) -> PayableAccount:
    """Return an account that the viewer has connected, with what is to be paid now.

    Raises:
        SignInRequired: when the viewer is no subscriber.
        Forbidden: when the viewer has no living link of this name.
    """
    bill = linked_bill(session, viewer, public_id=link_id)
    account = repository.account(session, bill.account_id)
    return PayableAccount(
        account_id=bill.account_id,
        provider_id=bill.provider_id,
        number=account.number,
        unified_number=account.unified_number,
        time_zone=bill.time_zone,
        period=BillingPeriod.from_key(bill.period) if bill.period else None,
        due=due_now(bill, credited_after(session, moments_of([bill]))),
    )
