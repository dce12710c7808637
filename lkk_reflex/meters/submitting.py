"""Taking readings, correcting and withdrawing them."""

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters.views import Form, Submission


def submit(session: Session, viewer: Viewer, *, form: Form) -> Submission:
    """Save the readings of all meters of a form that have values and leave nothing to ask; each has its own outcome.

    The same form sent twice, or at the same time, saves once. A reading of the period that is not exported yet is
    corrected: a new version takes its place.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
        ReadingMissing: the form has no values at all.
    """
    raise NotImplementedError


def withdraw(session: Session, viewer: Viewer, *, link_id: str, number: str) -> None:
    """Take back a reading that is not exported yet.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection or may not see such a reading.
        ReadingEnded: it is exported, counted, withdrawn or replaced already, or its window is over.
    """
    raise NotImplementedError
