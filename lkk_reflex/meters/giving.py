"""Giving readings from a page: as `submitting.submit`, no oftener than a person does."""

from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.rate_limit import Limit, Scope, take
from lkk_reflex.meters.submitting import submit
from lkk_reflex.meters.views import Form, Submission

#: Far above what a person does, far below what a script would like: every correction is kept for ever.
LIMITS = (Limit("meters.give", Scope.SUBJECT, 60, timedelta(minutes=15)),)


def give(session: Session, viewer: Viewer, *, form: Form) -> Submission:
    """Save the readings of a form.

    Raises:
        TooManyAttempts: for who sends form after form.
        PortalError: as `submitting.submit`.
    """
    take(session, LIMITS, {Scope.SUBJECT: str(viewer.require_subscriber())})
    return submit(session, viewer, form=form)
