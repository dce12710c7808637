"""A forgotten password: ask for a code, prove, choose a new one. Nothing tells whether a login has a cabinet."""

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, repository, sessions, tickets
from lkk_reflex.identity.errors import FlowLost
from lkk_reflex.identity.models import Confirmation, NoticeEvent, Purpose
from lkk_reflex.identity.notices import tell
from lkk_reflex.identity.password_rules import check_new_password
from lkk_reflex.identity.rules import Login, normalise_login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.passwords import hash_password
from lkk_reflex.settings import get_settings


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


def set_new_password(viewer: Viewer, *, flow_token: str | None, password: str) -> str:
    """Replace the password, end every session, forget every browser, tell the owner; return a session's ticket.

    Opens its own units of work, because the password is hashed between them.

    Raises:
        FlowLost: when this browser has not proved a reset, or too long ago.
        PasswordRefused: one of its subclasses.
    """
    with reading() as session:
        confirmation = _proved(session, flow_token)
        settings = get_settings()
        checked = check_new_password(
            password,
            profile=settings.password_profile,
            login=Login(confirmation.login_kind, confirmation.login),
            company=settings.company_name,
        )
    password_hash = hash_password(checked)
    with unit_of_work() as session:
        return _replace(session, viewer, _proved(session, flow_token), password_hash)


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
    tell(
        session,
        subscriber_id=subscriber_id,
        event=NoticeEvent.PASSWORD_CHANGED,
        template="password_changed",
        params={"at": codes.moment(now)},
        dedupe_key=f"password_changed:{subscriber_id}:{now.isoformat()}",
        path="/reset",
    )
    audit.record(session, viewer, "password.reset", subscriber_id=subscriber_id)
    return tickets.for_session(session, subscriber_id)


def _forget_failures(session: Session, login: str) -> None:
    """Let the owner, who has proved to be the owner, begin anew."""
    counted = limits.PASSWORD[get_settings().password_profile].all
    rate_limit.forgive(session, counted, sessions.password_keys(login))
