"""The page on which the login is changed."""

import reflex as rx

from lkk_reflex.identity.components import (
    code_form,
    error_of,
    login_field,
    said_by,
    settings_page,
    ticket_of,
)
from lkk_reflex.identity.login_change_state import LoginChangeState
from lkk_reflex.ui.amounts import card, fact, facts
from lkk_reflex.ui.buttons import submit_button, text_button
from lkk_reflex.ui.feedback import content_or_skeleton, skeleton
from lkk_reflex.ui.forms import form, password_field
from lkk_reflex.ui.layout import Page


def login_change_page() -> rx.Component:
    """Ask for the new login and the password, then for the code."""
    return settings_page(
        "Смена логина",
        content_or_skeleton(
            LoginChangeState.is_loaded,
            card(
                said_by(LoginChangeState),
                facts(fact("Сейчас вы входите по", LoginChangeState.login)),
                rx.cond(LoginChangeState.is_waiting, _code(), _new_login()),
            ),
            skeleton("title", "line", "line", "button", "line", "button", "button"),
        ),
        ticket_of(LoginChangeState),
    )


def _new_login() -> rx.Component:
    return form(
        rx.el.p(
            "Мы пришлём код на новый адрес. Пока вы его не введёте, всё останется как есть. "
            "После смены остальные устройства выйдут из кабинета, а на прежний адрес придёт сообщение."
        ),
        login_field(LoginChangeState, label="Новый телефон или электронная почта"),
        password_field("Пароль", "own_password", error=error_of(LoginChangeState, "own_password")),
        submit_button("Прислать код", busy=LoginChangeState.is_busy),
        on_submit=LoginChangeState.ask,
    )


def _code() -> rx.Component:
    return rx.fragment(
        code_form(LoginChangeState, LoginChangeState.confirm, digits=6),
        text_button("Отменить смену логина", LoginChangeState.cancel, busy=LoginChangeState.is_busy),
    )


PAGES = [Page("/settings/security/login", "Смена логина", login_change_page, on_load=LoginChangeState.load)]
