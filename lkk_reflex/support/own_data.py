"""What the portal holds of a person's tickets: for the person's own copy, and to be erased."""

from collections.abc import Iterator, Mapping

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.own_table import Cell, OwnFile, OwnTable
from lkk_reflex.support import attachment_repository, attachments, repository
from lkk_reflex.support.projection import STATE_LABELS, TOPIC_LABELS, author_label, whom_label
from lkk_reflex.support.repository import Found


def own_tables(session: Session, viewer: Viewer) -> list[OwnTable]:
    """Return the viewer's tickets and everything that was written in them.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    tickets = repository.all_tickets_of(session, subscriber_id)
    messages = [
        (found.ticket.number, message.at, author_label(message.author, found.provider), message.text)
        for found in tickets
        for message in repository.messages_of(session, found.ticket.id or 0)
    ]
    return [
        OwnTable(
            "tickets",
            "Обращения",
            {
                "number": "Номер",
                "created_at": "Создано",
                "whom": "Кому",
                "topic": "О чём",
                "account": "Лицевой счёт",
                "state": "Состояние",
                "due_on": "Срок ответа",
                "closed_at": "Закрыто",
                "rating": "Оценка",
                "rating_comment": "Отзыв",
            },
            [_row(found) for found in tickets],
        ),
        OwnTable(
            "ticket_messages",
            "Переписка",
            {"number": "Обращение", "at": "Когда", "author": "Автор", "text": "Текст"},
            messages,
        ),
    ]


def own_files(session: Session, viewer: Viewer) -> Iterator[OwnFile]:
    """Yield the files of the viewer's tickets: those sent, and those of the answers.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    for number, found in enumerate(attachment_repository.sent_files(session, viewer.require_subscriber()), start=1):
        try:
            content = attachments.FILES.read(found.stored_name)
        except FileNotFoundError:
            continue
        # Two files may have one name.
        yield OwnFile(f"{number:03d}-{found.shown_name}", content)


def erase(session: Session, viewer: Viewer, *, subscriber_id: int) -> Mapping[str, int]:
    """Delete the tickets of a subscriber with everything in them; the files leave the disk with the next purge.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    attachment_repository.forget_all_of(session, subscriber_id)
    return {"Обращения с перепиской и файлами": repository.forget_tickets_of(session, subscriber_id)}


def _row(found: Found) -> tuple[Cell, ...]:
    ticket = found.ticket
    return (
        ticket.number,
        ticket.created_at,
        whom_label(found.provider),
        TOPIC_LABELS[ticket.topic],
        found.account.number_shown if found.account else "",
        STATE_LABELS[ticket.state][0],
        ticket.due_on,
        ticket.closed_at,
        ticket.rating,
        ticket.rating_comment,
    )
