"""The SQL that looks for money that does not add up."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from lkk_reflex.payments.models import LedgerEntry, Payment, PaymentExport, PaymentStatus


def payments_without_line(session: Session) -> Sequence[str]:
    """Return payments that succeeded and are not in the ledger."""
    line = select(LedgerEntry.id).where(LedgerEntry.payment_id == Payment.id).exists()
    return session.exec(select(Payment.id).where(Payment.status == PaymentStatus.SUCCEEDED, ~line)).all()


def lines_against_payments(session: Session) -> Sequence[str]:
    """Return payments whose line in the ledger has another sum or account, or that did not succeed."""
    wrong = or_(
        col(Payment.status) != PaymentStatus.SUCCEEDED,
        col(LedgerEntry.kopecks) != col(Payment.amount_kopecks),
        col(LedgerEntry.account_id) != col(Payment.account_id),
    )
    joined = select(Payment.id).join(LedgerEntry, col(LedgerEntry.payment_id) == col(Payment.id))
    return session.exec(joined.where(wrong)).all()


def lines_without_export(session: Session) -> Sequence[str]:
    """Return payments whose line in the ledger has no line for the company."""
    export = select(PaymentExport.id).where(PaymentExport.ledger_entry_id == LedgerEntry.id).exists()
    return session.exec(select(LedgerEntry.payment_id).where(~export)).all()


def objects_credited_twice(session: Session) -> Sequence[str | None]:
    """Return ids of the gateway that stand behind more than one line of the ledger."""
    joined = select(Payment.provider_id).join(LedgerEntry, col(LedgerEntry.payment_id) == col(Payment.id))
    return session.exec(joined.group_by(col(Payment.provider_id)).having(func.count() > 1)).all()


def finals_out_of_step(session: Session, final: Iterable[PaymentStatus]) -> Sequence[str]:
    """Return payments whose final moment and state do not belong together."""
    is_final = col(Payment.status).in_(list(final))
    wrong = or_(and_(is_final, col(Payment.final_at).is_(None)), and_(~is_final, col(Payment.final_at).is_not(None)))
    return session.exec(select(Payment.id).where(wrong)).all()


def ledger_totals(session: Session) -> tuple[int, int]:
    """Return the number of lines of the ledger and their sum in kopecks."""
    totals = select(func.count(), func.coalesce(func.sum(LedgerEntry.kopecks), 0)).select_from(LedgerEntry)
    lines, kopecks = session.exec(totals).one()
    return lines, int(kopecks)
