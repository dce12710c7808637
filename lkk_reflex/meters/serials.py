"""The serial number of a meter as a proof that the account is one's own."""

from sqlmodel import Session


def serial_matches(session: Session, *, account_id: int, typed: str) -> bool:
    """Tell whether a typed text is the whole serial number of an active meter of the account, in any spelling.

    Takes the same time whether or not there are meters; the caller limits the attempts.
    """
    raise NotImplementedError
