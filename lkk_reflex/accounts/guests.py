"""Acting on an account without a cabinet, by its number.

A pass shows the sum and nothing personal, is for one account, and ends by itself.
"""

from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts import guests_repository as repository
from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.accounts.lookup import Throttle, find_account
from lkk_reflex.accounts.models import GuestPass
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys, take
from lkk_reflex.kit.tokens import new_token, token_hash

PASS_LIFE = timedelta(hours=1)
_DAY = timedelta(days=1)
_ACTION = "accounts.guest"
#: As for connecting, without a subscriber to count by.
THROTTLE = Throttle(
    action=_ACTION,
    wrong=(Limit(_ACTION, Scope.ADDRESS, 10, _DAY), Limit(_ACTION, Scope.NETWORK, 50, _DAY)),
    found=(Limit(f"{_ACTION}.found", Scope.ADDRESS, 20, _DAY), Limit(f"{_ACTION}.found", Scope.NETWORK, 200, _DAY)),
)


def open_pass(session: Session, viewer: Viewer, *, provider_id: int, typed: str) -> str:
    """Return the token of a pass to the account with the typed number; anybody may ask.

    The answer is the same whether somebody has connected the account or not.

    Raises:
        PortalError: as `lookup.find_account`.
    """
    found = find_account(session, THROTTLE, address_keys(viewer.address), provider_id=provider_id, typed=typed)
    return open_pass_to(session, viewer, account_id=found.account_id)


def open_pass_to(session: Session, viewer: Viewer, *, account_id: int) -> str:
    """Return the token of a pass to an account; the caller has checked that the viewer may have one.

    Raises:
        TooManyAttempts: the address has had too many passes.
    """
    # Right numbers are counted too: nobody reads a street's debts.
    take(session, THROTTLE.found, address_keys(viewer.address))
    audit.record(session, viewer, "guest.opened", subject=str(account_id))
    token, now = new_token(), clock.now()
    session.add(
        GuestPass(token_hash=token_hash(token), account_id=account_id, created_at=now, expires_at=now + PASS_LIFE)
    )
    return token


def guest_of(session: Session, viewer: Viewer, *, token: str) -> Viewer:
    """Return who acts by the pass.

    Raises:
        PassEnded: there is no such pass any more.
    """
    found = repository.living_pass(session, token_hash(token), clock.now())
    if found is None:
        raise PassEnded
    return guest_to(viewer, found.account_id, pays=True)


def guest_to(viewer: Viewer, account_id: int, *, pays: bool) -> Viewer:
    """Return the guest of an account, whoever the viewer is else; the caller has checked that it may be so."""
    return Viewer(role=Role.GUEST, guest_account_id=account_id, guest_may_pay=pays, address=viewer.address)


def purge(session: Session) -> None:
    """Forget the passes that have ended."""
    repository.forget_passes(session, clock.now())
