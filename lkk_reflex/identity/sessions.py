"""Signing in and out, and telling from a cookie who is here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, repository, second_factor, tickets
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import FlowLost, PasswordMissing, ResetNeeded, WrongPair, WrongPairWait
from lkk_reflex.identity.models import Confirmation, NoticeEvent, Purpose, Subscriber, SubscriberSession
from lkk_reflex.identity.notices import tell
from lkk_reflex.identity.projection import SessionView
from lkk_reflex.identity.rules import Login, device_name, normalise_login
from lkk_reflex.identity.security_projection import ago, day_and_time
from lkk_reflex.identity.security_repository import enabled_factor
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock, passwords, rate_limit
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Problems
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts
from lkk_reflex.kit.tokens import new_token, token_hash
from lkk_reflex.settings import PasswordProfile, get_settings


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The tokens for the cookies of a browser that has signed in."""

    session_token: str
    device_token: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at a password, already counted."""

    login: Login
    subscriber_id: int | None
    stored_hash: str | None
    #: When this password was chosen.
    chosen_at: datetime | None
    is_known_device: bool
    limits: limits.PasswordLimits
    spray: tuple[Limit, ...]
    keys: dict[Scope, str]

    @property
    def counted(self) -> tuple[Limit, ...]:
        return (*self.limits.all, *self.spray)


def sign_in(viewer: Viewer, *, login: str, password: str, browser: Browser, next_path: str = tickets.HOME) -> str:
    """Check the pair and return a ticket: for a session, or for the page that asks for a second step.

    The second step is the second factor for who has switched it on, otherwise the code of a new device.

    Opens its own units of work: the attempt is counted and committed first, the password is compared with no
    transaction open, and the outcome is written last.

    Raises:
        LoginUnreadable: when it is no login at all.
        PasswordMissing: when none was typed; no try is spent.
        FormRefused: both.
        WrongPair: with the tries left; the same for an unknown login.
        TooManyAttempts, ResetNeeded: when the tries are used up; also the same.
        PasswordsBusy: when the machine has no room for another hash now.
    """
    problems = Problems()
    with problems.noted():
        who = normalise_login(login)
    with problems.noted():
        if not password:
            raise PasswordMissing
    problems.refuse()
    with unit_of_work() as session:
        attempt = _count_attempt(session, viewer, who, browser)
    try:
        matches = _matches(password, attempt.stored_hash)
    except passwords.PasswordsBusy:
        with unit_of_work() as session:
            rate_limit.forgive(session, attempt.counted, attempt.keys)
        raise
    new_hash = None
    if matches and attempt.stored_hash and passwords.needs_rehash(attempt.stored_hash):
        new_hash = passwords.hash_password(password)
    with unit_of_work() as session:
        if not matches:
            _refuse(session, viewer, attempt)
        return _accept(session, viewer, attempt, new_hash, browser, next_path)


def confirm_device(session: Session, viewer: Viewer, *, flow_token: str | None, code: str, browser: Browser) -> str:
    """Check the code of a new device, tell its owner of it, and return the ticket for a session.

    Raises:
        FlowLost: when this browser has not given the password before.
        CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `codes.check`.
    """
    confirmation = codes.of_browser(session, flow_token, Purpose.NEW_DEVICE)
    codes.check(session, viewer, confirmation, code)
    if not repository.finish_confirmation(session, repository.stored_id(confirmation.id), clock.now()):
        raise FlowLost
    subscriber_id = repository.stored_id(confirmation.subscriber_id)
    audit.record(session, viewer, "sign_in.confirmed", subscriber_id=subscriber_id)
    _tell_of_new_device(session, subscriber_id, browser, cause=f"{confirmation.id}")
    return tickets.for_session(session, subscriber_id, confirmation.next_path)


def confirm_second_factor(
    session: Session, viewer: Viewer, *, flow_token: str | None, code: str, browser: Browser
) -> str:
    """Check the code of the application, or a recovery code, and return the ticket for a session.

    Raises:
        FlowLost: when this browser has not given the password before, or too long ago.
        SecondCodeWrong, SecondCodeUnreadable, SecondFactorChanged, TooManyAttempts: see `second_factor.require`.
    """
    confirmation = codes.of_browser(session, flow_token, Purpose.SECOND_FACTOR)
    subscriber_id = repository.stored_id(confirmation.subscriber_id)
    by_recovery_code = second_factor.require(session, viewer, subscriber_id=subscriber_id, code=code)
    if not repository.finish_confirmation(session, repository.stored_id(confirmation.id), clock.now()):
        raise FlowLost
    audit.record(session, viewer, "sign_in.confirmed", subscriber_id=subscriber_id)
    owner = repository.subscriber_by_login(session, confirmation.login)
    is_new = not _is_known_device(session, owner, browser)
    if by_recovery_code:
        new_device = device_name(browser.user_agent) if is_new else ""
        second_factor.tell_of_entry(session, subscriber_id=subscriber_id, new_device=new_device)
    elif is_new:
        _tell_of_new_device(session, subscriber_id, browser, cause=f"{confirmation.id}")
    return tickets.for_session(session, subscriber_id, confirmation.next_path)


def open_session(session: Session, viewer: Viewer, subscriber_id: int, browser: Browser) -> OpenedSession:
    """Start a session with new tokens in this browser, in place of the one it had, and remember the browser."""
    now = clock.now()
    if browser.session_token:
        repository.revoke_session_of_cookie(session, browser.session_token, now)
    opened = OpenedSession(new_token(), browser.device_token or new_token())
    session.add(
        SubscriberSession(
            token_hash=token_hash(opened.session_token),
            subscriber_id=subscriber_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + limits.SESSION_LIFE,
            device=device_name(browser.user_agent),
            address=viewer.address,
        )
    )
    repository.remember_device(session, subscriber_id, opened.device_token, now)
    audit.record(session, viewer, "session.opened", subscriber_id=subscriber_id)
    return opened


def resolve_session(token: str, address: str = "") -> Viewer | None:
    """Return who is signed in by this cookie, or None; one query by an index, run for every event."""
    now = clock.now()
    with reading() as session:
        found = repository.live_session(session, token, now, now - limits.SESSION_IDLE_LIFE)
    if found is None:
        return None
    if found.last_seen_at <= now - limits.SESSION_TOUCH_EVERY:
        with unit_of_work() as session:
            repository.touch_session(session, found.session_id, now, now - limits.SESSION_TOUCH_EVERY)
    role = Role.CLOSED if found.is_closed else Role.SUBSCRIBER
    return Viewer(role=role, subscriber_id=found.subscriber_id, session_id=found.session_id, address=address)


def own_sessions(session: Session, viewer: Viewer) -> list[SessionView]:
    """Return the browsers in which the viewer is signed in, the latest seen first.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    now = clock.now()
    rows = repository.live_sessions_of(session, viewer.require_subscriber(), now, now - limits.SESSION_IDLE_LIFE)
    return [
        SessionView(
            public_id=_public_id(row),
            device=row.device,
            address=row.address,
            opened=day_and_time(row.created_at),
            last_seen="сейчас" if row.id == viewer.session_id else ago(now - row.last_seen_at),
            is_this_one=row.id == viewer.session_id,
        )
        for row in sorted(rows, key=lambda row: row.id != viewer.session_id)
    ]


