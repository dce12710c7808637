"""The pages that ask for the code of a message: after a registration and from a new device."""

import reflex as rx

from lkk_reflex.identity.components import code_form, said_by, ticket_of
from lkk_reflex.identity.state import CodeState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import button_link, link
from lkk_reflex.ui.feedback import notice
from lkk_reflex.ui.layout import Page, public_page


def activate_page() -> rx.Component:
    """Ask for the code of a registration."""
    return _code_page(
        "Подтверждение",
        "/register",
        "Создать кабинет",
        rx.el.p("Уже открыли ссылку из письма? Тогда кабинет создан: ", link("войдите", "/sign-in"), "."),
    )


def new_device_page() -> rx.Component:
    """Ask for the code of a sign-in from a new device."""
    return _code_page("Вход с нового устройства", "/sign-in", "Войти")


def _code_page(title: str, begin_href: str, begin_text: str, *otherwise: rx.Component) -> rx.Component:
    lost = notice(
        "warn",
        "Начните ещё раз",
        "Прошло слишком много времени, или код запрошен в другом браузере.",
        *otherwise,
        button_link(begin_text, begin_href, main=True),
    )
    ask = rx.fragment(said_by(CodeState), code_form(CodeState, CodeState.submit, digits=6))
    return public_page(
        title,
        card(rx.cond(CodeState.is_lost, lost, ask)),
        link("Указать другой телефон или почту", begin_href),
        ticket_of(CodeState),
        help_topic="register",
    )


PAGES = [
    Page("/activate", "Подтверждение", activate_page, on_load=CodeState.load),
    Page("/sign-in/code", "Вход с нового устройства", new_device_page, on_load=CodeState.load),
]
