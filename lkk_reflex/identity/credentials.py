"""A forgotten password: ask for a code, prove, choose a new one. Nothing tells whether a login has a cabinet.

And a known one: give it and choose another.
"""

import unicodedata
from datetime import datetime
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, own_password, repository, second_factor, sessions, tickets
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import FlowLost, PasswordSame
from lkk_reflex.identity.models import Confirmation, NoticeEvent, Purpose
from lkk_reflex.identity.notices import tell
from lkk_reflex.identity.password_rules import check_new_password
from lkk_reflex.identity.rules import Login, normalise_login
from lkk_reflex.identity.second_factor_rules import read_code
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Problems, SignInRequired
from lkk_reflex.kit.passwords import hash_password
from lkk_reflex.settings import get_settings

#: Where the browser goes with its new session.
CHANGED_PAGE: Final = "/settings/security?done=password"


def request_reset(session: Session, viewer: Viewer, *, login: str, flow_token: str | None = None) -> str:
    """Send a code to the login and return the ticket that binds the reset to this browser.

    Raises:
        LoginUnreadable: when it is no login at all.
    """
    who = normalise_login(login)
    owner = repository.subscriber_by_login(session, who.value)
    now = clock.now()
    wanted = Confirmation(
        purpose=Purpose.RESET,
        login=who.value,
        login_kind=who.kind,
        subscriber_id=owner.id if owner else None,
        address=viewer.address,
        created_at=now,
        expires_at=now + limits.FLOW_LIFE,
    )
    return tickets.for_flow(session, codes.begin(session, viewer, wanted, flow_token=flow_token))


def prove_reset(session: Session, viewer: Viewer, *, flow_token: str | None, code: str) -> None:
    """Check the code; after that the new password is accepted for a quarter of an hour.

    Raises:
        FlowLost: when this browser has not asked for a reset.
        CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `codes.check`.
    """
    confirmation = codes.of_browser(session, flow_token, Purpose.RESET)
    codes.check(session, viewer, confirmation, code)
    confirmation.proved_at = clock.now()
    session.add(confirmation)


def set_new_password(viewer: Viewer, *, flow_token: str | None, password: str, second_code: str = "") -> str:
    """Replace the password, end every session, forget every browser, tell the owner; return a session's ticket.

    Who has switched the second factor on must give a code of it too: a stolen mailbox is not enough. Opens its own
    units of work, because the password is hashed between them.

    Raises:
        FlowLost: when this browser has not proved a reset, or too long ago.
        PasswordRefused: one of its subclasses.
        SecondCodeUnreadable, SecondCodeWrong, TooManyAttempts: see `second_factor.require`.
        FormRefused: both fields are wrong.
    """
    problems = Problems()
    with reading() as session:
        confirmation = _proved(session, flow_token)
        needs_code = own.enabled_factor(session, repository.stored_id(confirmation.subscriber_id)) is not None
    with problems.noted():
        checked = _checked(password, Login(confirmation.login_kind, confirmation.login))
    with problems.noted():
        if needs_code:
            read_code(second_code)
    problems.refuse()
    password_hash = hash_password(checked)
    with unit_of_work() as session:
        confirmation = _proved(session, flow_token)
        subscriber_id = repository.stored_id(confirmation.subscriber_id)
        has_factor = own.enabled_factor(session, subscriber_id) is not None
        if has_factor and second_factor.require(session, viewer, subscriber_id=subscriber_id, code=second_code):
            second_factor.tell_of_entry(session, subscriber_id=subscriber_id)
        return _replace(session, viewer, confirmation, password_hash)


def change_password(viewer: Viewer, *, old_password: str, password: str, browser: Browser) -> str:
    """Replace the viewer's own password and end every other session; return the ticket of a new one here.

    Opens its own units of work, because passwords are compared and hashed between them.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordMissing, OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
        PasswordRefused: one of its subclasses.
        FormRefused: both fields are wrong; no try at the present password is spent then.
    """
    subscriber_id, problems = viewer.require_subscriber(), Problems()
    with reading() as session:
        person = own.subscriber(session, subscriber_id)
    with problems.noted():
        own_password.require_typed(old_password)
    with problems.noted():
        checked = _checked(password, Login(person.login_kind, person.login))
    problems.refuse()
    own_password.prove(viewer, password=old_password)
    if checked == unicodedata.normalize("NFC", old_password):
        raise PasswordSame
    password_hash = hash_password(checked)
    with unit_of_work() as session:
        now = clock.now()
        is_ours = own.set_password_unless_changed(
            session, subscriber_id, password_hash, former_hash=person.password_hash, now=now
        )
        if not is_ours:
            # A reset was quicker, and has ended this session too.
            raise SignInRequired
        repository.revoke_sessions(session, subscriber_id, now, but=viewer.session_id)
        own.forget_other_devices(session, subscriber_id, browser.device_token)
        _end_and_tell(session, subscriber_id, now)
        audit.record(session, viewer, "password.changed", subscriber_id=subscriber_id)
        return tickets.for_session(session, subscriber_id, CHANGED_PAGE)


def _checked(password: str, login: Login) -> str:
    settings = get_settings()
    return check_new_password(password, profile=settings.password_profile, login=login, company=settings.company_name)


def _proved(session: Session, flow_token: str | None) -> Confirmation:
    confirmation = codes.of_browser(session, flow_token, Purpose.RESET)
    proved_at = confirmation.proved_at
    if proved_at is None or proved_at <= clock.now() - limits.PROOF_LIFE:
        raise FlowLost
    return confirmation


def _replace(session: Session, viewer: Viewer, confirmation: Confirmation, password_hash: str) -> str:
    now = clock.now()
    if not repository.finish_confirmation(session, repository.stored_id(confirmation.id), now):
        raise FlowLost
    subscriber_id = repository.stored_id(confirmation.subscriber_id)
    repository.set_password(session, subscriber_id, password_hash, now)
    repository.revoke_sessions(session, subscriber_id, now)
    repository.forget_devices(session, subscriber_id)
    _forget_failures(session, confirmation.login)
    _end_and_tell(session, subscriber_id, now)
    audit.record(session, viewer, "password.reset", subscriber_id=subscriber_id)
    return tickets.for_session(session, subscriber_id)


def _end_and_tell(session: Session, subscriber_id: int, now: datetime) -> None:
    """End what was begun under the former password, a change of the login too, and tell the owner."""
    own.end_begun(session, subscriber_id, now)
    own.end_own_confirmations(session, subscriber_id, now)
    tell(
        session,
        subscriber_id=subscriber_id,
        event=NoticeEvent.PASSWORD_CHANGED,
        template="password_changed",
        params={"at": codes.moment(now)},
        dedupe_key=f"password_changed:{subscriber_id}:{now.isoformat()}",
        path="/reset",
    )


def _forget_failures(session: Session, login: str) -> None:
    """Let the owner, who has proved to be the owner, begin anew."""
    counted = limits.PASSWORD[get_settings().password_profile].all
    rate_limit.forgive(session, counted, sessions.password_keys(login))
