"""What a ticket may hold and become: pure rules."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from lkk_reflex.support.errors import CommentTooLong, RatingMissing, TextMissing, TextTooLong
from lkk_reflex.support.models import Recipient, TicketState, Topic

TEXT_LIMIT: Final = 4000
COMMENT_LIMIT: Final = 1000
BEST_RATING: Final = 5
REOPENING: Final = timedelta(days=30)
FILES_LIMIT: Final = 5
#: In megabytes.
FILES_TOGETHER_LIMIT: Final = 25
#: An answer within ten working days is what ПП РФ № 416 asks of managing companies; a company may promise less.
DEFAULT_WORKING_DAYS: Final = 10
MOST_WORKING_DAYS: Final = 60
#: The portal's own support keeps the hours of the capital.
PORTAL_ZONE: Final = "Europe/Moscow"
_BREAKS: Final = re.compile(r"\n{4,}")

TOPICS: Final[Mapping[Recipient, tuple[Topic, ...]]] = {
    Recipient.SUPPORT: (Topic.SIGN_IN, Topic.CONNECTING, Topic.PAYING, Topic.PORTAL_FAULT, Topic.OTHER),
    Recipient.PROVIDER: (
        Topic.CHARGES,
        Topic.PAYMENT,
        Topic.READINGS,
        Topic.METER,
        Topic.ACCOUNT_DATA,
        Topic.QUALITY,
        Topic.OTHER,
    ),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A configured time for an answer; None stands for every provider or topic."""

    provider_id: int | None
    topic: Topic | None
    valid_from: date
    working_days: int


def working_days_for(terms: Iterable[Term], *, provider_id: int | None, topic: Topic, on: date) -> int:
    """Return within how many working days an answer is due.

    Of the terms valid on that day the most particular one decides: of this provider and topic, of the provider,
    of the topic, of everybody; among equals the newest.
    """
    fitting = [
        term
        for term in terms
        if term.valid_from <= on and term.provider_id in (None, provider_id) and term.topic in (None, topic)
    ]
    if not fitting:
        return DEFAULT_WORKING_DAYS
    best = max(fitting, key=lambda term: (term.provider_id is not None, term.topic is not None, term.valid_from))
    return best.working_days


def checked_text(typed: str) -> str:
    """Return a message as it is kept: without control characters and long runs of empty lines.

    Raises:
        TextMissing: nothing is left.
        TextTooLong: more than 4000 characters.
    """
    text = _plain(typed)
    if not text:
        raise TextMissing
    if len(text) > TEXT_LIMIT:
        raise TextTooLong(limit=TEXT_LIMIT)
    return text


def checked_comment(typed: str) -> str:
    """Return the comment to a rating, which may be empty.

    Raises:
        CommentTooLong: more than 1000 characters.
    """
    text = _plain(typed)
    if len(text) > COMMENT_LIMIT:
        raise CommentTooLong(limit=COMMENT_LIMIT)
    return text


def checked_rating(typed: str) -> int:
    """Return a rating from 1 to 5.

    Raises:
        RatingMissing: it is none.
    """
    if typed not in {str(number) for number in range(1, BEST_RATING + 1)}:
        raise RatingMissing
    return int(typed)


def can_reopen(state: TicketState, closed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a ticket was closed so recently that it may be opened again."""
    return state is TicketState.CLOSED and closed_at is not None and now - closed_at <= REOPENING


def after_message(state: TicketState) -> TicketState:
    """Return whose turn it is after the subscriber has written: an unanswered ticket stays new."""
    return state if state is TicketState.NEW else TicketState.WAITING


def _plain(typed: str) -> str:
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return _BREAKS.sub("\n\n\n", kept).strip()
