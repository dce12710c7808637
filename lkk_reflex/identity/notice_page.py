"""«Уведомления»: about what and where the portal writes."""

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.notice_components import GROUPS, Group, choices_of
from lkk_reflex.identity.notice_state import NoticesState
from lkk_reflex.identity.notices import SETTINGS_PATH
from lkk_reflex.ui.amounts import card, muted
from lkk_reflex.ui.buttons import link, submit_button
from lkk_reflex.ui.feedback import Bone, live_error, live_status, skeleton
from lkk_reflex.ui.forms import form
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.words import either


def notices_page() -> rx.Component:
    """Say where messages go, and ask which are wanted."""
    return cabinet_page(
        "Уведомления",
        rx.cond(NoticesState.is_ready, _choices(), _placeholder()),
        active="settings",
        help_topic="notices",
        above=back_link("Настройки", "/settings"),
        aside=help_tip("settings.notices"),
        narrow=True,
    )


def _choices() -> rx.Component:
    return card(
        _addresses(),
        form(
            *(choices_of(group) for group in GROUPS),
            live_error(NoticesState.refusal),
            live_status(NoticesState.saved),
            submit_button("Сохранить", busy=NoticesState.busy),
            on_submit=NoticesState.save,
            label="Что и куда присылать",
        ),
    )


def _placeholder() -> rx.Component:
    return skeleton("line", *(bone for group in GROUPS for bone in _bones(group)), "button")


def _bones(group: Group) -> list[Bone]:
    lines: list[Bone] = ["line", "line"]
    return ["title", *lines * len(group.events)]


def _addresses() -> rx.Component:
    shown = NoticesState.shown
    email = rx.cond(
        shown.email != "",
        rx.el.p("Письма приходят на ", rx.el.strong(shown.email), "."),
        rx.el.p(
            "Почта не указана, поэтому писем о начислениях и счётчиках не будет. ",
            link("Укажите её в «Ваших данных»", "/settings/profile"),
            either(shown.phone != "", " или отметьте СМС.", "."),
        ),
    )
    copy = rx.cond(
        shown.second_email != "",
        muted("Копии — на ", shown.second_email, ", кроме писем о безопасности."),
    )
    sms = rx.cond(
        shown.phone != "",
        rx.el.p("СМС приходят на ", rx.el.strong(shown.phone), "."),
        rx.cond(
            shown.has_gateway,
            muted("СМС приходят тем, кто входит по номеру телефона; вы входите по почте."),
            muted("СМС эта компания не отправляет."),
        ),
    )
    return rx.el.div(email, copy, sms, class_name="stack stack-tight")


PAGES = [Page(SETTINGS_PATH, "Уведомления", notices_page, on_load=NoticesState.open)]
