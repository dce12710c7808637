"""Creating a cabinet: register, activate by code, activate by link. Nothing tells whether a login is taken."""

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, limits, privacy_repository, repository, tickets
from lkk_reflex.identity.consent_texts import personal_data
from lkk_reflex.identity.errors import ConsentMissing, LinkUnusable, PhonesNotServed
from lkk_reflex.identity.models import Confirmation, Consent, LoginKind, Purpose, Subscriber
from lkk_reflex.identity.password_rules import check_new_password
from lkk_reflex.identity.rules import Login, normalise_login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Problems
from lkk_reflex.kit.passwords import hash_password
from lkk_reflex.settings import SmsSender, get_settings

#: Where a new subscriber goes first: there is nothing to see before an account is connected.
FIRST_PAGE = "/cabinet/connect"


def register(viewer: Viewer, *, login: str, password: str, consent: bool, flow_token: str | None = None) -> str:
    """Begin a registration, send its message, and return the ticket that binds it to this browser.

    Opens its own units of work, because the password is hashed between them, with no transaction open.

    Raises:
        LoginUnreadable, PhonesNotServed, ConsentMissing, one of PasswordRefused: what is wrong with the form.
        FormRefused: several of these.
        TooManyAttempts: too many registrations from this address.
    """
    who, checked = _read_form(login, password, consent=consent)
    with unit_of_work() as session:
        rate_limit.take(session, limits.REGISTRATION, limits.keys_of(viewer.address))
    password_hash = hash_password(checked)
    with unit_of_work() as session:
        return _begin(session, viewer, who, password_hash, flow_token)


def activate(session: Session, viewer: Viewer, *, flow_token: str | None, code: str) -> str:
    """Create the cabinet by the code and return a ticket for a session in it.

    Raises:
        FlowLost: when this browser has begun no registration.
        CodeWrong, CodeUnusable, CodeUnreadable, TooManyAttempts: see `codes.check`.
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    confirmation = codes.of_browser(session, flow_token, Purpose.REGISTRATION)
    codes.check(session, viewer, confirmation, code)
    subscriber_id = create_cabinet(session, viewer, confirmation)
    return tickets.for_session(session, subscriber_id, FIRST_PAGE)


def create_cabinet(session: Session, viewer: Viewer, confirmation: Confirmation) -> int:
    """Turn a confirmed registration into a subscriber and return the id.

    Raises:
        LinkUnusable: when it is finished already or is no registration.
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    now = clock.now()
    is_finished = not repository.finish_confirmation(session, repository.stored_id(confirmation.id), now)
    if is_finished or confirmation.subscriber_id is not None or confirmation.password_hash is None:
        raise LinkUnusable
    subscriber_id = repository.add_subscriber(
        session,
        Subscriber(
            login=confirmation.login,
            login_kind=confirmation.login_kind,
            password_hash=confirmation.password_hash,
            password_changed_at=now,
            created_at=now,
        ),
    )
    session.add(
        Consent(
            subscriber_id=subscriber_id,
            kind=personal_data("").kind,
            version=confirmation.consent_version or "",
            text_hash=confirmation.consent_text_hash or "",
            given_at=confirmation.created_at,
            address=confirmation.address,
        )
    )
    confirmation.password_hash = None
    audit.record(session, viewer, "cabinet.created", subscriber_id=subscriber_id)
    return subscriber_id


def _begin(session: Session, viewer: Viewer, who: Login, password_hash: str, flow_token: str | None) -> str:
    now = clock.now()
    owner = repository.subscriber_by_login(session, who.value)
    consent = personal_data(get_settings().company_name)
    privacy_repository.keep_wording(session, consent.text_hash, consent.text)
    wanted = Confirmation(
        purpose=Purpose.REGISTRATION,
        login=who.value,
        login_kind=who.kind,
        subscriber_id=owner.id if owner else None,
        password_hash=password_hash,
        consent_version=consent.version,
        consent_text_hash=consent.text_hash,
        address=viewer.address,
        created_at=now,
        expires_at=now + limits.FLOW_LIFE,
    )
    return tickets.for_flow(session, codes.begin(session, viewer, wanted, flow_token=flow_token))


def _read_form(login: str, password: str, *, consent: bool) -> tuple[Login, str]:
    settings = get_settings()
    problems = Problems()
    # What a password may not resemble is not known while the login cannot be read.
    who = Login(LoginKind.EMAIL, "")
    with problems.noted():
        who = served_login(login)
    with problems.noted():
        password = check_new_password(
            password, profile=settings.password_profile, login=who, company=settings.company_name
        )
    with problems.noted():
        if not consent:
            raise ConsentMissing
    problems.refuse()
    return who, password


def served_login(text: str) -> Login:
    """Read a login to which the company can send messages.

    Raises:
        LoginUnreadable: when it is neither an e-mail nor a mobile phone.
        PhonesNotServed: when it is a phone, and the company has no SMS gateway.
    """
    who = normalise_login(text)
    if who.kind is LoginKind.PHONE and get_settings().sms_sender is SmsSender.OFF:
        raise PhonesNotServed
    return who
