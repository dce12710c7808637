"""Messages that leave the portal because of a ticket: none of them holds what was written in it."""

from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import notices
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.notifications import outbox
from lkk_reflex.settings import get_settings
from lkk_reflex.support import repository
from lkk_reflex.support.models import Ticket, TicketMessage

_SUPPORT: Final = "техническая поддержка"


def tell_staff(session: Session, ticket: Ticket, message: TicketMessage) -> None:
    """Write to the company, or to the portal's support, that a question has come; not from whom and about what."""
    provider = repository.provider(session, ticket.provider_id) if ticket.provider_id else None
    to = provider.email if provider else get_settings().support_email
    if "@" not in to:
        return
    outbox.queue(
        session,
        to=to,
        template="ticket_for_staff",
        params={"number": ticket.number, "due": f"{ticket.due_on:%d.%m.%Y}"},
        dedupe_key=f"ticket_message:{message.id}",
    )


def tell_subscriber(session: Session, ticket: Ticket, message: TicketMessage) -> None:
    """Tell who asked that there is an answer, with the way to it."""
    provider = repository.provider(session, ticket.provider_id) if ticket.provider_id else None
    notices.tell(
        session,
        subscriber_id=ticket.subscriber_id,
        event=NoticeEvent.TICKET_ANSWERED,
        template="ticket_answered",
        params={"number": ticket.number, "author": provider.name if provider else _SUPPORT},
        dedupe_key=f"ticket_answered:{message.id}",
        path=f"/support/{ticket.public_id}",
    )
