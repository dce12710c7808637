"""Limits of attempts, counted in the database: they survive a restart and hold for several processes.

One row a key. `take` counts an attempt *before* it is evaluated, in one atomic statement, so that parallel guesses
cannot pass; `forgive` gives it back when the attempt was honest.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, SQLModel, col, select

from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.errors import PortalError

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_MINUTE = 60


class RateCounter(SQLModel, table=True):
    """How many attempts one key has made in its present window, and until when it must wait."""

    __tablename__ = "rate_counter"

    key_hash: str = Field(primary_key=True, max_length=64)
    count: int
    window_started_at: datetime
    blocked_until: datetime | None = None


class Scope(StrEnum):
    """Whose attempts a limit counts."""

    SUBJECT = "subject"  # the login, the account, the subscriber
    ADDRESS = "address"  # an IPv4 address, an IPv6 /64
    NETWORK = "network"  # an IPv4 /24, an IPv6 /48
    GLOBAL = "global"  # everybody


class Wait(StrEnum):
    """How long a key waits when its attempts are used up."""

    WINDOW = "window"  # until the window ends
    GROWING = "growing"  # 30 s, doubled by each further failure, at most an hour


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` attempts of one action a window, for one scope."""

    action: str
    scope: Scope
    amount: int
    window: timedelta
    wait: Wait = Wait.WINDOW


class TooManyAttempts(PortalError):
    """The attempts of a key are used up; `wait` says in words how long to wait."""

    code = "portal.too_many_attempts"
    text = "Слишком много попыток. Попробуйте через {wait}."
    keeps_work = True


def address_keys(address: str) -> dict[Scope, str]:
    """Return the keys of an IP address for the scopes ADDRESS and NETWORK; an unknown address shares one key."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return {Scope.ADDRESS: "unknown", Scope.NETWORK: "unknown"}
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    near, wide = (32, 24) if ip.version == 4 else (64, 48)
    return {
        Scope.ADDRESS: str(ipaddress.ip_network(f"{ip}/{near}", strict=False)),
        Scope.NETWORK: str(ipaddress.ip_network(f"{ip}/{wide}", strict=False)),
    }


def take(session: Session, limits: Iterable[Limit], keys: Mapping[Scope, str]) -> None:
    """Count one attempt against every limit.

    Raises:
        TooManyAttempts: when one of them is used up; the refused attempt itself is not counted against that limit.
    """
    for limit in limits:
        _take_one(session, limit, _key_hash(limit, keys))


def forgive(session: Session, limits: Iterable[Limit], keys: Mapping[Scope, str]) -> None:
    """Take back an attempt that turned out right: the subject starts anew, shared counters lose this one attempt."""
    for limit in limits:
        if limit.scope is Scope.SUBJECT:
            session.exec(delete(RateCounter).where(col(RateCounter.key_hash) == _key_hash(limit, keys)))
        else:
            give_back(session, [limit], keys)


def give_back(session: Session, limits: Iterable[Limit], keys: Mapping[Scope, str]) -> None:
    """Take back this one attempt everywhere: a right answer that everybody can repeat must not wipe out wrong ones."""
    for limit in limits:
        session.exec(
            update(RateCounter)
            .where(col(RateCounter.key_hash) == _key_hash(limit, keys), col(RateCounter.count) > 0)
            .values(count=RateCounter.count - 1, blocked_until=None)
        )


def require_room(session: Session, limits: Iterable[Limit], keys: Mapping[Scope, str]) -> None:
    """Refuse while one of the limits is used up, without counting an attempt.

    Raises:
        TooManyAttempts: as `take`.
    """
    for limit in limits:
        if remaining := wait(session, limit, keys):
            raise TooManyAttempts(wait=in_words(remaining))


def left(session: Session, limit: Limit, keys: Mapping[Scope, str]) -> int:
    """Return how many attempts remain in the present window."""
    row = session.get(RateCounter, _key_hash(limit, keys), populate_existing=True)
    if row is None or row.window_started_at <= clock.now() - limit.window:
        return limit.amount
    return max(0, limit.amount - row.count)


def wait(session: Session, limit: Limit, keys: Mapping[Scope, str]) -> timedelta:
    """Return how long the next attempt must wait; zero when it need not."""
    row = session.get(RateCounter, _key_hash(limit, keys), populate_existing=True)
    if row is None or row.blocked_until is None:
        return timedelta(0)
    return max(timedelta(0), row.blocked_until - clock.now())


def purge(session: Session, older_than: timedelta = timedelta(days=400)) -> None:
    """Forget counters whose window began long ago."""
    session.exec(delete(RateCounter).where(col(RateCounter.window_started_at) < clock.now() - older_than))


def in_words(wait: timedelta) -> str:
    """Return a waiting time for the screen: `45 с`, `4 мин`, `2 ч`, rounded up."""
    seconds = max(1, int(wait.total_seconds() + 0.999))
    if seconds < 2 * _MINUTE:
        return f"{seconds} с"
    if seconds < 2 * _MINUTE * _MINUTE:
        return f"{-(-seconds // _MINUTE)} мин"
    return f"{-(-seconds // (_MINUTE * _MINUTE))} ч"


def _take_one(session: Session, limit: Limit, key_hash: str) -> None:
    now = clock.now()
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    fresh = col(RateCounter.window_started_at) <= now - limit.window
    statement = insert(RateCounter).values(key_hash=key_hash, count=1, window_started_at=now)
    counted = session.exec(
        statement.on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "count": case((fresh, 1), else_=RateCounter.count + 1),
                "window_started_at": case((fresh, now), else_=RateCounter.window_started_at),
                "blocked_until": None,
            },
            where=or_(col(RateCounter.blocked_until).is_(None), col(RateCounter.blocked_until) <= now),
        ).returning(col(RateCounter.count), col(RateCounter.window_started_at))
    ).one_or_none()
    if counted is None:
        blocked_until = session.exec(select(RateCounter.blocked_until).where(RateCounter.key_hash == key_hash)).one()
        raise TooManyAttempts(wait=in_words((blocked_until or now) - now))
    count, window_started_at = counted
    if count >= limit.amount:
        session.exec(
            update(RateCounter)
            .where(col(RateCounter.key_hash) == key_hash)
            .values(blocked_until=_blocked_until(limit, count, window_started_at, now))
        )


def _blocked_until(limit: Limit, count: int, window_started_at: datetime, now: datetime) -> datetime:
    if limit.wait is Wait.WINDOW:
        return window_started_at + limit.window
    doublings = min(count - limit.amount, 16)
    return now + min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def _key_hash(limit: Limit, keys: Mapping[Scope, str]) -> str:
    subject = "" if limit.scope is Scope.GLOBAL else keys[limit.scope]
    return keyring().keyed_hash("limit", limit.action, limit.scope, str(int(limit.window.total_seconds())), subject)
