"""The payment history, page by page."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.cabinet.payments_projection import PaymentLine, payment_line
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.payments import history

PAGE_LINES = 20


@dataclass(frozen=True, slots=True)
class PastPayments:
    """Some lines, and behind which payment the next ones begin; empty when these are the last."""

    lines: tuple[PaymentLine, ...]
    next_after: str


def past_payments(session: Session, viewer: Viewer, *, after: str = "") -> PastPayments:
    """Return the viewer's payments, the newest first, those behind `after`.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = history.payments_of(session, viewer, after=after, limit=PAGE_LINES + 1)
    lines = tuple(payment_line(payment) for payment in found[:PAGE_LINES])
    return PastPayments(lines, lines[-1].payment_id if len(found) > PAGE_LINES else "")
