"""Makes tickets, and attaches files."""

from typing import Any

from sqlmodel import Session

from lkk_reflex.attachments.contents import cleaned
from lkk_reflex.attachments.files import Uploaded
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.support import attachments, opening, repository
from lkk_reflex.support.models import Ticket
from lkk_reflex.support.opening import TicketForm
from lkk_reflex.support.writing import new_id
from tests.factories.files import photo


def support_form(**values: Any) -> TicketForm:
    """Return a form to the portal's support."""
    filled: dict[str, Any] = {
        "intent_id": new_id(),
        "recipient": "support",
        "topic": "paying",
        "text": "Не приходит чек",
    }
    return TicketForm(**{**filled, **values})


def company_form(provider_code: str = "", **values: Any) -> TicketForm:
    """Return a form to the staff of a company, named by its code or by `account`."""
    return support_form(recipient="provider", topic="charges", provider_code=provider_code, **values)


def make_ticket(session: Session, viewer: Viewer, form: TicketForm | None = None) -> Ticket:
    """Open a ticket by its use case and return the row."""
    public_id = opening.open_ticket(session, viewer, form=form or support_form())
    found = repository.own_ticket(session, viewer, public_id)
    assert found is not None
    return found.ticket


def upload(session: Session, viewer: Viewer, raw: bytes | None = None, name: str = "счётчик.jpg") -> Uploaded:
    """Clean and store a file, as the route does."""
    return attachments.store(session, viewer, file=cleaned(raw or photo()), name=name)
