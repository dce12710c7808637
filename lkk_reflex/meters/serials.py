"""The serial number of a meter as a proof that the account is one's own."""

import hmac

from sqlmodel import Session

from lkk_reflex.accounts.proof_rules import SERIAL_SIGNS, folded_serial
from lkk_reflex.meters import repository

#: So many comparisons are made for every account.
_COMPARISONS = 16
_NOTHING = "-" * SERIAL_SIGNS


def serial_matches(session: Session, *, account_id: int, typed: str) -> bool:
    """Tell whether a typed text is the whole serial number of a meter of the account that is read, in any spelling.

    Does the same work whether or not there are meters; the caller limits the attempts. Numbers of fewer than five
    signs beside leading zeros prove nothing.
    """
    told = folded_serial(typed)
    known = [folded_serial(serial) for serial in repository.serials(session, account_id)]
    padded = known + [_NOTHING] * (_COMPARISONS - len(known))
    matches = [hmac.compare_digest(told.encode(), serial.encode()) for serial in padded]
    return len(told) >= SERIAL_SIGNS and any(matches)
