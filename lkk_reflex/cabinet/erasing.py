"""Erasing cabinets whose time to be taken back is over: every slice erases its part, identity comes last.

Each part is a unit of work of its own that also notes that it is done, so a broken erasure goes on where it stopped
and counts nothing twice.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts import own_data as accounts_data
from lkk_reflex.identity import closing
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.log import report_fault
from lkk_reflex.meters import own_data as meters_data
from lkk_reflex.payments import own_data as payments_data
from lkk_reflex.support import own_data as support_data

logger = logging.getLogger(__name__)

#: Takes the session, the system as viewer and `subscriber_id`; returns how many records of which category are gone.
Eraser = Callable[..., Mapping[str, int]]

STEPS: Final[tuple[tuple[str, Eraser], ...]] = (
    ("payments", payments_data.erase),
    ("readings", meters_data.erase),
    ("tickets", support_data.erase),
    ("accounts", accounts_data.erase),
)


def erase_due() -> None:
    """Erase every cabinet that is due; one that fails is reported and tried again next time."""
    viewer = Viewer.system()
    with reading() as session:
        due = closing.due(session, viewer)
    for closing_id in due:
        try:
            erase(viewer, closing_id=closing_id)
        except Exception as error:  # noqa: BLE001 - one cabinet must not keep the others from being erased.
            report_fault(logger, error)


def erase(viewer: Viewer, *, closing_id: int) -> None:
    """Erase one cabinet, or what is left of it; nothing happens when it was taken back or is not due.

    Raises:
        Forbidden: the viewer is not the system.
    """
    for name, eraser in STEPS:
        with unit_of_work() as session:
            _erase_part(session, viewer, closing_id, name, eraser)
    with unit_of_work() as session:
        closing.finish(session, viewer, closing_id=closing_id)


def _erase_part(session: Session, viewer: Viewer, closing_id: int, name: str, eraser: Eraser) -> None:
    subscriber_id = closing.subscriber_to_erase(session, viewer, closing_id=closing_id)
    if subscriber_id is None or closing.is_step_done(session, closing_id=closing_id, name=name):
        return
    counts = eraser(session, viewer, subscriber_id=subscriber_id)
    closing.note_step(session, closing_id=closing_id, name=name, counts=counts)