def revoke(session: Session, viewer: Viewer, *, public_id: str) -> None:
    """End one of the viewer's own sessions; nothing happens for somebody else's, or one that has ended.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    now = clock.now()
    rows = repository.live_sessions_of(session, subscriber_id, now, now - limits.SESSION_IDLE_LIFE)
    for row in rows:
        if _public_id(row) == public_id:
            repository.revoke_sessions(session, subscriber_id, now, only=row.id)
            audit.record(session, viewer, "session.revoked", subscriber_id=subscriber_id, subject=str(row.id))


def _public_id(row: SubscriberSession) -> str:
    """Return what the browser calls a session: neither its number nor anything of its token."""
    return keyring().keyed_hash("session-name", str(row.id))[:16]


def sign_out(session: Session, viewer: Viewer, *, session_token: str, everywhere: bool = False) -> None:
    """End the session of this cookie, or all of its owner; nothing happens when it has ended already."""
    ended = repository.revoke_session_of_cookie(session, session_token, clock.now())
    if ended:
        action = "session.all_revoked" if everywhere else "session.closed"
        audit.record(session, viewer, action, subscriber_id=ended.subscriber_id)
        if everywhere:
            repository.revoke_sessions(session, ended.subscriber_id, clock.now())


def sign_out_everywhere(session: Session, viewer: Viewer, *, keep_this: bool) -> None:
    """End every session of the viewer, or every one but the present.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    kept = viewer.session_id if keep_this else None
    if repository.revoke_sessions(session, subscriber_id, clock.now(), but=kept):
        audit.record(session, viewer, "session.all_revoked", subscriber_id=subscriber_id)


def password_keys(login: str, address: str = "") -> dict[Scope, str]:
    """Return the keys by which wrong passwords for a login are counted."""
    return limits.keys_of(address, login)


