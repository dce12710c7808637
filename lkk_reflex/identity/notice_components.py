"""The table of boxes: what happens, and by which channels it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import reflex as rx

from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_projection import box_name
from lkk_reflex.identity.notice_state import NoticesState
from lkk_reflex.notifications.models import Channel

CHANNELS: Final[Mapping[Channel, str]] = {Channel.EMAIL: "Письмо", Channel.SMS: "СМС"}


@dataclass(frozen=True, slots=True)
class Group:
    """Events that belong together, with the words of each."""

    title: str
    note: str
    events: Mapping[NoticeEvent, str]


GROUPS: Final = (
    Group(
        "Начисления и оплата",
        "",
        {
            NoticeEvent.NEW_BILL: "Вышла новая квитанция",
            NoticeEvent.PAYMENT_CREDITED: "Платёж зачислен",
            NoticeEvent.PAYMENT_REFUSED: "Платёж не прошёл",
        },
    ),
    Group(
        "Счётчики",
        "Напоминания приходят с 9 до 20 часов и только пока показания не переданы.",
        {
            NoticeEvent.WINDOW_OPENS: "Начался приём показаний",
            NoticeEvent.WINDOW_TWO_DAYS: "До конца приёма два дня",
            NoticeEvent.WINDOW_LAST_DAY: "Последний день приёма",
            NoticeEvent.READING_ACCEPTED: "Показания приняты",
            NoticeEvent.VERIFICATION: "Скоро поверка: за 60, 30 и 7 дней",
        },
    ),
    Group(
        "Отключения",
        "О плановых пишем с 9 до 20 часов, об аварии — сразу.",
        {NoticeEvent.OUTAGE: "Отключение объявлено, изменено или закончилось"},
    ),
    Group("Обращения", "", {NoticeEvent.TICKET_ANSWERED: "Ответ на обращение"}),
    Group(
        "Безопасность кабинета",
        "Об этом пишем всегда: оставьте хотя бы один способ.",
        {
            NoticeEvent.NEW_DEVICE: "Вход с нового устройства",
            NoticeEvent.PASSWORD_CHANGED: "Пароль изменён",
            NoticeEvent.LOGIN_CHANGED: "Телефон или почта для входа изменены",
            NoticeEvent.SECOND_FACTOR_CHANGED: "Изменён второй шаг входа",
            NoticeEvent.ACCOUNT_UNLINKED: "Лицевой счёт отключён",
            NoticeEvent.ACCOUNT_SHARED: "Счёт полностью виден ещё в одном кабинете",
        },
    ),
)


def choices_of(group: Group) -> rx.Component:
    """Draw one group as a table: an event is a row, a channel is a column."""
    heading_id = f"notices-{next(iter(group.events))}"
    return rx.el.div(
        rx.el.h2(group.title, id=heading_id),
        *([rx.el.p(group.note, class_name="muted small")] if group.note else []),
        rx.el.div(_table(group, heading_id), class_name="table-frame"),
        class_name="stack stack-tight",
    )


def _table(group: Group, heading_id: str) -> rx.Component:
    """Draw the boxes; the roles say again what the elements mean, because big letters lay them out as cards."""
    headings = (_heading(title, class_name="tick") for title in CHANNELS.values())
    return rx.el.table(
        rx.el.thead(rx.el.tr(_heading("Событие"), *headings, role="row"), role="rowgroup"),
        rx.el.tbody(*(_event(event, words) for event, words in group.events.items()), role="rowgroup"),
        class_name="ticks",
        role="table",
        custom_attrs={"aria-labelledby": heading_id},
    )


def _heading(text: str, class_name: str = "") -> rx.Component:
    return rx.el.th(text, scope="col", role="columnheader", class_name=class_name)


def _event(event: NoticeEvent, words: str) -> rx.Component:
    boxes = (
        rx.el.td(
            _box(event, channel, f"{words}: {title}"),
            class_name="tick",
            role="cell",
            custom_attrs={"data-label": title},
        )
        for channel, title in CHANNELS.items()
    )
    return rx.el.tr(rx.el.th(words, scope="row", role="rowheader"), *boxes, role="row")


def _box(event: NoticeEvent, channel: Channel, label: str) -> rx.Component:
    name = box_name(event, channel)
    address = NoticesState.shown.email if channel is Channel.EMAIL else NoticesState.shown.phone
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            id=name,
            name=name,
            default_checked=rx.Var.create(NoticesState.shown.ticked).to(list[str]).contains(name),
            disabled=address == "",
        ),
        rx.el.span(label, class_name="sr-only"),
    )
