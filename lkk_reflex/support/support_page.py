"""Own tickets, and for a guest whom to call."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.support.projection import TicketLine
from lkk_reflex.support.support_components import company_contacts, portal_contacts
from lkk_reflex.support.support_state import SupportState
from lkk_reflex.ui.amounts import badge, between, card, muted
from lkk_reflex.ui.buttons import button, button_link, link
from lkk_reflex.ui.feedback import disclosure, empty_state, skeleton
from lkk_reflex.ui.layout import Page, cabinet_page, public_page

_TITLE = "Обратная связь"


def support_page() -> rx.Component:
    """Show the tickets in the frame of the cabinet, the contacts in the frame of a public page."""
    return rx.cond(SupportState.stage == "guest", _for_guests(), _for_subscribers())


def _for_guests() -> rx.Component:
    sign_in = card(
        rx.el.p(
            "В кабинете можно написать сотрудникам компании и технической поддержке, приложить фото и прочитать ответ."
        ),
        button_link("Войти и написать", "/sign-in?next=/support/new", main=True, full=True),
        title="Написать нам",
    )
    return public_page(
        _TITLE,
        rx.el.div(sign_in, portal_contacts(), class_name="columns"),
        rx.el.h2("Компании"),
        company_contacts(),
        wide=True,
        lead="Куда написать и позвонить, если остались вопросы",
        help_topic="support",
    )


def _for_subscribers() -> rx.Component:
    return cabinet_page(
        _TITLE,
        rx.cond(
            SupportState.stage == "ready",
            rx.el.div(
                rx.cond(
                    SupportState.lines.length() > 0,
                    rx.fragment(rx.el.div(_write(), class_name="row"), _tickets()),
                    _nothing(),
                ),
                disclosure(
                    "Телефоны и почта",
                    rx.el.div(portal_contacts(), company_contacts(), class_name="stack"),
                ),
                class_name="stack",
            ),
            skeleton("title", "line", "line", "short", "button"),
        ),
        active="support",
        help_topic="support",
    )


def _write() -> rx.Component:
    return button_link("Написать", "/support/new", main=True, icon_name="plus")


def _tickets() -> rx.Component:
    return card(
        rx.el.ul(rx.foreach(SupportState.lines, _line), class_name="stack"),
        rx.cond(
            SupportState.has_more,
            button("Показать ещё", SupportState.show_more, busy=SupportState.busy, full=True),
        ),
        title="Ваши обращения",
    )


def _line(line: ObjectVar[TicketLine]) -> rx.Component:
    return rx.el.li(
        between(link(line.topic, line.href), badge(line.state, line.tone)),
        muted(line.number, " · ", line.whom),
        muted(line.when),
        class_name="topic",
    )


def _nothing() -> rx.Component:
    return card(
        empty_state(
            "chat",
            "Обращений пока нет. Спросите компанию о начислениях или техническую поддержку о портале.",
            _write(),
        )
    )


PAGES = [Page("/support", _TITLE, support_page, on_load=SupportState.open, public=True)]