def _count_attempt(session: Session, viewer: Viewer, who: Login, browser: Browser) -> _Attempt:
    profile = get_settings().password_profile
    owner = repository.subscriber_by_login(session, who.value)
    is_known = _is_known_device(session, owner, browser)
    keys = password_keys(who.value, viewer.address)
    if is_known:
        keys[Scope.SUBJECT] = f"{who.value} {token_hash(browser.device_token or '')}"
    attempt = _Attempt(
        login=who,
        subscriber_id=owner.id if owner else None,
        stored_hash=owner.password_hash if owner else None,
        chosen_at=owner.password_changed_at if owner else None,
        is_known_device=is_known,
        limits=(limits.KNOWN_DEVICE if is_known else limits.PASSWORD)[profile],
        # A shared address of a mobile operator must not lock out a browser that we know.
        spray=() if is_known else limits.PASSWORD_SPRAY,
        keys=keys,
    )
    rate_limit.take(session, [attempt.limits.short, *attempt.spray], keys)
    try:
        rate_limit.take(session, attempt.limits.lasting, keys)
    except TooManyAttempts as refusal:
        audit.record(session, viewer, "sign_in.locked", subject=audit.hashed(who.value))
        raise ResetNeeded(**refusal.params) from None
    return attempt


def _is_known_device(session: Session, owner: Subscriber | None, browser: Browser) -> bool:
    if not browser.device_token:
        return False
    # Asked for an unknown login too, so that both cases take the same queries.
    owner_id = owner.id if owner and owner.id else 0
    used_since = clock.now() - limits.KNOWN_DEVICE_LIFE
    return repository.known_device(session, owner_id, browser.device_token, used_since) is not None


def _matches(password: str, stored_hash: str | None) -> bool:
    if stored_hash is None:
        passwords.spend_time(password)
        return False
    return passwords.verify_password(password, stored_hash)


def _refuse(session: Session, viewer: Viewer, attempt: _Attempt) -> NoReturn:
    audit.record(
        session, viewer, "sign_in.refused",
        subscriber_id=attempt.subscriber_id, subject=audit.hashed(attempt.login.value),
    )  # fmt: skip
    left = min(rate_limit.left(session, limit, attempt.keys) for limit in attempt.limits.all)
    if left:
        raise WrongPair(left=left)
    waits = [rate_limit.wait(session, limit, attempt.keys) for limit in attempt.limits.all]
    raise WrongPairWait(wait=rate_limit.in_words(max(waits)))


def _accept(
    session: Session,
    viewer: Viewer,
    attempt: _Attempt,
    new_hash: str | None,
    browser: Browser,
    next_path: str,
) -> str:
    subscriber_id = repository.stored_id(attempt.subscriber_id)
    if not repository.is_password_of(session, subscriber_id, attempt.chosen_at):
        # While it was compared, its owner has chosen another one, and ended whatever began with this one.
        _refuse(session, viewer, attempt)
    rate_limit.forgive(session, attempt.counted, attempt.keys)
    if new_hash:
        repository.upgrade_password_hash(session, subscriber_id, attempt.stored_hash or "", new_hash)
    audit.record(session, viewer, "sign_in.accepted", subscriber_id=subscriber_id)
    if enabled_factor(session, subscriber_id):
        wanted = _second_step(viewer, attempt, Purpose.SECOND_FACTOR, next_path, limits.SECOND_FACTOR_LIFE)
        session.add(wanted)
        session.flush()
        return tickets.for_flow(session, wanted)
    if attempt.is_known_device:
        return tickets.for_session(session, subscriber_id, next_path)
    if get_settings().password_profile is PasswordProfile.INSTRUCTION:
        wanted = _second_step(viewer, attempt, Purpose.NEW_DEVICE, next_path, limits.FLOW_LIFE)
        return tickets.for_flow(session, codes.begin(session, viewer, wanted, flow_token=browser.flow_token))
    ticket = tickets.for_session(session, subscriber_id, next_path)
    _tell_of_new_device(session, subscriber_id, browser, cause=token_hash(ticket))
    return ticket


def _second_step(viewer: Viewer, attempt: _Attempt, purpose: Purpose, next_path: str, life: timedelta) -> Confirmation:
    now = clock.now()
    return Confirmation(
        purpose=purpose,
        login=attempt.login.value,
        login_kind=attempt.login.kind,
        subscriber_id=attempt.subscriber_id,
        next_path=next_path,
        address=viewer.address,
        created_at=now,
        expires_at=now + life,
    )


def _tell_of_new_device(session: Session, subscriber_id: int, browser: Browser, *, cause: str) -> None:
    tell(
        session,
        subscriber_id=subscriber_id,
        event=NoticeEvent.NEW_DEVICE,
        template="new_sign_in",
        params={"at": codes.moment(clock.now()), "device": device_name(browser.user_agent)},
        dedupe_key=f"new_device:{cause}",
        path="/reset",
    )
