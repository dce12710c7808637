"""Acting on an account without a cabinet: by its number, or by a link that a letter has brought.

A pass shows the sum and nothing personal, is for one account, and ends by itself.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from lkk_reflex.accounts import guests_repository as repository
from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.accounts.lookup import Throttle, find_account
from lkk_reflex.accounts.models import GuestPass, GuestScope
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys, take
from lkk_reflex.kit.tokens import new_token, token_hash

PASS_LIFE = timedelta(hours=1)
READINGS_PATH = "/quick/readings"
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
    keys = address_keys(viewer.address)
    found = find_account(session, THROTTLE, keys, provider_id=provider_id, typed=typed)
    # Right numbers too: nobody reads a street's debts.
    take(session, THROTTLE.found, keys)
    audit.record(session, viewer, "guest.opened", subject=str(found.account_id))
    return _give_pass(session, found.account_id, GuestScope.ALL, clock.now() + PASS_LIFE)


def reading_link(session: Session, *, account_id: int, expires_at: datetime) -> str:
    """Return the path of a page that takes this account's readings without a sign-in, until a moment.

    For the letter about the window of readings; the caller knows that the account is the addressee's.
    """
    return f"{READINGS_PATH}/{_give_pass(session, account_id, GuestScope.READINGS, expires_at)}"


def guest_of(session: Session, viewer: Viewer, *, token: str, pays: bool = False) -> Viewer:
    """Return who acts by the pass; `pays` asks for one that is for paying too.

    Raises:
        PassEnded: there is no such pass any more, or it is not for paying.
    """
    found = repository.living_pass(session, token_hash(token), clock.now())
    if found is None or (pays and found.scope is not GuestScope.ALL):
        raise PassEnded
    return replace(
        viewer,
        role=Role.GUEST,
        subscriber_id=None,
        session_id=None,
        provider_ids=frozenset(),
        guest_account_id=found.account_id,
        guest_may_pay=found.scope is GuestScope.ALL,
    )


def purge(session: Session) -> None:
    """Forget the passes that have ended."""
    repository.forget_passes(session, clock.now())


def _give_pass(session: Session, account_id: int, scope: GuestScope, expires_at: datetime) -> str:
    token = new_token()
    session.add(
        GuestPass(
            token_hash=token_hash(token),
            account_id=account_id,
            scope=scope,
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    return token
