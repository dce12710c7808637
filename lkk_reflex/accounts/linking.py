"""Connecting an account to a cabinet by its number, and what one may do with the connection.

Numbers are printed and sequential, so they prove nothing: a connection shows the sum and nothing personal, every
failure looks the same, and guessing is limited.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from lkk_reflex.accounts import paperless, repository
from lkk_reflex.accounts.errors import OwnNameTooLong
from lkk_reflex.accounts.lookup import Throttle, find_account
from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.identity import own_changes
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import violates
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys, take

OWN_NAME_LIMIT = 60
#: How long a disconnection can be taken back.
UNDO_TIME = timedelta(minutes=10)
_PUBLIC_ID_BYTES = 16
_DAY = timedelta(days=1)
_ACTION = "accounts.connect"
#: Wrong numbers only: a right one takes its attempt back. Per subscriber, address and network of the address.
LIMITS = (
    Limit(_ACTION, Scope.SUBJECT, 5, _DAY),
    Limit(_ACTION, Scope.ADDRESS, 10, _DAY),
    Limit(_ACTION, Scope.NETWORK, 50, _DAY),
)
#: Right numbers too: a cabinet is for one's own accounts and those of relatives, not for reading a street's debts.
CONNECTED_LIMITS = (
    Limit(f"{_ACTION}ed", Scope.SUBJECT, 20, _DAY),
    Limit(f"{_ACTION}ed", Scope.ADDRESS, 40, _DAY),
    Limit(f"{_ACTION}ed", Scope.NETWORK, 200, _DAY),
)
_THROTTLE = Throttle(_ACTION, LIMITS, CONNECTED_LIMITS)


class Outcome(StrEnum):
    """What connecting has changed."""

    CONNECTED = "connected"
    RECONNECTED = "reconnected"
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Connection:
    """A living connection; `public_id` names it in addresses."""

    public_id: str
    outcome: Outcome
    provider_name: str


def connect(session: Session, viewer: Viewer, *, provider_id: int, typed: str) -> Connection:
    """Connect the account with the typed number, in any spelling, or from a pasted payment code.

    A payment code that names another provider of this portal is connected there.

    Raises:
        SignInRequired: the viewer is no subscriber.
        ProviderMissing: there is no such provider.
        NumberMissing, CodeWithoutNumber, NumberUnfit, BankAccountTyped, InnTyped, BicTyped: it cannot be a number of
            this provider; nothing is looked up and no attempt is counted.
        TooManyAttempts: too many wrong numbers.
        UnifiedNumberUnknown: a ЕЛС that the provider's registers do not hold.
        TooManyChanges: connections came back too often.
        AccountNotConfirmed: for every other reason.
    """
    subscriber_id = viewer.require_subscriber()
    keys = {Scope.SUBJECT: str(subscriber_id)} | address_keys(viewer.address)
    found = find_account(session, _THROTTLE, keys, provider_id=provider_id, typed=typed)
    public_id, outcome = _linked(session, subscriber_id, found.account_id)
    if outcome is Outcome.CONNECTED:
        take(session, CONNECTED_LIMITS, keys)
    elif outcome is Outcome.RECONNECTED:
        own_changes.count(session, viewer, Change.RECONNECTION)
    return Connection(public_id, outcome, found.provider_name)


def rename(session: Session, viewer: Viewer, *, public_id: str, own_name: str) -> str:
    """Give a connected account the viewer's own name, or take it away with an empty one; return what was saved.

    Raises:
        Forbidden: the viewer has no such connection.
        OwnNameTooLong: more than 60 characters.
        TooManyChanges: accounts were named too often.
    """
    if _own(session, viewer, public_id).own_name != checked_own_name(own_name):
        own_changes.count(session, viewer, Change.OWN_NAME)
    return name_first(session, viewer, public_id=public_id, own_name=own_name)


def name_first(session: Session, viewer: Viewer, *, public_id: str, own_name: str) -> str:
    """Give a name in the unit of work that connects the account, which is counted already; return what was saved.

    Raises:
        Forbidden, OwnNameTooLong: as `rename`.
    """
    link = _own(session, viewer, public_id)
    link.own_name = checked_own_name(own_name)
    session.add(link)
    return link.own_name


def checked_own_name(typed: str) -> str:
    """Return an own name as it is kept: in one line, without signs that do not show.

    Raises:
        OwnNameTooLong: more than 60 characters.
    """
    bare = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if len(bare) > OWN_NAME_LIMIT:
        raise OwnNameTooLong(limit=OWN_NAME_LIMIT)
    return bare


def disconnect(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """End a connection; the account and its bills stay with the provider. Only coming back is limited.

    Raises:
        Forbidden: the viewer has no such connection.
    """
    link, now = _own(session, viewer, public_id), clock.now()
    link.ended_at = now
    session.add(link)
    # At the same moment, by which the choice that ended with the connection is known when that is taken back.
    paperless.end_with(session, viewer, account_id=link.account_id, ended_at=now, link_id=link.id)


def take_back_disconnection(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """Bring back a connection that was ended by mistake a moment ago: its name, its level, its choice of paper.

    What the company has ended (the owner has changed) comes back at basic access, which needs no proof. Later than
    `UNDO_TIME` the account is connected anew by its number.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has ended no such connection, or too long ago.
        TooManyChanges: connections came back too often.
    """
    link = repository.ended_link(session, viewer, public_id, ended_after=clock.now() - UNDO_TIME)
    if link is None or link.ended_at is None:
        raise Forbidden
    own_changes.count(session, viewer, Change.RECONNECTION)
    paperless.restore_with(session, viewer, link=link, ended_at=link.ended_at)
    link.ended_at = None
    session.add(link)


def _linked(session: Session, subscriber_id: int, account_id: int) -> tuple[str, Outcome]:
    link = repository.link_to_account(session, subscriber_id, account_id)
    if link is None:
        return _new_link(session, subscriber_id, account_id)
    if link.ended_at is None:
        return link.public_id, Outcome.ALREADY
    # Proofs given before the disconnection are not taken over: the owner may have changed meanwhile.
    link.ended_at, link.level, link.own_name = None, LinkLevel.BASIC, ""
    session.add(link)
    return link.public_id, Outcome.RECONNECTED


def _new_link(session: Session, subscriber_id: int, account_id: int) -> tuple[str, Outcome]:
    link = AccountLink(
        public_id=secrets.token_urlsafe(_PUBLIC_ID_BYTES),
        subscriber_id=subscriber_id,
        account_id=account_id,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError as error:
        if not violates(error, "uq_account_link_subscriber_id_account_id"):
            raise
        # The same click arrived twice, and the other one was first.
        other = repository.link_to_account(session, subscriber_id, account_id)
        if other is None:
            raise
        return other.public_id, Outcome.ALREADY
    return link.public_id, Outcome.CONNECTED


def _own(session: Session, viewer: Viewer, public_id: str) -> AccountLink:
    link = repository.own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    return link
