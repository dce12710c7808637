"""The second factor of a subscriber: an authenticator (TOTP, RFC 6238), and recovery codes in its place."""

from collections.abc import Sequence
from typing import Final, NoReturn

import pyotp
from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, own_password, repository
from lkk_reflex.identity import second_factor_rules as rules
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.errors import (
    SecondCodeWait,
    SecondCodeWrong,
    SecondFactorChanged,
    SecondFactorOff,
)
from lkk_reflex.identity.models import NoticeEvent, SecondFactor
from lkk_reflex.identity.notices import Notice, tell, tell_all
from lkk_reflex.identity.rules import Login, normalise_login
from lkk_reflex.identity.security_projection import Enrolment, FactorView, factor_view
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Problems
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.kit.tokens import code_hash, code_hashes, new_code
from lkk_reflex.settings import get_settings

#: What the hash of a recovery code is bound to, besides its owner.
_RECOVERY: Final = "recovery"


def status(session: Session, viewer: Viewer) -> FactorView:
    """Return whether the second factor is on, since when, and how many recovery codes are left.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    factor = own.enabled_factor(session, subscriber_id)
    return factor_view(factor, own.recovery_codes_left(session, subscriber_id))


def prepare(viewer: Viewer, *, password: str) -> Enrolment:
    """Make a secret for the authenticator; it guards nothing until `switch_on`.

    This is the only moment at which the secret leaves the portal. Opens its own units of work.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
        SecondFactorChanged: when one is in use already.
    """
    subscriber_id = viewer.require_subscriber()
    own_password.prove(viewer, password=password)
    secret = pyotp.random_base32()
    with unit_of_work() as session:
        row = SecondFactor(subscriber_id=subscriber_id, secret=keyring().encrypt(secret), created_at=clock.now())
        if not own.prepare_factor(session, row):
            raise SecondFactorChanged
        person = own.subscriber(session, subscriber_id)
    login = Login(person.login_kind, person.login).shown
    uri = rules.provisioning_uri(secret, login=login, company=get_settings().company_name)
    return Enrolment(picture=rules.picture(uri), secret=rules.grouped(secret))


def switch_on(session: Session, viewer: Viewer, *, code: str) -> list[str]:
    """Let the prepared authenticator guard the sign-ins once it shows the right code; return the recovery codes.

    Every other browser leaves the cabinet.

    Raises:
        SignInRequired: for who is not a subscriber.
        SecondFactorChanged: when nothing is prepared, too long ago, or it is on already.
        FirstCodeUnreadable: it is no code of an application; no try is spent.
        SecondCodeWrong, TooManyAttempts: see `require`.
    """
    subscriber_id = viewer.require_subscriber()
    prepared = own.second_factor(session, subscriber_id)
    now = clock.now()
    if prepared is None or prepared.enabled_at or prepared.created_at <= now - limits.PROOF_LIFE:
        raise SecondFactorChanged
    digits = rules.read_first_code(code)
    keys = _keys(viewer, subscriber_id)
    rate_limit.take(session, limits.SECOND_FACTOR, keys)
    step = rules.matching_step(keyring().decrypt(prepared.secret), digits, now)
    if step is None:
        _refuse(session, viewer, subscriber_id, limits.SECOND_FACTOR)
    if not own.enable_factor(session, subscriber_id, step, now):
        raise SecondFactorChanged
    rate_limit.forgive(session, limits.SECOND_FACTOR, keys)
    own.end_begun(session, subscriber_id, now)
    repository.revoke_sessions(session, subscriber_id, now, but=viewer.session_id)
    audit.record(session, viewer, "second_factor.on", subscriber_id=subscriber_id)
    _tell_switched(session, subscriber_id, is_on=True)
    return _new_recovery_codes(session, subscriber_id)


def switch_off(viewer: Viewer, *, password: str, code: str) -> None:
    """Let the password alone open the cabinet again. Opens its own units of work.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
        SecondCodeUnreadable, SecondCodeWrong, SecondFactorChanged: see `require`.
        FormRefused: neither field can be right; no try is spent then.
    """
    subscriber_id = viewer.require_subscriber()
    _require_typed(password, code)
    own_password.prove(viewer, password=password)
    with unit_of_work() as session:
        require(session, viewer, subscriber_id=subscriber_id, code=code)
        own.drop_factor(session, subscriber_id)
        own.end_begun(session, subscriber_id, clock.now())
        audit.record(session, viewer, "second_factor.off", subscriber_id=subscriber_id)
        _tell_switched(session, subscriber_id, is_on=False)


def switch_off_for(session: Session, viewer: Viewer, *, login: str) -> None:
    """Help who has lost both the telephone and the recovery codes: switch off, end every session, tell the owner.

    Raises:
        Forbidden: for everybody but the command line of the server's owner.
        LoginUnreadable: when it is no login at all.
        SecondFactorOff: when nobody has this login, or the second factor is off.
    """
    viewer.require_system()
    owner = repository.subscriber_by_login(session, normalise_login(login).value)
    if owner is None or not own.drop_factor(session, repository.stored_id(owner.id)):
        raise SecondFactorOff
    subscriber_id = repository.stored_id(owner.id)
    own.end_begun(session, subscriber_id, clock.now())
    repository.revoke_sessions(session, subscriber_id, clock.now())
    audit.record(session, viewer, "second_factor.off", subscriber_id=subscriber_id)
    _tell_switched(session, subscriber_id, is_on=False)


def renew_recovery_codes(viewer: Viewer, *, password: str, code: str) -> list[str]:
    """Return new recovery codes; the former ones are good no more. Opens its own units of work.

    Raises:
        The same as `switch_off`.
    """
    subscriber_id = viewer.require_subscriber()
    _require_typed(password, code)
    own_password.prove(viewer, password=password)
    with unit_of_work() as session:
        require(session, viewer, subscriber_id=subscriber_id, code=code)
        audit.record(session, viewer, "recovery_codes.renewed", subscriber_id=subscriber_id)
        _tell_of_recovery_codes(session, subscriber_id, [NoticeEvent.SECOND_FACTOR_CHANGED], is_used=False)
        return _new_recovery_codes(session, subscriber_id)


def require(session: Session, viewer: Viewer, *, subscriber_id: int, code: str) -> bool:
    """Check a code of the application, or a recovery code, and use it up; return whether it was a recovery code.

    The attempt is counted before it is evaluated, and a wrong code, an old one and a used one get the same answer.
    Whoever lets somebody in by a recovery code tells of it, see `tell_of_entry`.

    Raises:
        SecondCodeUnreadable: it is neither; no try is spent.
        SecondFactorChanged: when the second factor is off.
        SecondCodeWrong: with the tries left, or the time to wait.
        TooManyAttempts: when the tries are used up.
    """
    typed = rules.read_code(code)
    counted = (*(limits.RECOVERY_CODE if typed.is_recovery else limits.SECOND_FACTOR), *limits.CODE)
    keys = _keys(viewer, subscriber_id)
    rate_limit.take(session, counted, keys)
    factor = own.enabled_factor(session, subscriber_id)
    if factor is None:
        raise SecondFactorChanged
    now = clock.now()
    if typed.is_recovery:
        hashes = code_hashes(_RECOVERY, str(subscriber_id), typed.digits)
        fits = own.use_recovery_code(session, subscriber_id, hashes, now)
    else:
        step = rules.matching_step(keyring().decrypt(factor.secret), typed.digits, now)
        fits = step is not None and own.use_step(session, subscriber_id, step)
    if not fits:
        _refuse(session, viewer, subscriber_id, counted)
    rate_limit.forgive(session, counted, keys)
    if typed.is_recovery:
        # The owner has come in by the other way: the tries at the application begin anew.
        rate_limit.forgive(session, limits.SECOND_FACTOR, keys)
        audit.record(session, viewer, "recovery_code.used", subscriber_id=subscriber_id)
    return typed.is_recovery


def tell_of_entry(session: Session, *, subscriber_id: int, new_device: str = "") -> None:
    """Tell a subscriber that somebody has come in by a recovery code, and, if it was one, from which new device."""
    events = [NoticeEvent.SECOND_FACTOR_CHANGED, *([NoticeEvent.NEW_DEVICE] if new_device else [])]
    _tell_of_recovery_codes(session, subscriber_id, events, is_used=True, new_device=new_device)


def _require_typed(password: str, code: str) -> None:
    problems = Problems()
    with problems.noted():
        own_password.require_typed(password)
    with problems.noted():
        rules.read_code(code)
    problems.refuse()


def _refuse(session: Session, viewer: Viewer, subscriber_id: int, counted: tuple[Limit, ...]) -> NoReturn:
    audit.record(session, viewer, "second_factor.refused", subscriber_id=subscriber_id)
    keys = _keys(viewer, subscriber_id)
    own_limits = [limit for limit in counted if limit.scope is Scope.SUBJECT]
    left = min(rate_limit.left(session, limit, keys) for limit in own_limits)
    if left:
        raise SecondCodeWrong(left=left)
    raise SecondCodeWait(wait=rate_limit.in_words(max(rate_limit.wait(session, limit, keys) for limit in own_limits)))


def _new_recovery_codes(session: Session, subscriber_id: int) -> list[str]:
    """Store the hashes of new codes and return the codes, in groups."""
    fresh = [new_code(rules.RECOVERY_DIGITS) for _ in range(rules.RECOVERY_CODES)]
    hashes = [code_hash(_RECOVERY, str(subscriber_id), one) for one in fresh]
    own.replace_recovery_codes(session, subscriber_id, hashes, clock.now())
    return [rules.grouped(one, separator="-") for one in fresh]


def _keys(viewer: Viewer, subscriber_id: int) -> dict[Scope, str]:
    return limits.keys_of(viewer.address, str(subscriber_id))


def _tell_switched(session: Session, subscriber_id: int, *, is_on: bool) -> None:
    now = clock.now()
    tell(
        session,
        subscriber_id=subscriber_id,
        event=NoticeEvent.SECOND_FACTOR_CHANGED,
        template="second_factor_changed",
        params={"at": codes.moment(now), "is_on": is_on},
        dedupe_key=f"second_factor:{subscriber_id}:{is_on}:{now.isoformat()}",
        path="/reset",
    )


def _tell_of_recovery_codes(
    session: Session, subscriber_id: int, events: Sequence[NoticeEvent], *, is_used: bool, new_device: str = ""
) -> None:
    """Tell by every channel that is chosen for one of the events; the common key makes it one message on each."""
    now = clock.now()
    left = own.recovery_codes_left(session, subscriber_id)
    params = {"at": codes.moment(now), "is_used": is_used, "left": left, "new_device": new_device}
    dedupe_key = f"recovery_codes:{subscriber_id}:{is_used}:{left}:{now.isoformat()}"
    tell_all(
        session,
        [Notice(subscriber_id, event, "recovery_codes", params, dedupe_key, path="/reset") for event in events],
    )
