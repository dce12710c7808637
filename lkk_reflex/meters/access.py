"""Whose meters a viewer may see: the one way from a link to an account."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.proof_rules import SERIAL_SIGNS, folded_serial
from lkk_reflex.accounts.statements import linked_bill
from lkk_reflex.identity.viewer import Viewer

_SHOWN_DIGITS = 2
_HIDDEN = "••"


@dataclass(frozen=True, slots=True)
class MeterAccount:
    """An account as the meters slice sees it; `subscriber_id` is None for who has no cabinet."""

    link_id: str
    account_id: int
    provider_id: int
    provider_name: str
    time_zone: str
    is_extended: bool
    subscriber_id: int | None

    def serial(self, serial: str) -> str:
        """Return a serial number as the viewer may see it."""
        return seen_serial(serial, is_extended=self.is_extended)


def meters_account(session: Session, viewer: Viewer, link_id: str) -> MeterAccount:
    """Return the account that the viewer has connected under this name.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    bill = linked_bill(session, viewer, public_id=link_id)
    return MeterAccount(
        link_id=link_id,
        account_id=bill.account_id,
        provider_id=bill.provider_id,
        provider_name=bill.provider_name,
        time_zone=bill.time_zone,
        is_extended=bill.level is LinkLevel.EXTENDED,
        subscriber_id=viewer.subscriber_id,
    )


def seen_serial(serial: str, *, is_extended: bool) -> str:
    """Return a serial number as this access shows it: in full it proves that the account is one's own."""
    return serial if is_extended else masked_serial(serial)


def masked_serial(serial: str) -> str:
    """Return enough of a serial number to tell the meters of a home apart: `••78`.

    What stays hidden is as much as may prove something, so a short number shows less, or nothing.
    """
    shown = min(_SHOWN_DIGITS, max(0, len(folded_serial(serial)) - SERIAL_SIGNS))
    return f"{_HIDDEN}{serial[len(serial) - shown :]}"
