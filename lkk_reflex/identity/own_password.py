"""Asking who is signed in for the password again, before something that a borrowed browser must not do."""

from sqlmodel import Session

from lkk_reflex.identity import audit, limits
from lkk_reflex.identity import security_repository as repository
from lkk_reflex.identity.errors import OwnPasswordMissing, OwnPasswordWait, OwnPasswordWrong
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import passwords, rate_limit
from lkk_reflex.kit.db import unit_of_work


def prove(viewer: Viewer, *, password: str) -> None:
    """Compare the password with the viewer's own.

    Opens its own units of work: the attempt is counted and committed first, and the password is compared with no
    transaction open.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordMissing: nothing was typed; no try is spent.
        OwnPasswordWrong: with the tries left, or the time to wait.
        TooManyAttempts: when the tries are used up.
        PasswordsBusy: when the machine has no room for another hash now.
    """
    subscriber_id = viewer.require_subscriber()
    require_typed(password)
    keys = limits.keys_of(viewer.address, str(subscriber_id))
    with unit_of_work() as session:
        rate_limit.take(session, limits.OWN_PASSWORD, keys)
        stored = repository.subscriber(session, subscriber_id).password_hash
    try:
        is_right = passwords.verify_password(password, stored)
    except passwords.PasswordsBusy:
        with unit_of_work() as session:
            rate_limit.give_back(session, limits.OWN_PASSWORD, keys)
        raise
    with unit_of_work() as session:
        if not is_right:
            _refuse(session, viewer, subscriber_id)
        rate_limit.forgive(session, limits.OWN_PASSWORD, keys)


def require_typed(password: str) -> None:
    """Refuse an empty field before the rest of its form is looked at.

    Raises:
        OwnPasswordMissing: nothing was typed.
    """
    if not password:
        raise OwnPasswordMissing


def _refuse(session: Session, viewer: Viewer, subscriber_id: int) -> None:
    audit.record(session, viewer, "own_password.refused", subscriber_id=subscriber_id)
    keys = limits.keys_of(viewer.address, str(subscriber_id))
    left = min(rate_limit.left(session, limit, keys) for limit in limits.OWN_PASSWORD)
    if left:
        raise OwnPasswordWrong(left=left)
    waits = [rate_limit.wait(session, limit, keys) for limit in limits.OWN_PASSWORD]
    raise OwnPasswordWait(wait=rate_limit.in_words(max(waits)))
