"""Addresses that a signed-in subscriber wants to use and must first prove to own: a new login, a second e-mail."""

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, repository
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.errors import MessageTooSoon, NothingPending
from lkk_reflex.identity.models import Confirmation, Purpose
from lkk_reflex.identity.projection import FlowView
from lkk_reflex.identity.rules import Login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit


def begin(session: Session, viewer: Viewer, *, purpose: Purpose, address: Login, taken_by: int | None = None) -> None:
    """Send a code to the address, in place of what was begun of this kind before.

    `taken_by` is whose login the address is already: then no code fits, and the owner is told instead. Used-up limits
    of messages are not told here, so that the answer is the same for every address.

    Raises:
        SignInRequired: for who is not a subscriber.
        TooManyAttempts: when this subscriber has asked for too many today.
    """
    subscriber_id = viewer.require_subscriber()
    rate_limit.take(session, limits.OWN_CHANGES, limits.keys_of(viewer.address, str(subscriber_id)))
    now = clock.now()
    confirmation = own.own_confirmation(session, subscriber_id, purpose, now)
    if confirmation is None or confirmation.login != address.value:
        own.end_own_confirmations(session, subscriber_id, now, purpose=purpose)
        confirmation = Confirmation(
            purpose=purpose,
            login=address.value,
            login_kind=address.kind,
            address=viewer.address,
            created_at=now,
            expires_at=now,
        )
    confirmation.subscriber_id = taken_by
    confirmation.expires_at = now + limits.FLOW_LIFE
    session.add(confirmation)
    session.flush()
    own.keep_as_own(session, subscriber_id, purpose, repository.stored_id(confirmation.id))
    try:
        codes.send(session, viewer, confirmation)
    except MessageTooSoon:
        audit.record(session, viewer, "message.withheld", subject=audit.hashed(confirmation.login))


def pending(session: Session, viewer: Viewer, *, purpose: Purpose) -> FlowView | None:
    """Return what waits for its code, or None.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    found = own.own_confirmation(session, viewer.require_subscriber(), purpose, clock.now())
    return codes.shown(session, viewer, found) if found else None


def resend(session: Session, viewer: Viewer, *, purpose: Purpose) -> None:
    """Send the code once more.

    Raises:
        SignInRequired: for who is not a subscriber.
        NothingPending: when nothing waits for a code.
        MessageTooSoon: when the last message was too recent, or there were too many today.
    """
    codes.send(session, viewer, waiting(session, viewer, purpose))


def cancel(session: Session, viewer: Viewer, *, purpose: Purpose) -> None:
    """Give up what waits for its code; nothing happens when nothing does.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    subscriber_id, now = viewer.require_subscriber(), clock.now()
    if own.own_confirmation(session, subscriber_id, purpose, now) is None:
        return
    own.end_own_confirmations(session, subscriber_id, now, purpose=purpose)
    audit.record(session, viewer, f"{purpose}.cancelled", subscriber_id=subscriber_id)


def prove(session: Session, viewer: Viewer, *, purpose: Purpose, code: str) -> Confirmation:
    """Check the code and finish what waited for it.

    Raises:
        SignInRequired: for who is not a subscriber.
        NothingPending: when nothing waits for a code.
        CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `codes.check`.
    """
    confirmation = waiting(session, viewer, purpose)
    codes.check(session, viewer, confirmation, code)
    if not repository.finish_confirmation(session, repository.stored_id(confirmation.id), clock.now()):
        raise NothingPending
    return confirmation


def waiting(session: Session, viewer: Viewer, purpose: Purpose) -> Confirmation:
    """Return what waits for its code.

    Raises:
        SignInRequired: for who is not a subscriber.
        NothingPending: when nothing does.
    """
    found = own.own_confirmation(session, viewer.require_subscriber(), purpose, clock.now())
    if found is None:
        raise NothingPending
    return found
