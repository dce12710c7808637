"""«На что пойдёт платёж» on the pay page: for who has proved the account."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.allotting import Owed, Purpose, Share, allotted
from lkk_reflex.accounts.errors import BillMissing
from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.statements import LinkedBill, bill_sheet
from lkk_reflex.cabinet.pay_projection import PayPurpose
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.money import Money

PURPOSE_LABELS: Final[Mapping[Purpose, str]] = {
    Purpose.EARLIER: "Долг за прежние месяцы",
    Purpose.SERVICE: "Начислено за месяц",
    Purpose.PENALTY: "Пени",
    Purpose.AHEAD: "Вперёд, в счёт следующих квитанций",
}


def owed_by(session: Session, viewer: Viewer, *, bill: LinkedBill, due: Money | None) -> Owed | None:
    """Return what the newest bill asks for; None at basic access and before the first bill.

    `due` is what is to be paid now.

    Raises:
        SignInRequired, Forbidden: as `bill_sheet`.
    """
    if bill.level is not LinkLevel.EXTENDED or due is None:
        return None
    try:
        sheet = bill_sheet(session, viewer, public_id=bill.public_id)
    except BillMissing:
        return None
    closing, opening, paid = Money(sheet.bill.closing_kopecks), sheet.bill.opening_kopecks, sheet.bill.paid_kopecks
    of_lines = sum(line.penalty_kopecks for line in sheet.lines)
    return Owed(
        closing=closing,
        services=tuple((line.service, Money(line.total_kopecks - line.penalty_kopecks)) for line in sheet.lines),
        penalty=Money(of_lines or sheet.bill.penalty_kopecks or 0),
        earlier=None if opening is None else Money(opening - (paid or 0)),
        paid_since=closing - due,
    )


def purposes(owed: Owed | None, total: str) -> list[PayPurpose]:
    """Say what a payment of `total`, as it stands on the button, goes for; nothing while there is no sum."""
    try:
        amount = Money.parse(total)
    except ValueError:
        return []
    return [_purpose(share) for share in allotted(amount, owed)] if owed else []


def _purpose(share: Share) -> PayPurpose:
    return PayPurpose(share.service or PURPOSE_LABELS[share.purpose], str(share.amount))
