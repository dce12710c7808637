"""The form of an account: its meters, what was read last, when readings are taken."""

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters.views import Checked, Desk, Form


def desk(session: Session, viewer: Viewer, *, link_id: str) -> Desk:
    """Return everything that the form of an account needs; an account without meters has an empty one.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    raise NotImplementedError


def check(session: Session, viewer: Viewer, *, form: Form) -> Checked:
    """Say what the values of a form mean, without saving anything; no values make an empty answer.

    Raises:
        SignInRequired, Forbidden: as `desk`.
    """
    raise NotImplementedError
