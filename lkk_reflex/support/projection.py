"""What of tickets goes to the browser: ready-to-show texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.rules import day_and_month, plural
from lkk_reflex.attachments.files import size_in_words
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.support.models import (
    Author,
    Recipient,
    Ticket,
    TicketAttachment,
    TicketMessage,
    TicketState,
    Topic,
)
from lkk_reflex.support.repository import Found
from lkk_reflex.support.rules import PORTAL_ZONE, can_reopen

FILES_PATH: Final = "/support/attachments"
_SUPPORT: Final = "Техническая поддержка портала"

RECIPIENT_LABELS: Final[Mapping[Recipient, str]] = {
    Recipient.SUPPORT: "Технической поддержке портала",
    Recipient.PROVIDER: "Сотрудникам компании",
}
TOPIC_LABELS: Final[Mapping[Topic, str]] = {
    Topic.SIGN_IN: "Вход и пароль",
    Topic.CONNECTING: "Подключение лицевого счёта",
    Topic.PAYING: "Оплата на портале",
    Topic.PORTAL_FAULT: "Портал работает не так",
    Topic.CHARGES: "Начисления и перерасчёт",
    Topic.PAYMENT: "Платёж не учтён",
    Topic.READINGS: "Показания",
    Topic.METER: "Счётчик и поверка",
    Topic.ACCOUNT_DATA: "Данные лицевого счёта",
    Topic.QUALITY: "Качество услуги, авария",
    Topic.OTHER: "Другое",
}
STATE_LABELS: Final[Mapping[TicketState, tuple[str, str]]] = {
    TicketState.NEW: ("Ждёт ответа", "warn"),
    TicketState.WAITING: ("Ждёт ответа", "warn"),
    TicketState.ANSWERED: ("Есть ответ", "good"),
    TicketState.CLOSED: ("Закрыто", "info"),
}


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in the list."""

    href: str
    number: str
    topic: str
    whom: str
    state: str
    tone: str
    #: Until when we answer, or when we did.
    when: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket on its own page."""

    number: str = ""
    title: str = ""
    topic: str = ""
    whom: str = ""
    account: str = ""
    state: str = ""
    tone: str = ""
    when: str = ""
    opened: str = ""
    #: True while nobody has answered yet: the page says that the message has arrived.
    is_new: bool = False
    is_closed: bool = False
    can_reopen: bool = False
    can_rate: bool = False
    #: `5 из 5`; empty before it is rated.
    rating: str = ""
    #: Names of the forms that were saved here, parted by spaces: their drafts are of no use any more.
    saved: str = ""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a message."""

    href: str
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of the dialogue."""

    author: str
    #: `own`, `staff`, `system`: decides how it is drawn.
    kind: str
    text: str
    at: str
    files: list[FileView]


@dataclass(frozen=True, slots=True)
class Contact:
    """How a company is reached without the portal; all of it stands on its bills."""

    name: str
    phone: str
    #: What a phone dials: `tel:+7…`.
    phone_href: str
    email: str
    email_href: str
    address: str


def ticket_line(found: Found, now: datetime) -> TicketLine:
    """Make a line of the list."""
    ticket, zone = found.ticket, zone_of(found.provider)
    state, tone = STATE_LABELS[ticket.state]
    return TicketLine(
        href=f"/support/{ticket.public_id}",
        number=numbered(ticket.number),
        topic=TOPIC_LABELS[ticket.topic],
        whom=whom_label(found.provider),
        state=state,
        tone=tone,
        when=_when(ticket, now, zone),
    )


def ticket_view(found: Found, messages: Sequence[TicketMessage], now: datetime) -> TicketView:
    """Make the head of a ticket's page."""
    ticket, zone = found.ticket, zone_of(found.provider)
    state, tone = STATE_LABELS[ticket.state]
    account = numbered(found.account.number_shown) if found.account else ""
    own_forms = [message.intent_id for message in messages if message.intent_id]
    return TicketView(
        number=numbered(ticket.number),
        title=f"Обращение {numbered(ticket.number)}",
        topic=TOPIC_LABELS[ticket.topic],
        whom=whom_label(found.provider),
        account=account,
        state=state,
        tone=tone,
        when=_when(ticket, now, zone),
        opened=_moment(ticket.created_at, zone),
        is_new=ticket.state is TicketState.NEW,
        is_closed=ticket.state is TicketState.CLOSED,
        can_reopen=can_reopen(ticket.state, ticket.closed_at, now),
        can_rate=any(message.author is Author.STAFF for message in messages),
        rating=f"{ticket.rating} из 5" if ticket.rating else "",
        saved=" ".join([ticket.intent_id, *own_forms]),
    )


def message_view(
    message: TicketMessage, files: Sequence[TicketAttachment], provider: ServiceProvider | None
) -> MessageView:
    """Make a message of the dialogue."""
    kinds = {Author.SUBSCRIBER: "own", Author.STAFF: "staff", Author.SYSTEM: "system"}
    return MessageView(
        author=author_label(message.author, provider),
        kind=kinds[message.author],
        text=message.text,
        at=_moment(message.at, zone_of(provider)),
        files=[
            FileView(f"{FILES_PATH}/{file.public_id}", file.shown_name, size_in_words(file.size))
            for file in files
            if file.message_id == message.id
        ],
    )


def contact(provider: ServiceProvider) -> Contact:
    """Make the contacts of a company."""
    dialled = "".join(sign for sign in provider.phone if sign.isdigit() or sign == "+")
    return Contact(
        name=provider.name,
        phone=provider.phone,
        phone_href=f"tel:{dialled}",
        email=provider.email,
        email_href=f"mailto:{provider.email}",
        address=provider.address,
    )


def promise(due_on: date, days: int, today: date) -> str:
    """Say until when an answer comes: `Ответим до 4 декабря (10 рабочих дней)`."""
    counted = f"{days} {plural(days, 'рабочий день', 'рабочих дня', 'рабочих дней')}"
    said = f"Ответим до {day_and_month(due_on, today)} ({counted})"
    return said.replace(f"{due_on.day} ", f"{due_on.day}\N{NO-BREAK SPACE}", 1)


def zone_of(provider: ServiceProvider | None) -> ZoneInfo:
    """Return the time zone in which a ticket's days are counted."""
    return ZoneInfo(provider.time_zone if provider else PORTAL_ZONE)


def whom_label(provider: ServiceProvider | None) -> str:
    """Name who is asked: a company, or the portal's support."""
    return provider.name if provider else _SUPPORT


def author_label(author: Author, provider: ServiceProvider | None) -> str:
    """Name who wrote a message; what the portal notes has no author."""
    return {Author.SUBSCRIBER: "Вы", Author.STAFF: whom_label(provider), Author.SYSTEM: ""}[author]


def _when(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    today = now.astimezone(zone).date()
    if ticket.state is TicketState.CLOSED and ticket.closed_at:
        return f"Закрыто {_day(ticket.closed_at, zone, today)}"
    if ticket.state is TicketState.ANSWERED and ticket.answered_at:
        return f"Ответили {_day(ticket.answered_at, zone, today)}"
    if ticket.due_on < today:
        return f"Обещали ответить до {day_and_month(ticket.due_on, today)} и задержались"
    return promise(ticket.due_on, ticket.due_days, today)


def _day(moment: datetime, zone: ZoneInfo, today: date) -> str:
    return day_and_month(moment.astimezone(zone).date(), today)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y, %H:%M}"
