"""The page of a forgotten password, in three steps."""

import reflex as rx

from lkk_reflex.identity.components import (
    code_form,
    error_of,
    login_field,
    new_password_field,
    said_by,
    second_code_field,
    ticket_of,
)
from lkk_reflex.identity.state import ResetState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import link, submit_button, text_button
from lkk_reflex.ui.forms import form
from lkk_reflex.ui.layout import Page, public_page


def reset_page() -> rx.Component:
    """Ask for the login, then for the code, then for a new password."""
    return public_page(
        "Новый пароль",
        card(
            said_by(ResetState),
            rx.cond(
                ResetState.step == "login",
                _reset_login(),
                rx.cond(ResetState.step == "code", _reset_code(), _reset_password()),
            ),
        ),
        link("Вернуться ко входу", "/sign-in"),
        ticket_of(ResetState),
        help_topic="register",
    )


def _reset_login() -> rx.Component:
    return form(
        rx.el.p("Укажите телефон или почту кабинета: мы пришлём код, и вы зададите новый пароль."),
        login_field(ResetState),
        submit_button("Прислать код", busy=ResetState.is_busy),
        on_submit=ResetState.ask,
    )


def _reset_code() -> rx.Component:
    return rx.fragment(
        code_form(ResetState, ResetState.prove, digits=8),
        text_button("Указать другой телефон или почту", ResetState.start_over),
    )


def _reset_password() -> rx.Component:
    return form(
        rx.el.p("Код подошёл. После смены пароля на всех устройствах нужно будет войти заново."),
        new_password_field("Придумайте новый пароль", error_of(ResetState, "password")),
        rx.cond(ResetState.needs_second_code, second_code_field(ResetState)),
        submit_button("Сохранить и войти", busy=ResetState.is_busy),
        on_submit=ResetState.choose,
    )


PAGES = [Page("/reset", "Новый пароль", reset_page, on_load=ResetState.load)]
