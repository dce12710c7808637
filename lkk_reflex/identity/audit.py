"""The audit: append-only, one row an attempt. Later slices write here too."""

from sqlmodel import Session

from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring


def record(
    session: Session, viewer: Viewer, action: str, *, subscriber_id: int | None = None, subject: str = ""
) -> None:
    """Add a row in the transaction of what it records.

    `action` is a stable tag such as `sign_in.refused`; `subject` is an id or `hashed(login)`, never personal data.
    """
    session.add(
        AuditEvent(
            at=clock.now(),
            actor_role=viewer.role,
            actor_id=viewer.subscriber_id,
            subscriber_id=subscriber_id,
            subject=subject,
            action=action,
            address=viewer.address,
        )
    )


def all_hashed(login: str) -> list[str]:
    """Return `hashed` by the present secret and by the older ones, to find what was recorded under any."""
    return keyring().keyed_hashes("audit", login)


def hashed(login: str) -> str:
    """Return a keyed hash by which attempts on one login are recognised without storing the login."""
    return keyring().keyed_hash("audit", login)
