"""The page of the security settings, and the page of a new password."""

from typing import Any

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.components import error_of, new_password_field, said_by, settings_page, ticket_of
from lkk_reflex.identity.password_change_state import PasswordChangeState
from lkk_reflex.identity.security_state import SecurityState
from lkk_reflex.ui.amounts import badge, card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, called_with, link, submit_button, text_button
from lkk_reflex.ui.feedback import content_or_skeleton, live_status, skeleton
from lkk_reflex.ui.forms import form, password_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.native_form import NativeForm
from lkk_reflex.ui.tables import Column, table

_TITLE = "Вход и безопасность"
_BONES = skeleton("title", "line", "button")


def security_page() -> rx.Component:
    """Show how the cabinet is guarded, a card for each guard, and who is signed in."""
    cards = rx.el.div(_login(), _password(), class_name="columns")
    return cabinet_page(
        _TITLE,
        rx.el.div(live_status(SecurityState.note), id="said", tab_index=-1),
        content_or_skeleton(
            SecurityState.is_loaded,
            rx.fragment(cards, _second_factor(), _sessions()),
            rx.fragment(
                rx.el.div(_BONES, _BONES, class_name="columns"),
                _BONES,
                skeleton("title", "line", "line", "button"),
            ),
        ),
        active="settings",
        help_topic="security",
        above=back_link("Настройки", "/settings"),
        lead="Как вы входите и где сейчас открыт ваш кабинет.",
    )


def password_page() -> rx.Component:
    """Ask for the present password and a new one."""
    return settings_page(
        "Смена пароля",
        card(
            said_by(PasswordChangeState),
            form(
                rx.el.p("После смены все остальные устройства выйдут из кабинета, а здесь вы останетесь."),
                password_field("Нынешний пароль", "own_password", error=error_of(PasswordChangeState, "own_password")),
                new_password_field("Новый пароль", error_of(PasswordChangeState, "password")),
                submit_button("Сменить пароль", busy=PasswordChangeState.is_busy),
                on_submit=PasswordChangeState.change,
            ),
            muted("Не помните нынешний? Выйдите и нажмите «Не помню пароль» на странице входа."),
        ),
        ticket_of(PasswordChangeState),
    )


def _login() -> rx.Component:
    security = SecurityState.security
    waiting = rx.el.p("Ждёт кода: ", security.new_login, ". ", link("Ввести код", "/settings/security/login"))
    return card(
        lines(rx.el.p(security.login), rx.cond(security.new_login != "", waiting, muted("По нему вы входите"))),
        actions(button_link("Сменить логин", "/settings/security/login")),
        title="Логин",
    )


def _password() -> rx.Component:
    return card(
        lines(
            rx.el.p("••••••••", custom_attrs={"aria-hidden": "true"}), muted(SecurityState.security.password_changed)
        ),
        actions(button_link("Сменить пароль", "/settings/security/password")),
        title="Пароль",
    )


def _second_factor() -> rx.Component:
    factor = SecurityState.security.factor
    is_on = lines(
        rx.el.div(badge("Включён", "good"), help_tip("settings.second_factor"), class_name="row"),
        muted(factor.codes_left),
    )
    is_off = lines(
        rx.el.div(badge("Выключен"), help_tip("settings.second_factor"), class_name="row"),
        muted("Код из приложения при каждом входе"),
    )
    href = "/settings/security/second-factor"
    return card(
        rx.cond(factor.is_on, is_on, is_off),
        actions(rx.cond(factor.is_on, button_link("Настроить", href), button_link("Включить", href))),
        title="Второй шаг входа",
    )


def _sessions() -> rx.Component:
    everywhere = NativeForm.create(
        rx.el.input(type="hidden", name="everywhere", value="1", read_only=True),
        submit_button("Выйти везде, и здесь тоже", main=False, full=False),
        method="post",
        action="/auth/sign-out",
    )
    return card(
        table(
            "Где вы вошли",
            [
                Column("Устройство", _device),
                Column("Последний раз", lambda row: row.last_seen),
                Column("Вход", lambda row: row.opened),
                Column("Адрес в сети", lambda row: row.address),
                Column("Действие", _end),
            ],
            SecurityState.sessions,
        ),
        rx.el.p(
            "Видите незнакомое устройство? Завершите вход на нём и смените пароль. Адрес в сети у мобильного интернета "
            "часто меняется, это не страшно.",
            class_name="muted small",
        ),
        rx.el.div(
            rx.cond(
                SecurityState.sessions.length() > 1,
                button("Выйти везде, кроме этого устройства", SecurityState.end_others),
            ),
            everywhere,
            class_name="actions",
        ),
    )


def _device(row: Any) -> rx.Component:  # noqa: ANN401 - the framework gives rows of a table no type.
    return rx.fragment(row.device, " ", rx.cond(row.is_this_one, badge("это устройство", "good")))


def _end(row: Any) -> rx.Component:  # noqa: ANN401 - the same.
    return rx.cond(
        row.is_this_one,
        rx.fragment(),
        text_button("Завершить", called_with(SecurityState.end_session, row.public_id), about=row.device),
    )


PAGES = [
    Page("/settings/security", _TITLE, security_page, on_load=SecurityState.load),
    Page("/settings/security/password", "Смена пароля", password_page, on_load=PasswordChangeState.load),
]
