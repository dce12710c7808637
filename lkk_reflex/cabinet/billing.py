"""Bills as the cabinet shows them: all of an account, and one in detail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.bill_projection import (
    SETTLED_WORDS,
    BillRow,
    bill_lines,
    bill_row,
    bill_sums,
    capital,
    why,
)
from lkk_reflex.accounts.models import Bill
from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.accounts.settling import Settled, Standing, settled
from lkk_reflex.accounts.statements import LinkedBill, bill_sheet, bills_of, linked_bills, moments_of
from lkk_reflex.cabinet.bill_projection import AccountChoice, BillView
from lkk_reflex.cabinet.summary import account_now
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.payments.balance import credited_after

#: Two years at a time.
STEP = 24


@dataclass(frozen=True, slots=True)
class BillList:
    """Some bills of an account, the newest first; none at basic access."""

    account: AccountCard
    choices: tuple[AccountChoice, ...]
    rows: tuple[BillRow, ...]
    has_more: bool
    #: All months that have a bill, for the statement.
    months: tuple[BillingPeriod, ...]


def bill_list(session: Session, viewer: Viewer, *, public_id: str = "", skip: int = 0) -> BillList | None:
    """Return the next bills of an account behind the first `skip`, or of the first account if none is named.

    None when the viewer has not connected any account.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    linked = linked_bills(session, viewer)
    if not linked and not public_id:
        return None
    chosen = next((bill for bill in linked if public_id in ("", bill.public_id)), None)
    if chosen is None:
        raise Forbidden
    card = account_now(session, viewer, public_id=chosen.public_id)
    titles = Counter(bill.title for bill in linked)
    choices = tuple(
        AccountChoice(bill.full_title if titles[bill.title] > 1 else bill.title, bill.public_id) for bill in linked
    )
    bills = bills_of(session, viewer, public_id=chosen.public_id) if card.is_extended else ()
    rows = rows_of(session, chosen, bills, skip=skip, most=STEP)
    months = tuple(BillingPeriod.from_key(bill.period) for bill in bills)
    return BillList(card, choices, rows, len(bills) > max(skip, 0) + STEP, months)


def rows_of(
    session: Session, account: LinkedBill, bills: Sequence[Bill], *, skip: int = 0, most: int
) -> tuple[BillRow, ...]:
    """Return lines of the list, each with how its bill stands today."""
    states = _states(session, account, bills)
    start = max(skip, 0)
    shown = list(zip(bills, states, strict=True))[start : start + most]
    return tuple(bill_row(bill, account.public_id, state) for bill, state in shown)


def bill_details(session: Session, viewer: Viewer, *, public_id: str, period: BillingPeriod) -> BillView:
    """Return one bill with its lines and what makes it differ from the one before.

    At basic access only whose bill it is not to be seen yet.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
        BillMissing: the account has no bill of this period.
    """
    card = account_now(session, viewer, public_id=public_id)
    title = capital(period.label)
    if not card.is_extended:
        return BillView(title=title, account=card.title, public_id=public_id)
    sheet = bill_sheet(session, viewer, public_id=public_id, period=period)
    chosen = next(bill for bill in linked_bills(session, viewer) if bill.public_id == public_id)
    bills = bills_of(session, viewer, public_id=public_id)
    states = _states(session, chosen, bills)
    state = next(state for bill, state in zip(bills, states, strict=True) if bill.period == period.key)
    badge, tone = SETTLED_WORDS[state]
    return BillView(
        title=title,
        account=card.title,
        public_id=public_id,
        is_extended=True,
        owner=sheet.account.owner_name,
        address=card.address,
        number=card.number,
        provider=card.provider,
        badge=badge,
        tone=tone,
        sums=bill_sums(sheet.bill),
        lines=bill_lines(sheet.lines),
        why=why(sheet.bill, sheet.lines, sheet.earlier, sheet.earlier_lines),
        pdf_href=f"/papers/bill/{public_id}/{period.key}.pdf",
        is_payable=sheet.is_newest and card.is_payable,
    )


def _states(session: Session, account: LinkedBill, bills: Sequence[Bill]) -> list[Settled]:
    credited = credited_after(session, moments_of([account])).get(account.account_id, 0)
    return list(settled([Standing(bill.closing_kopecks, bill.paid_kopecks) for bill in bills], credited))
