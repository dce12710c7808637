"""Past readings with their way into the bill, and what was used month by month."""

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters.views import Consumption, PastReading


def history(
    session: Session, viewer: Viewer, *, link_id: str, meter_id: str = "", skip: int = 0, limit: int = 50
) -> list[PastReading]:
    """Return all versions of the readings of an account, the newest first: at basic access the viewer's own alone.

    `meter_id` picks one meter; `skip` is how many readings the pages before have shown.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    raise NotImplementedError


def consumption(session: Session, viewer: Viewer, *, link_id: str, months: int = 12) -> list[Consumption]:
    """Return what was used in each of the last months and in the same months a year before, by resource.

    Raises:
        SignInRequired, Forbidden: as `history`.
        ExtendedAccessRequired: nothing has proved yet that the account is the viewer's.
    """
    raise NotImplementedError
