"""Opening a ticket."""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.statements import LinkedBill, linked_bills
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Problems
from lkk_reflex.support import repository
from lkk_reflex.support.deadlines import Deadline, deadline
from lkk_reflex.support.errors import AccountNotOwn, ProviderNotChosen, RecipientMissing, TopicMissing
from lkk_reflex.support.models import Author, Recipient, Ticket, Topic
from lkk_reflex.support.rules import TOPICS, checked_text
from lkk_reflex.support.telling import tell_staff
from lkk_reflex.support.writing import TICKETS, count, new_id, uncount, waiting_files, written

#: A number is taken with a chance of one in millions; so many times in a row it is a fault.
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What was filled in. A company is named by the account, or by its code where no account is chosen."""

    intent_id: str
    recipient: str
    topic: str
    text: str
    #: Public id of the connection (`AccountLink`); empty without an account.
    account: str = ""
    provider_code: str = ""
    #: Public ids of uploaded files.
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is asked, and about which account."""

    recipient: Recipient
    provider_id: int | None
    account_id: int | None


def open_ticket(session: Session, viewer: Viewer, *, form: TicketForm) -> str:
    """Open a ticket and return its public id; the same form sent again finds the ticket it has made.

    Raises:
        SignInRequired: the viewer is no subscriber.
        RecipientMissing, ProviderNotChosen, AccountNotOwn, TopicMissing, TextMissing, TextTooLong: what was filled
            in does not say whom to ask what.
        FilesTooMany, FilesTooHeavy, FileGone: as `writing.waiting_files`.
        FormRefused: several of these.
        TooManyTickets: ten were opened within a day.
    """
    subscriber_id = viewer.require_subscriber()
    made = repository.own_ticket_by_intent(session, viewer, form.intent_id)
    if made:
        return made.public_id
    to, topic, text = _read_form(session, viewer, form)
    # A second click waits here for the first one to end, because both count at one place.
    count(session, viewer, TICKETS)
    made = repository.own_ticket_by_intent(session, viewer, form.intent_id)
    if made:
        uncount(session, viewer, TICKETS)
        return made.public_id
    files = waiting_files(session, viewer, form.files)
    due = deadline(session, provider_id=to.provider_id, topic=topic)
    ticket = _inserted(session, subscriber_id, form.intent_id, to, topic, due)
    message = written(session, ticket, author=Author.SUBSCRIBER, text=text, files=files)
    audit.record(session, viewer, "ticket.opened", subscriber_id=subscriber_id, subject=ticket.number)
    tell_staff(session, ticket, message)
    return ticket.public_id


def addressee(session: Session, viewer: Viewer, *, form: TicketForm) -> Addressee:
    """Return who is asked.

    Raises:
        RecipientMissing, ProviderNotChosen, AccountNotOwn: as `open_ticket`.
    """
    recipient = _recipient(form.recipient)
    account = _account(session, viewer, form.account) if form.account else None
    account_id = account.account_id if account else None
    if recipient is Recipient.SUPPORT:
        return Addressee(recipient, None, account_id)
    if account:
        return Addressee(recipient, account.provider_id, account_id)
    # Compared here and not by the database, which does not take every text that a socket may send.
    provider = next((known for known in repository.providers(session) if known.code == form.provider_code), None)
    if provider is None:
        raise ProviderNotChosen
    return Addressee(recipient, provider.id, None)


def _read_form(session: Session, viewer: Viewer, form: TicketForm) -> tuple[Addressee, Topic, str]:
    """Read the fields in the order of the screen."""
    problems = Problems()
    with problems.noted():
        topic = _topic(_recipient(form.recipient), form.topic)
    with problems.noted():
        to = addressee(session, viewer, form=form)
    with problems.noted():
        text = checked_text(form.text)
    if problems:
        # Looked at now for the summary alone: a form without faults takes its files after the click is counted.
        with problems.noted():
            waiting_files(session, viewer, form.files)
    problems.refuse()
    return to, topic, text


def _recipient(typed: str) -> Recipient:
    if typed not in set(Recipient):
        raise RecipientMissing
    return Recipient(typed)


def _account(session: Session, viewer: Viewer, public_id: str) -> LinkedBill:
    found = next((bill for bill in linked_bills(session, viewer) if bill.public_id == public_id), None)
    if found is None:
        raise AccountNotOwn
    return found


def _topic(recipient: Recipient, typed: str) -> Topic:
    if typed not in TOPICS[recipient]:
        raise TopicMissing
    return Topic(typed)


def _inserted(
    session: Session, subscriber_id: int, intent_id: str, to: Addressee, topic: Topic, due: Deadline
) -> Ticket:
    now = clock.now()
    for _ in range(_TRIES):
        ticket = Ticket(
            number=f"{secrets.randbelow(900) + 100}-{secrets.randbelow(10_000):04d}",
            public_id=new_id(),
            intent_id=intent_id,
            subscriber_id=subscriber_id,
            recipient=to.recipient,
            provider_id=to.provider_id,
            account_id=to.account_id,
            topic=topic,
            due_on=due.due_on,
            due_days=due.working_days,
            created_at=now,
            changed_at=now,
        )
        if repository.insert_ticket(session, ticket):
            return ticket
    raise RuntimeError("no free number for a ticket")
