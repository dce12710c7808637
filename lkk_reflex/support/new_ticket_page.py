"""The form of a new ticket."""

from typing import Any, cast

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.support.models import Recipient
from lkk_reflex.support.new_ticket_state import NewTicketState
from lkk_reflex.support.projection import RECIPIENT_LABELS, TOPIC_LABELS
from lkk_reflex.support.rules import TOPICS
from lkk_reflex.support.support_components import files_field, kept_draft
from lkk_reflex.ui.amounts import card, muted
from lkk_reflex.ui.buttons import Handler, submit_button
from lkk_reflex.ui.choices import Option, choice, choice_group
from lkk_reflex.ui.feedback import content_or_skeleton, live_error, skeleton
from lkk_reflex.ui.forms import error_summary, form, select_field, text_area
from lkk_reflex.ui.layout import Page, back_link, cabinet_page

_TITLE = "Написать нам"
_NOTES = {
    Recipient.SUPPORT: "Если не работает сам портал: вход, оплата, страницы",
    Recipient.PROVIDER: "О начислениях, счётчиках, качестве услуг и договоре",
}


def new_ticket_page() -> rx.Component:
    """Ask whom, about what and which account; all of it is kept by the browser."""
    waiting = rx.el.div(skeleton("title", "short"), skeleton("short", "button", "short", "button"), class_name="form")
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            NewTicketState.is_loaded,
            rx.el.div(kept_draft(_form(), of="new"), key=NewTicketState.opened),
            waiting,
        ),
        active="support",
        help_topic="support",
        above=back_link("Обращения", "/support"),
        narrow=True,
    )


def _form() -> rx.Component:
    state = NewTicketState
    return form(
        error_summary(state.errors.summary),
        _recipients(),
        card(
            *(_topics(recipient) for recipient in Recipient),
            select_field(
                "О каком лицевом счёте",
                "account",
                state.accounts,
                error=state.errors.account,
                empty="Без лицевого счёта",
                value=state.account,
                on_choose=_on_choosing("account"),
            ),
            rx.el.div(_companies(), hidden=(state.recipient != Recipient.PROVIDER.value) | (state.account != "")),
            text_area(
                "Сообщение",
                "text",
                hint="Что случилось и что вы хотите узнать. Пароли и номера карт не пишите.",
                error=state.errors.text,
                rows=7,
            ),
            files_field(state.errors.files),
        ),
        card(
            rx.el.div(
                rx.cond(
                    state.promise != "",
                    rx.el.div(rx.el.span(state.promise), help_tip("support.due"), class_name="field-label"),
                    muted("Срок ответа появится, когда вы выберете, кому пишете"),
                ),
                role="status",
            ),
            live_error(state.errors.form),
            submit_button("Отправить", busy=state.is_busy),
        ),
        on_submit=NewTicketState.send,
        label="Новое обращение",
    )


def _recipients() -> rx.Component:
    cards = [
        choice(
            "recipient",
            recipient.value,
            RECIPIENT_LABELS[recipient],
            note=_NOTES[recipient],
            checked=NewTicketState.recipient == recipient.value,
            on_choose=_on_choosing("recipient"),
        )
        for recipient in Recipient
    ]
    return choice_group("Кому написать", *cards, name="recipient", error=NewTicketState.errors.recipient)


def _topics(recipient: Recipient) -> rx.Component:
    """Each recipient has topics of its own; those of the other one wait hidden."""
    field = select_field(
        "О чём обращение",
        f"topic_{recipient}",
        [Option(topic.value, TOPIC_LABELS[topic]) for topic in TOPICS[recipient]],
        error=NewTicketState.errors.topic,
        tip=help_tip("support.recipient", of=f"-{recipient}"),
        empty="Выберите тему",
        on_choose=_on_choosing(f"topic_{recipient}"),
    )
    return rx.el.div(field, hidden=NewTicketState.recipient != recipient.value)


def _companies() -> rx.Component:
    return select_field(
        "Какой компании",
        "provider",
        NewTicketState.providers,
        error=NewTicketState.errors.provider,
        empty="Выберите компанию",
        on_choose=_on_choosing("provider"),
    )


def _on_choosing(place: str) -> Handler:
    # The declared type of a handler hides that it takes its first argument now and the second one later.
    choose = cast("Any", NewTicketState.choose)
    return cast("Handler", lambda value: choose(place, value))


PAGES = [Page("/support/new", _TITLE, new_ticket_page, on_load=NewTicketState.open)]
