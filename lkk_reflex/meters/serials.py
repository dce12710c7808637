"""The serial number of a meter as a proof that the account is one's own."""

import hmac
import re

from sqlmodel import Session

from lkk_reflex.accounts.proof_rules import SERIAL_SIGNS
from lkk_reflex.meters import repository

#: So many comparisons are made for every account.
_COMPARISONS = 16
_NO_SIGNS = re.compile(r"[\W_]+")
#: Letters that look alike on a plate and on a keyboard of either language.
_LOOK_ALIKE = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")
_NOTHING = "-" * SERIAL_SIGNS


def serial_matches(session: Session, *, account_id: int, typed: str) -> bool:
    """Tell whether a typed text is the whole serial number of a meter of the account that is read, in any spelling.

    Does the same work whether or not there are meters; the caller limits the attempts. Numbers of fewer than five
    signs prove nothing.
    """
    told = folded(typed)
    known = [folded(serial) for serial in repository.serials(session, account_id)]
    padded = known + [_NOTHING] * (_COMPARISONS - len(known))
    matches = [hmac.compare_digest(told.encode(), serial.encode()) for serial in padded]
    return len(told) >= SERIAL_SIGNS and any(matches)


def folded(text: str) -> str:
    """Return a serial number without signs, spaces and leading zeros, in Latin capitals."""
    return _NO_SIGNS.sub("", text.upper()).translate(_LOOK_ALIKE).removeprefix("N").lstrip("0")
