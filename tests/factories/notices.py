"""Makes choices of notices, and reads what has been queued."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from lkk_reflex.identity import notice_repository
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading
from lkk_reflex.notifications.models import Channel, OutboxMessage
from lkk_reflex.notifications.outbox import Content


@dataclass(frozen=True, slots=True)
class Told:
    """A queued message, as its recipient would read it."""

    channel: Channel
    to: str
    template: str
    subject: str
    body: str


def choose(session: Session, viewer: Viewer, event: NoticeEvent, channel: Channel, *, is_wanted: bool = True) -> None:
    """Store one choice of a subscriber."""
    wanted = [(event, channel, is_wanted)]
    notice_repository.choose(session, viewer.require_subscriber(), wanted, clock.now())


def told() -> list[Told]:
    """Return every queued message, the oldest first."""
    with reading() as session:
        rows = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()
    found = [(row, Content.decrypted(row.content)) for row in rows]
    return [Told(row.channel, content.to, row.template, content.subject, content.body) for row, content in found]
