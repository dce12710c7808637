"""What a person must know before the cabinet is closed."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.cabinet.summary import cabinet_home
from lkk_reflex.identity.closing import last_day_if_closed_now
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.payments.history import unfinished_payments


@dataclass(frozen=True, slots=True)
class BeforeClosing:
    """What is said beside the button."""

    #: `1 542,30 ₽`; empty when nothing is owed on the connected accounts.
    debt: str = ""
    #: Sums of payments that are still under way.
    unfinished: str = ""
    #: Until when the cabinet can be taken back: `22.12.2026`.
    until: str = ""


def before_closing(session: Session, viewer: Viewer) -> BeforeClosing:
    """Return what stays behind when the viewer closes the cabinet now.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    home = cabinet_home(session, viewer)
    return BeforeClosing(
        debt=home.total_due if home.has_debt else "",
        unfinished=", ".join(unfinished_payments(session, viewer)),
        until=last_day_if_closed_now(),
    )
