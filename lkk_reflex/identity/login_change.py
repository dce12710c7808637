"""Changing the login: the password again, then a code at the new address. Nothing tells whether that is taken."""

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, own_confirmations, own_password, repository, tickets
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import LoginSame
from lkk_reflex.identity.models import NoticeEvent, Purpose
from lkk_reflex.identity.notices import SETTINGS_PATH, tell
from lkk_reflex.identity.registration import served_login
from lkk_reflex.identity.rules import Login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Problems
from lkk_reflex.notifications import outbox
from lkk_reflex.settings import get_settings

#: Where the browser goes with its new session.
CHANGED_PAGE = "/settings/security?done=login"


def request_change(viewer: Viewer, *, login: str, password: str) -> None:
    """Send a code to the new login; the present one works until the code is typed.

    Opens its own units of work, because the password is compared between them.

    Raises:
        SignInRequired: for who is not a subscriber.
        LoginUnreadable, PhonesNotServed, LoginSame: see the sentences.
        OwnPasswordMissing, OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
        FormRefused: both fields are wrong; no try at the password is spent then.
    """
    subscriber_id, problems = viewer.require_subscriber(), Problems()
    with problems.noted():
        who = served_login(login)
        with reading() as session:
            if own.subscriber(session, subscriber_id).login == who.value:
                raise LoginSame
    with problems.noted():
        own_password.require_typed(password)
    problems.refuse()
    own_password.prove(viewer, password=password)
    with unit_of_work() as session:
        owner = repository.subscriber_by_login(session, who.value)
        taken_by = owner.id if owner else None
        own_confirmations.begin(session, viewer, purpose=Purpose.LOGIN_CHANGE, address=who, taken_by=taken_by)
        audit.record(
            session, viewer, "login_change.requested", subscriber_id=subscriber_id, subject=audit.hashed(who.value)
        )


def confirm_change(session: Session, viewer: Viewer, *, code: str, browser: Browser) -> str:
    """Put the new login in place of the old one, whose owner is told; return the ticket of a new session.

    Every other browser leaves the cabinet.

    Raises:
        SignInRequired: for who is not a subscriber.
        NothingPending: when no change waits for a code.
        CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `codes.check`.
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    subscriber_id = viewer.require_subscriber()
    confirmation = own_confirmations.prove(session, viewer, purpose=Purpose.LOGIN_CHANGE, code=code)
    now = clock.now()
    former = own.subscriber(session, subscriber_id).login
    own.change_login(session, subscriber_id, confirmation.login, confirmation.login_kind)
    told = own.profile(session, subscriber_id)
    if told and told.second_email == confirmation.login:
        own.store_profile(session, subscriber_id, {"second_email": ""}, now)
    own.end_begun(session, subscriber_id, now)
    repository.revoke_sessions(session, subscriber_id, now, but=viewer.session_id)
    own.forget_other_devices(session, subscriber_id, browser.device_token)
    portal = get_settings().public_url
    what = {"at": codes.moment(now), "login": Login(confirmation.login_kind, confirmation.login).masked}
    tell(
        session,
        subscriber_id=subscriber_id,
        event=NoticeEvent.LOGIN_CHANGED,
        template="login_changed",
        params=what,
        dedupe_key=f"login_changed:{subscriber_id}:{now.isoformat()}",
        path="/support",
    )
    # To the old address, whatever was chosen: whoever has taken the cabinet over must not be able to hide it.
    outbox.queue(
        session,
        to=former,
        template="login_changed",
        params=what | {"link": f"{portal}/support", "settings_link": f"{portal}{SETTINGS_PATH}"},
    )
    audit.record(session, viewer, "login.changed", subscriber_id=subscriber_id, subject=audit.hashed(former))
    return tickets.for_session(session, subscriber_id, CHANGED_PAGE)
