"""Codes and links: sending them within the limits, and checking what comes back."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.identity import audit, limits, repository
from lkk_reflex.identity.errors import (
    CodeUnreadable,
    CodeUnusable,
    CodeWrong,
    FlowLost,
    LoginUnreadable,
    MessageTooSoon,
)
from lkk_reflex.identity.models import Confirmation, ConfirmationCode, LoginKind, Purpose
from lkk_reflex.identity.projection import FlowView
from lkk_reflex.identity.rules import Login, clean_code, normalise_login
from lkk_reflex.identity.security_repository import enabled_factor
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts
from lkk_reflex.kit.tokens import code_hash, new_code, new_token, same_hash, token_hash
from lkk_reflex.notifications import outbox
from lkk_reflex.settings import get_settings

#: A code that opens an existing cabinet without a password needs more digits.
DIGITS: Final = {
    Purpose.REGISTRATION: 6,
    Purpose.NEW_DEVICE: 6,
    Purpose.RESET: 8,
    # From the authenticator; nothing is sent.
    Purpose.SECOND_FACTOR: 6,
    Purpose.LOGIN_CHANGE: 6,
    Purpose.SECOND_EMAIL: 6,
}
LINK_PATH: Final = "/auth/link"
#: What a link may finish by itself; the others belong to somebody who is signed in, or to a password just given.
_WITH_LINK: Final = frozenset({Purpose.REGISTRATION, Purpose.RESET})
#: What waits for the proof that a new address is the person's own: a taken one must look the same.
_NEW_LOGINS: Final = frozenset({Purpose.REGISTRATION, Purpose.LOGIN_CHANGE})


def begin(session: Session, viewer: Viewer, wanted: Confirmation, *, flow_token: str | None) -> Confirmation:
    """Store what a person has begun and send its message, unless the limits of messages are used up.

    Used-up limits are not told here: the answer must be the same for every login. Who begins the same again in the
    same browser keeps the code already sent.
    """
    now = clock.now()
    former = repository.confirmation_of_browser(session, flow_token, now) if flow_token else None
    confirmation = wanted
    if former and former.purpose is wanted.purpose and former.login == wanted.login and former.proved_at is None:
        confirmation = former
        confirmation.subscriber_id = wanted.subscriber_id
        confirmation.password_hash = wanted.password_hash
        confirmation.next_path = wanted.next_path
        confirmation.expires_at = wanted.expires_at
    session.add(confirmation)
    session.flush()
    try:
        send(session, viewer, confirmation)
    except MessageTooSoon:
        audit.record(session, viewer, "message.withheld", subject=audit.hashed(confirmation.login))
    return confirmation


def send(session: Session, viewer: Viewer, confirmation: Confirmation) -> None:
    """Send a new code, which cancels the former one.

    Raises:
        MessageTooSoon: when the limits of messages are used up.
    """
    try:
        rate_limit.take(session, _message_limits(confirmation), _keys(viewer, confirmation))
    except TooManyAttempts as refusal:
        raise MessageTooSoon(**refusal.params) from None
    now = clock.now()
    confirmation_id = repository.stored_id(confirmation.id)
    repository.cancel_codes(session, confirmation_id, now)
    is_email = confirmation.login_kind is LoginKind.EMAIL
    life = limits.EMAIL_CODE_LIFE if is_email else limits.SMS_CODE_LIFE
    code = new_code(DIGITS[confirmation.purpose])
    link = new_token() if _has_link(confirmation) else None
    hidden = _is_decoy(confirmation)
    session.add(
        ConfirmationCode(
            confirmation_id=confirmation_id,
            # What was never sent to anybody cannot be typed: a decoy keeps the hash of a long random token.
            code_hash=_hash(confirmation, new_token() if hidden else code),
            tries_left=limits.CODE_TRIES,
            expires_at=now + life,
            link_hash=token_hash(new_token() if hidden else link) if link else None,
            link_expires_at=now + limits.LINK_LIFE if link else None,
            created_at=now,
        )
    )
    _queue_message(session, confirmation, code, link, life)
    audit.record(
        session, viewer, f"message.{confirmation.purpose}",
        subscriber_id=confirmation.subscriber_id, subject=audit.hashed(confirmation.login),
    )  # fmt: skip


def resend(session: Session, viewer: Viewer, *, flow_token: str | None) -> None:
    """Send the code once more to the browser that asked for it.

    Raises:
        FlowLost: when this browser has begun nothing that waits for a message.
        MessageTooSoon: when the last message was too recent, or there were too many today.
    """
    confirmation = of_browser(session, flow_token)
    if confirmation.purpose not in _TEMPLATES:
        raise FlowLost
    send(session, viewer, confirmation)


def check(session: Session, viewer: Viewer, confirmation: Confirmation, code: str) -> None:
    """Evaluate a typed code and use it up.

    Raises:
        CodeUnreadable: it cannot be a code; no try is spent.
        TooManyAttempts: too many wrong codes from this address or from everywhere.
        CodeWrong: with the number of tries left.
        CodeUnusable: the code has expired, was replaced or has no tries left.
    """
    digits = DIGITS[confirmation.purpose]
    cleaned = clean_code(code, digits)
    if cleaned is None:
        raise CodeUnreadable(digits=digits)
    keys = _keys(viewer, confirmation)
    rate_limit.take(session, limits.CODE, keys)
    now = clock.now()
    taken = repository.take_code_try(session, repository.stored_id(confirmation.id), now)
    if taken is None:
        raise CodeUnusable
    code_id, stored, left = taken
    if not same_hash(stored, _hash(confirmation, cleaned)) or not repository.use_code(session, code_id, now):
        audit.record(
            session, viewer, f"code_refused.{confirmation.purpose}",
            subscriber_id=confirmation.subscriber_id, subject=audit.hashed(confirmation.login),
        )  # fmt: skip
        if left == 0:
            raise CodeUnusable
        raise CodeWrong(left=left)
    rate_limit.forgive(session, limits.CODE, keys)


def of_browser(session: Session, flow_token: str | None, purpose: Purpose | None = None) -> Confirmation:
    """Return what this browser has begun.

    Raises:
        FlowLost: when it has begun nothing, something else, or too long ago.
    """
    found = repository.confirmation_of_browser(session, flow_token, clock.now()) if flow_token else None
    if found is None or (purpose is not None and found.purpose is not purpose):
        raise FlowLost
    return found


def view(session: Session, viewer: Viewer, *, flow_token: str | None, typed: str = "") -> FlowView:
    """Return what the page shows of what this browser has begun; `typed` is as in `shown`.

    Raises:
        FlowLost: when it has begun nothing, or too long ago.
    """
    return shown(session, viewer, of_browser(session, flow_token), typed)


def shown(session: Session, viewer: Viewer, confirmation: Confirmation, typed: str = "") -> FlowView:
    """Return what a page shows of something that waits for its code.

    The address is masked unless it is what who looks has `typed`, in any spelling: then it tells nothing new.
    """
    keys, login = _keys(viewer, confirmation), Login(confirmation.login_kind, confirmation.login)
    is_proved = confirmation.proved_at is not None and confirmation.proved_at > clock.now() - limits.PROOF_LIFE
    owner_id = confirmation.subscriber_id
    waits = [rate_limit.wait(session, limit, keys) for limit in _message_limits(confirmation)]
    return FlowView(
        purpose=confirmation.purpose,
        login=login.shown if _is_typed(login, typed) else login.masked,
        by_email=confirmation.login_kind is LoginKind.EMAIL,
        digits=DIGITS[confirmation.purpose],
        resend_seconds=max(0, int(max(waits, default=timedelta(0)).total_seconds() + 0.999)),
        has_link=_has_link(confirmation),
        is_proved=is_proved,
        # Nobody learns of it before proving to be the owner.
        needs_second_code=is_proved and owner_id is not None and enabled_factor(session, owner_id) is not None,
    )


def _is_typed(login: Login, typed: str) -> bool:
    try:
        return normalise_login(typed) == login
    except LoginUnreadable:
        return False


def _has_link(confirmation: Confirmation) -> bool:
    return confirmation.login_kind is LoginKind.EMAIL and confirmation.purpose in _WITH_LINK


def _is_decoy(confirmation: Confirmation) -> bool:
    """Tell whether the confirmation only looks real: a login that is taken, or one that nobody has."""
    has_cabinet = confirmation.subscriber_id is not None
    if confirmation.purpose in _NEW_LOGINS:
        return has_cabinet
    return confirmation.purpose is Purpose.RESET and not has_cabinet


def _message_limits(confirmation: Confirmation) -> tuple[Limit, ...]:
    is_known = confirmation.purpose is Purpose.NEW_DEVICE
    return limits.MESSAGE_AFTER_PASSWORD if is_known else limits.MESSAGE


def _keys(viewer: Viewer, confirmation: Confirmation) -> dict[Scope, str]:
    return limits.keys_of(viewer.address, confirmation.login)


def _hash(confirmation: Confirmation, code: str) -> str:
    return code_hash(confirmation.purpose, f"{confirmation.id}:{confirmation.login}", code)


_TEMPLATES: Final = {
    Purpose.REGISTRATION: ("registration_code", "already_registered"),
    Purpose.NEW_DEVICE: ("sign_in_code", "sign_in_code"),
    Purpose.RESET: ("reset_code", "no_cabinet"),
    Purpose.LOGIN_CHANGE: ("login_code", "login_wanted"),
    Purpose.SECOND_EMAIL: ("second_email_code", "second_email_code"),
}


def _queue_message(session: Session, confirmation: Confirmation, code: str, link: str | None, life: timedelta) -> None:
    portal = get_settings().public_url
    genuine, decoy = _TEMPLATES[confirmation.purpose]
    is_email = confirmation.login_kind is LoginKind.EMAIL
    outbox.queue(
        session,
        to=confirmation.login,
        template=decoy if _is_decoy(confirmation) else genuine,
        params={
            "code": _shown(code, is_email=is_email),
            "link": f"{portal}{LINK_PATH}?token={link}",
            "minutes": int(life.total_seconds() // 60),
            "sign_in_link": f"{portal}/sign-in",
            "reset_link": f"{portal}/reset",
            "register_link": f"{portal}/register",
        },
        expires_at=clock.now() + (limits.LINK_LIFE if link else life),
    )


def _shown(code: str, *, is_email: bool) -> str:
    """Return the code as people read it: `4829-1357`, `482 913`; an SMS keeps six digits whole for the phone."""
    if len(code) == DIGITS[Purpose.RESET]:
        return f"{code[:4]}-{code[4:]}"
    return f"{code[:3]} {code[3:]}" if is_email else code


def moment(at: datetime) -> str:
    """Return a moment for a message: `22.11.2026 в 14:05 по Москве`."""
    return at.astimezone(ZoneInfo("Europe/Moscow")).strftime("%d.%m.%Y в %H:%M по Москве")
