"""The public pages: registration, activation, signing in, the forgotten password."""

import reflex as rx

from lkk_reflex.identity import login_change_page, profile_page, second_factor_page, security_page
from lkk_reflex.identity.components import (
    code_form,
    error_of,
    login_field,
    new_password_field,
    said_by,
    second_code_field,
    ticket_of,
)
from lkk_reflex.identity.state import CodeState, RegisterState, ResetState, SignInState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import button_link, link, submit_button, text_button
from lkk_reflex.ui.feedback import notice
from lkk_reflex.ui.forms import checkbox, form, password_field
from lkk_reflex.ui.layout import Page, public_page

_PURPOSE = "Личный кабинет: долг по лицевым счетам и оплата в одном месте."


def register_page() -> rx.Component:
    """Ask for a login, a password and the consent."""
    consent = link("обработку персональных данных", "/documents/consent", attributes={"target": "_blank"})
    return public_page(
        "Создать кабинет",
        card(
            said_by(RegisterState),
            form(
                login_field(RegisterState),
                new_password_field("Придумайте пароль", error_of(RegisterState, "password")),
                checkbox("consent", "Даю согласие на ", consent, error=error_of(RegisterState, "consent")),
                submit_button("Зарегистрироваться", busy=RegisterState.is_busy),
                on_submit=RegisterState.submit,
            ),
            rx.el.p("Уже есть кабинет? ", link("Войти", "/sign-in")),
        ),
        ticket_of(RegisterState),
        lead=_PURPOSE,
        help_topic="register",
    )


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


def sign_in_page() -> rx.Component:
    """Ask for the login and the password."""
    return public_page(
        "Вход в кабинет",
        card(
            said_by(SignInState),
            form(
                login_field(SignInState),
                password_field("Пароль", error=error_of(SignInState, "password")),
                submit_button("Войти", busy=SignInState.is_busy),
                on_submit=SignInState.submit,
            ),
            link("Не помню пароль", "/reset"),
        ),
        rx.el.p("Впервые здесь? ", link("Создать кабинет", "/register")),
        rx.el.p(link("Оплатить без входа", "/quick"), link("Передать показания без входа", "/quick"), class_name="row"),
        ticket_of(SignInState),
        lead=_PURPOSE,
        help_topic="register",
    )


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


PAGES = [
    Page("/register", "Создать кабинет", register_page, on_load=RegisterState.load, public=True),
    Page("/activate", "Подтверждение", activate_page, on_load=CodeState.load),
    Page("/sign-in", "Вход в кабинет", sign_in_page, on_load=SignInState.load, public=True),
    Page("/sign-in/code", "Вход с нового устройства", new_device_page, on_load=CodeState.load),
    Page("/reset", "Новый пароль", reset_page, on_load=ResetState.load),
    *security_page.PAGES,
    *login_change_page.PAGES,
    *second_factor_page.PAGES,
    *profile_page.PAGES,
]
