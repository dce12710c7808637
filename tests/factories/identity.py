"""Makes people and what they hold."""

from functools import cache
from itertools import count

from sqlmodel import Session

from lkk_reflex.identity import sessions
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.models import LoginKind, Subscriber
from lkk_reflex.identity.repository import stored_id
from lkk_reflex.identity.sessions import OpenedSession
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.passwords import hash_password

#: Accepted by both password profiles.
PASSWORD = "k7Wm2pXq"

_numbers = count(1)


def make_subscriber(session: Session, *, login: str | None = None, password: str = PASSWORD) -> Subscriber:
    """Store a subscriber with a cabinet; the login is an e-mail unless one is given."""
    login = login or f"subscriber{next(_numbers)}@mail.ru"
    now = clock.now()
    subscriber = Subscriber(
        login=login,
        login_kind=LoginKind.EMAIL if "@" in login else LoginKind.PHONE,
        password_hash=_hash(password, keyring().key_id()),
        password_changed_at=now,
        created_at=now,
    )
    session.add(subscriber)
    session.flush()
    return subscriber


def make_viewer(session: Session, *, login: str | None = None) -> Viewer:
    """Store a subscriber and return the viewer of a use case called by that person."""
    return Viewer(role=Role.SUBSCRIBER, subscriber_id=make_subscriber(session, login=login).id)


def open_session(session: Session, subscriber: Subscriber, browser: Browser | None = None) -> OpenedSession:
    """Sign a subscriber in and return the tokens of the cookies."""
    viewer = Viewer(address="203.0.113.7")
    return sessions.open_session(session, viewer, stored_id(subscriber.id), browser or Browser())


@cache
def _hash(password: str, key_id: str) -> str:
    """Hash once a run: hashing is made to take long. A hash belongs to the key that peppered it."""
    return hash_password(password)
