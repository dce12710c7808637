"""All SQL of notices: where subscribers can be reached, and what they have chosen."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from lkk_reflex.identity.models import (
    CabinetClosing,
    LoginKind,
    NoticeChoice,
    NoticeEvent,
    Subscriber,
    SubscriberProfile,
)
from lkk_reflex.notifications.models import Channel

#: What of each event goes by which channel, as far as it was chosen.
Chosen = Mapping[tuple[NoticeEvent, Channel], bool]


class Addresses(NamedTuple):
    """The confirmed addresses of a subscriber; what there is none of is empty."""

    login_email: str = ""
    second_email: str = ""
    #: Only a phone by which the subscriber signs in is confirmed.
    phone: str = ""


def addresses_of(session: Session, subscriber_ids: Collection[int]) -> dict[int, Addresses]:
    """Return the confirmed addresses of each subscriber.

    Who has closed the cabinet is missing, unless the closing was taken back.
    """
    closing = (CabinetClosing.subscriber_id == Subscriber.id, col(CabinetClosing.returned_at).is_(None))
    rows = session.exec(
        select(Subscriber, SubscriberProfile.second_email)
        .outerjoin(SubscriberProfile, col(SubscriberProfile.subscriber_id) == col(Subscriber.id))
        .where(col(Subscriber.id).in_(subscriber_ids), ~select(CabinetClosing.id).where(*closing).exists())
    )
    return {
        row.id or 0: Addresses(row.login, second or "")
        if row.login_kind is LoginKind.EMAIL
        else Addresses(second_email=second or "", phone=row.login)
        for row, second in rows
    }


def choices_of(session: Session, subscriber_ids: Collection[int]) -> dict[int, Chosen]:
    """Return what each subscriber has chosen; who has chosen nothing is missing."""
    rows = session.exec(select(NoticeChoice).where(col(NoticeChoice.subscriber_id).in_(subscriber_ids)))
    found: defaultdict[int, dict[tuple[NoticeEvent, Channel], bool]] = defaultdict(dict)
    for row in rows:
        found[row.subscriber_id][row.event, row.channel] = row.is_wanted
    return dict(found)


def choose(
    session: Session, subscriber_id: int, wanted: Iterable[tuple[NoticeEvent, Channel, bool]], now: datetime
) -> None:
    """Store choices over the former ones."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    for event, channel, is_wanted in wanted:
        changes = {"is_wanted": is_wanted, "changed_at": now}
        key = {"subscriber_id": subscriber_id, "event": event, "channel": channel}
        session.exec(
            insert(NoticeChoice)
            .values(**key, **changes)
            .on_conflict_do_update(index_elements=["subscriber_id", "event", "channel"], set_=changes)
        )
