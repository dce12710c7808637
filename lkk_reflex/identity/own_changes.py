"""How often a subscriber may change what is their own: most changes leave a line in the audit or a record for ever."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity.errors import TooManyChanges
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts, take


class Change(StrEnum):
    """What is changed; each is counted by itself."""

    PROFILE = "profile"
    CONSENT = "consent"
    NOTICES = "notices"
    OWN_NAME = "own_name"
    PAPER = "paper"
    #: An account is connected again after it was disconnected, or its disconnection is taken back.
    RECONNECTION = "reconnection"
    RATING = "rating"


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: Far above what a person does, who manages dozens of accounts too, far below what a script would like.
LIMITS: Final = {
    change: (Limit(f"change.{change}", Scope.SUBJECT, 100, _HOUR), Limit(f"change.{change}", Scope.SUBJECT, 300, _DAY))
    for change in Change
}


def count(session: Session, viewer: Viewer, change: Change) -> None:
    """Count one change, in the unit of work that makes it.

    Raises:
        SignInRequired: the viewer is no subscriber.
        TooManyChanges: those of this hour or day are used up; nothing of the unit of work is kept then.
    """
    try:
        take(session, LIMITS[change], {Scope.SUBJECT: str(viewer.require_subscriber())})
    except TooManyAttempts as refusal:
        raise TooManyChanges(**refusal.params) from refusal
