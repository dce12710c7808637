"""What a subscriber tells after the registration: names, a phone to call back, a second e-mail. All of it optional."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.identity import audit, own_changes, own_confirmations
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.errors import SecondEmailIsLogin
from lkk_reflex.identity.models import LoginKind, Purpose, SubscriberProfile
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.profile_projection import ProfileView, profile_view
from lkk_reflex.identity.profile_rules import NAMES, clean_name, clean_phone, clean_second_email
from lkk_reflex.identity.rules import Login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Problems

#: In the order of the form; what each part is called when it has been saved.
_PARTS = {"surname": "фамилия", "name": "имя", "patronymic": "отчество", "phone": "телефон для связи"}


@dataclass(frozen=True, slots=True)
class TypedProfile:
    """The fields of the form as they were typed."""

    surname: str = ""
    name: str = ""
    patronymic: str = ""
    phone: str = ""
    second_email: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving."""

    #: The parts that are others now, in words.
    parts: tuple[str, ...]
    #: The second e-mail waits for the code that has just been sent to it.
    is_code_sent: bool = False
    #: It waits for a code that was sent before.
    is_code_awaited: bool = False


def view(session: Session, viewer: Viewer) -> ProfileView:
    """Return what the viewer has told; a second e-mail that waits for its code stands in the place of the present one.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    waiting = own.own_confirmation(session, subscriber_id, Purpose.SECOND_EMAIL, clock.now())
    kind = own.subscriber(session, subscriber_id).login_kind
    return profile_view(_told(session, subscriber_id), waiting.login if waiting else None, kind)


def save(session: Session, viewer: Viewer, *, typed: TypedProfile) -> Saved:
    """Store what was typed; a new second e-mail is stored only once its owner has typed the code sent to it.

    Raises:
        SignInRequired: for who is not a subscriber.
        ProfileFieldRefused: something is wrong with a field; nothing is stored then.
        FormRefused: the same of several fields.
        TooManyAttempts: when too many second e-mails were to be confirmed today.
        TooManyChanges: the profile was changed too often; nothing is stored then.
    """
    subscriber_id = viewer.require_subscriber()
    told = _told(session, subscriber_id)
    read = _read(typed, own_login=own.subscriber(session, subscriber_id).login)
    second_email = read.pop("second_email")
    changes = {part: value for part, value in read.items() if getattr(told, part) != value}
    parts = [_PARTS[part] for part in changes]
    waiting = own.own_confirmation(session, subscriber_id, Purpose.SECOND_EMAIL, clock.now())
    is_waiting = waiting is not None and waiting.login == second_email
    is_new_email = not is_waiting and second_email not in ("", told.second_email)
    if is_new_email:
        own_confirmations.begin(
            session, viewer, purpose=Purpose.SECOND_EMAIL, address=Login(LoginKind.EMAIL, second_email)
        )
    elif not is_waiting:
        own.end_own_confirmations(session, subscriber_id, clock.now(), purpose=Purpose.SECOND_EMAIL)
        if second_email != told.second_email:
            changes["second_email"] = ""
            parts.append("почта для уведомлений убрана")
    if changes:
        own_changes.count(session, viewer, Change.PROFILE)
        own.store_profile(session, subscriber_id, changes, clock.now())
        audit.record(session, viewer, "profile.changed", subscriber_id=subscriber_id, subject=",".join(changes))
    return Saved(tuple(parts), is_code_sent=is_new_email, is_code_awaited=is_waiting)


def confirm_second_email(session: Session, viewer: Viewer, *, code: str) -> str:
    """Check the code and use the address for notices from now on; return the address.

    Raises:
        SignInRequired: for who is not a subscriber.
        NothingPending, CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `own_confirmations.prove`.
    """
    subscriber_id = viewer.require_subscriber()
    confirmation = own_confirmations.prove(session, viewer, purpose=Purpose.SECOND_EMAIL, code=code)
    own.store_profile(session, subscriber_id, {"second_email": confirmation.login}, clock.now())
    audit.record(
        session, viewer, "second_email.confirmed",
        subscriber_id=subscriber_id, subject=audit.hashed(confirmation.login),
    )  # fmt: skip
    return Login(LoginKind.EMAIL, confirmation.login).shown


def _told(session: Session, subscriber_id: int) -> SubscriberProfile:
    return own.profile(session, subscriber_id) or SubscriberProfile(subscriber_id=subscriber_id, changed_at=clock.now())


def _read(typed: TypedProfile, *, own_login: str) -> dict[str, str]:
    problems = Problems()
    read: dict[str, str] = {}
    for part in NAMES:
        with problems.noted():
            read[part] = clean_name(part, getattr(typed, part))
    with problems.noted():
        read["phone"] = clean_phone(typed.phone)
    with problems.noted():
        read["second_email"] = clean_second_email(typed.second_email)
        if read["second_email"] == own_login:
            raise SecondEmailIsLogin
    problems.refuse()
    return read
