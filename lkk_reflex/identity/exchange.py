"""What the HTTP routes do to the cookies of a browser: exchange a ticket, follow the link of a message."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import audit, registration, repository, sessions, tickets
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.errors import LinkUnusable, TicketUnusable
from lkk_reflex.identity.models import Confirmation, Purpose, TicketKind
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.tokens import new_token, token_hash

#: The page that asks for the code, by what was begun.
CODE_PAGES: Final = {
    Purpose.REGISTRATION: "/activate",
    Purpose.NEW_DEVICE: "/sign-in/code",
    Purpose.SECOND_FACTOR: "/sign-in/second",
    Purpose.RESET: "/reset",
}
ACTIVATED_PAGE: Final = "/sign-in?activated=1"


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the browser goes, and the cookies that it gets; None leaves a cookie as it is."""

    path: str
    session_token: str | None = None
    device_token: str | None = None
    flow_token: str | None = None
    ends_flow: bool = False


def redeem(session: Session, viewer: Viewer, *, ticket: str, browser: Browser) -> Answer:
    """Exchange a ticket for its cookie.

    Raises:
        TicketUnusable: when it has expired, was used or never was.
    """
    found = tickets.use(session, ticket)
    if found.kind is TicketKind.SESSION and found.subscriber_id is not None:
        return _signed_in(session, viewer, found.subscriber_id, browser, found.next_path)
    confirmation = session.get(Confirmation, found.confirmation_id) if found.confirmation_id else None
    if confirmation is None:
        raise TicketUnusable
    return _bound(session, confirmation)


def follow_link(session: Session, viewer: Viewer, *, token: str, browser: Browser) -> Answer:
    """Do what the link of a message is for: create the cabinet, or let choose a new password.

    A cabinet created in another browser than the one that asked is not entered: whoever began it must still give
    the password, so nobody is led into a cabinet whose password a stranger has chosen.

    Raises:
        LinkUnusable: when it has expired, was used or was replaced.
        LoginTaken: when the login has got a cabinet meanwhile.
    """
    confirmation = repository.use_link(session, token, clock.now())
    if confirmation is None or confirmation.finished_at is not None:
        raise LinkUnusable
    if confirmation.purpose is Purpose.RESET:
        confirmation.proved_at = clock.now()
        audit.record(session, viewer, "reset.link_followed", subscriber_id=confirmation.subscriber_id)
        return _bound(session, confirmation)
    subscriber_id = registration.create_cabinet(session, viewer, confirmation)
    if browser.flow_token and confirmation.flow_hash == token_hash(browser.flow_token):
        return _signed_in(session, viewer, subscriber_id, browser, registration.FIRST_PAGE)
    device_token = browser.device_token or new_token()
    repository.remember_device(session, subscriber_id, device_token, clock.now())
    return Answer(ACTIVATED_PAGE, device_token=device_token)


def _signed_in(session: Session, viewer: Viewer, subscriber_id: int, browser: Browser, path: str) -> Answer:
    opened = sessions.open_session(session, viewer, subscriber_id, browser)
    return Answer(path, session_token=opened.session_token, device_token=opened.device_token, ends_flow=True)


def _bound(session: Session, confirmation: Confirmation) -> Answer:
    flow_token = new_token()
    confirmation.flow_hash = token_hash(flow_token)
    session.add(confirmation)
    return Answer(CODE_PAGES[confirmation.purpose], flow_token=flow_token)
