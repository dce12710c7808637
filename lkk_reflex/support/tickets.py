"""Looking at one's own tickets, and whom one can write to."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts.statements import linked_bills
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.support import attachment_repository, repository
from lkk_reflex.support.deadlines import deadline
from lkk_reflex.support.models import Topic
from lkk_reflex.support.opening import TicketForm, addressee
from lkk_reflex.support.projection import (
    Contact,
    MessageView,
    TicketLine,
    TicketView,
    contact,
    message_view,
    promise,
    ticket_line,
    ticket_view,
    zone_of,
)
from lkk_reflex.support.rules import TOPICS

PAGE_LINES = 20


@dataclass(frozen=True, slots=True)
class OwnTickets:
    """Some tickets, and behind which public id the next ones begin; empty when these are the last."""

    lines: list[TicketLine]
    next_after: str


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket with its dialogue."""

    head: TicketView
    messages: list[MessageView]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a new ticket can be about: connected accounts, and companies, each as (name in a form, title)."""

    accounts: list[tuple[str, str]]
    providers: list[tuple[str, str]]


def own_tickets(session: Session, viewer: Viewer, *, after: str = "") -> OwnTickets:
    """Return the viewer's tickets, the latest changed first, those behind the ticket `after`.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = repository.own_tickets(session, viewer, after=after, limit=PAGE_LINES + 1)
    now = clock.now()
    shown = found[:PAGE_LINES]
    is_last = len(found) <= PAGE_LINES
    return OwnTickets([ticket_line(each, now) for each in shown], "" if is_last else shown[-1].ticket.public_id)


def own_ticket(session: Session, viewer: Viewer, *, public_id: str) -> OwnTicket:
    """Return one ticket of the viewer with its dialogue.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such ticket.
    """
    found = repository.own_ticket(session, viewer, public_id)
    if found is None:
        raise Forbidden
    messages = repository.messages_of(session, found.ticket.id or 0)
    files = attachment_repository.attachments_of(session, found.ticket.id or 0)
    return OwnTicket(
        ticket_view(found, messages, clock.now()),
        [message_view(message, files, found.provider) for message in messages],
    )


def whom_to_ask(session: Session, viewer: Viewer) -> Asked:
    """Return what the form of a new ticket offers.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    accounts = [
        (
            bill.public_id,
            " · ".join(dict.fromkeys(filter(None, (bill.own_name, bill.provider_name, bill.number_shown)))),
        )
        for bill in linked_bills(session, viewer)
    ]
    return Asked(accounts, [(provider.code, provider.name) for provider in repository.providers(session)])


def promise_for(session: Session, viewer: Viewer, *, form: TicketForm) -> str:
    """Say until when a ticket like this would be answered; an empty text until it is clear whom it asks.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    viewer.require_subscriber()
    try:
        to = addressee(session, viewer, form=form)
    except PortalError:
        return ""
    topic = Topic(form.topic) if form.topic in TOPICS[to.recipient] else Topic.OTHER
    due = deadline(session, provider_id=to.provider_id, topic=topic)
    provider = repository.provider(session, to.provider_id) if to.provider_id else None
    return promise(due.due_on, due.working_days, clock.now().astimezone(zone_of(provider)).date())


def contacts(session: Session, _viewer: Viewer) -> list[Contact]:
    """Return how the companies are reached without the portal: what stands on their bills, for everybody."""
    return [contact(provider) for provider in repository.providers(session)]


def is_subscriber(viewer: Viewer) -> bool:
    """Tell whether the viewer has tickets to look at; a guest is shown whom to call."""
    return viewer.role is Role.SUBSCRIBER
