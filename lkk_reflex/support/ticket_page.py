"""One ticket: the dialogue and what can be done with it."""

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar
from reflex.vars.number import ternary_operation

from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.support.projection import FileView, MessageView
from lkk_reflex.support.rules import BEST_RATING
from lkk_reflex.support.support_components import files_field, kept_draft
from lkk_reflex.support.ticket_state import TicketState
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import badge, card, fact, facts, muted
from lkk_reflex.ui.buttons import button, button_link, link, submit_button
from lkk_reflex.ui.choices import choice, choice_group
from lkk_reflex.ui.feedback import (
    content_or_skeleton,
    disclosure,
    empty_state,
    live_error,
    live_status,
    notice,
    skeleton,
)
from lkk_reflex.ui.forms import error_summary, form, text_area
from lkk_reflex.ui.layout import Page, back_link, cabinet_page

_RATINGS = {5: "Отлично", 4: "Хорошо", 3: "Средне", 2: "Плохо", 1: "Очень плохо"}


def ticket_page() -> rx.Component:
    """Show the dialogue of the address, or that there is none."""
    ticket = TicketState.ticket
    nothing = card(empty_state("chat", Forbidden.text, button_link("На главную", "/cabinet", main=True)))
    asked_id = rx.Var.create(TicketState.asked_id).to(str)
    is_missing = rx.Var.create(TicketState.is_missing).to(bool)
    # The annotations of the library let no Var in here.
    titles: tuple[Any, Any] = (ticket.title, "Обращение")
    is_answered = (asked_id == address_part("id")) | (is_missing & (asked_id == ""))
    return cabinet_page(
        ternary_operation(is_answered & ~is_missing, *titles),
        content_or_skeleton(
            is_answered,
            rx.cond(is_missing, nothing, _ticket()),
            rx.el.div(skeleton("title", "line", "line"), skeleton("line", "line", "button"), class_name="stack"),
        ),
        active="support",
        help_topic="support",
        above=back_link("Обращения", "/support"),
        aside=rx.cond(is_answered & ~is_missing, badge(ticket.state, rx.Var.create(ticket.tone))),
        narrow=True,
    )


def _ticket() -> rx.Component:
    ticket = TicketState.ticket
    return rx.el.div(
        rx.cond(
            ticket.is_new,
            notice(
                "good",
                "Сообщение отправлено",
                ticket.when,
                "Ответ появится здесь. Сообщим о нём так, как отмечено в разделе «Уведомления».",
            ),
        ),
        card(
            facts(
                fact("О чём", ticket.topic),
                fact("Кому", ticket.whom),
                rx.cond(ticket.account != "", fact("Лицевой счёт", ticket.account)),
                rx.cond(~ticket.is_new, fact("Что сейчас", ticket.when)),
            ),
        ),
        rx.el.div(rx.foreach(TicketState.messages, _message), class_name="stack", role="log", aria_label="Переписка"),
        live_status(TicketState.done),
        live_error(TicketState.errors.form),
        rx.cond(ticket.is_closed, _closed(), _answering()),
        rx.cond(ticket.can_rate, _rating()),
        # Pressed by assets/portal.js when the person comes back to the tab.
        rx.el.button(
            "Обновить", type="button", hidden=True, on_click=TicketState.refresh, custom_attrs={"data-refresh": ""}
        ),
        class_name="stack",
    )


def _message(message: ObjectVar[MessageView]) -> rx.Component:
    said = rx.el.article(
        rx.el.div(rx.el.strong(message.author), rx.el.span(message.at, class_name="muted small"), class_name="row"),
        rx.el.p(message.text, class_name="as-typed"),
        rx.foreach(message.files, _file),
        class_name=["message", message.kind],
    )
    noted = rx.el.p(message.text, " ", message.at, class_name="muted small centered")
    return rx.cond(message.kind == "system", noted, said)


def _file(file: ObjectVar[FileView]) -> rx.Component:
    return rx.el.div(link(file.name, file.href, reload=True), " ", rx.el.span(file.size, class_name="muted small"))


def _answering() -> rx.Component:
    writing = form(
        error_summary(TicketState.errors.summary),
        text_area("Ваше сообщение", "text", error=TicketState.errors.text, rows=4),
        files_field(TicketState.errors.files),
        submit_button("Отправить", busy=TicketState.is_busy),
        on_submit=TicketState.send,
        label="Сообщение",
    )
    return rx.fragment(
        card(kept_draft(writing, of=TicketState.asked_id, saved=TicketState.ticket.saved)),
        button("Вопрос решён, закрыть", TicketState.close, full=True),
    )


def _closed() -> rx.Component:
    is_over = muted("Обращение закрыто больше 30 дней назад. Если вопрос остался, напишите новое.")
    return card(
        rx.el.p("Обращение закрыто."),
        rx.cond(
            TicketState.ticket.can_reopen,
            button("Открыть снова", TicketState.reopen, full=True),
            rx.fragment(is_over, button_link("Написать нам", "/support/new", full=True)),
        ),
    )


def _rating() -> rx.Component:
    cards = [
        choice("rating", str(number), label, note=f"{number} из {BEST_RATING}") for number, label in _RATINGS.items()
    ]
    rating = form(
        error_summary(TicketState.errors.rating_summary),
        choice_group("Как вам ответили?", *cards, name="rating", error=TicketState.errors.rating),
        text_area("Отзыв (необязательно)", "comment", error=TicketState.errors.comment, rows=3),
        submit_button("Оценить", main=False),
        on_submit=TicketState.rate,
        label="Оценка ответа",
    )
    rated = rx.el.p("Ваша оценка: ", rx.el.strong(TicketState.ticket.rating))
    return card(rx.cond(TicketState.ticket.rating != "", rated, disclosure("Оценить ответ", rating)))


PAGES = [Page("/support/[id]", "Обращение", ticket_page, on_load=TicketState.load)]
