"""One-time tickets: how an answer over the websocket becomes an HttpOnly cookie."""

from sqlmodel import Session

from lkk_reflex.identity import limits, repository
from lkk_reflex.identity.errors import TicketUnusable
from lkk_reflex.identity.models import Confirmation, OneTimeTicket, TicketKind
from lkk_reflex.identity.rules import local_path
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.tokens import new_token, token_hash

HOME = "/cabinet"


def for_session(session: Session, subscriber_id: int, next_path: str = HOME) -> str:
    """Return a ticket that the route exchanges for a signed-in session."""
    return _issue(
        session,
        OneTimeTicket(
            token_hash="",
            kind=TicketKind.SESSION,
            subscriber_id=subscriber_id,
            next_path=local_path(next_path, HOME),
            expires_at=clock.now() + limits.TICKET_LIFE,
        ),
    )


def for_flow(session: Session, confirmation: Confirmation) -> str:
    """Return a ticket that the route exchanges for the cookie of what the browser has begun."""
    return _issue(
        session,
        OneTimeTicket(
            token_hash="",
            kind=TicketKind.FLOW,
            confirmation_id=repository.stored_id(confirmation.id),
            expires_at=clock.now() + limits.TICKET_LIFE,
        ),
    )


def for_own_data(session: Session, subscriber_id: int) -> str:
    """Return a ticket that the route exchanges for the copy of a subscriber's own data."""
    return _issue(
        session,
        OneTimeTicket(
            token_hash="",
            kind=TicketKind.OWN_DATA,
            subscriber_id=subscriber_id,
            expires_at=clock.now() + limits.TICKET_LIFE,
        ),
    )


def use_for_own_data(session: Session, viewer: Viewer, ticket: str) -> None:
    """Use up a ticket for the copy of the viewer's own data.

    Raises:
        SignInRequired: the viewer is no subscriber.
        TicketUnusable: when it has expired, was used, or is for something or somebody else.
    """
    subscriber_id = viewer.require_subscriber()
    found = use(session, ticket)
    if found.kind is not TicketKind.OWN_DATA or found.subscriber_id != subscriber_id:
        raise TicketUnusable


def use(session: Session, ticket: str) -> OneTimeTicket:
    """Use a ticket up and return what it stands for.

    Raises:
        TicketUnusable: when it has expired, was used or never was.
    """
    found = repository.use_ticket(session, ticket, clock.now())
    if found is None:
        raise TicketUnusable
    return found


def _issue(session: Session, ticket: OneTimeTicket) -> str:
    token = new_token()
    ticket.token_hash = token_hash(token)
    session.add(ticket)
    return token
