"""Until when an answer is promised."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.support import repository
from lkk_reflex.support.errors import ProviderNotChosen, TermUnfit
from lkk_reflex.support.models import AnswerTerm, Topic
from lkk_reflex.support.rules import MOST_WORKING_DAYS, PORTAL_ZONE, Term, working_days_for
from lkk_reflex.support.working_days import after_working_days


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day for an answer, and how many working days that is from now."""

    due_on: date
    working_days: int


def deadline(session: Session, *, provider_id: int | None, topic: Topic) -> Deadline:
    """Return until when a question of this moment is to be answered, in the time zone of who is asked."""
    provider = repository.provider(session, provider_id) if provider_id else None
    today = clock.today(provider.time_zone if provider else PORTAL_ZONE)
    terms = (
        Term(term.provider_id, term.topic, term.valid_from, term.working_days)
        for term in repository.answer_terms(session)
    )
    days = working_days_for(terms, provider_id=provider_id, topic=topic, on=today)
    return Deadline(after_working_days(today, days), days)


def set_term(
    session: Session, viewer: Viewer, *, provider_code: str | None, topic: Topic | None, working_days: int
) -> None:
    """Promise answers within so many working days from today on; without a provider or a topic, for all of them.

    Raises:
        Forbidden: for everybody but the owner of the server.
        ProviderNotChosen: there is no provider of this code.
        TermUnfit: less than one day, or more than 60.
    """
    viewer.require_system()
    provider = repository.provider_by_code(session, provider_code) if provider_code else None
    if provider_code and provider is None:
        raise ProviderNotChosen
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        raise TermUnfit(most=MOST_WORKING_DAYS)
    term = AnswerTerm(
        provider_id=provider.id if provider else None,
        topic=topic,
        valid_from=clock.today(provider.time_zone if provider else PORTAL_ZONE),
        working_days=working_days,
    )
    repository.set_answer_term(session, term)
    audit.record(session, viewer, "ticket.term_set", subject=f"{provider_code or '*'}/{topic or '*'}")
