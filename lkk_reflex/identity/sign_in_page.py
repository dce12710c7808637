"""The page of signing in: by a login and a password."""

import reflex as rx

from lkk_reflex.identity.components import PURPOSE, error_of, login_field, said_by, ticket_of
from lkk_reflex.identity.state import SignInState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import link, submit_button
from lkk_reflex.ui.forms import form, password_field
from lkk_reflex.ui.layout import Page, public_page


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
        lead=PURPOSE,
        help_topic="register",
    )


PAGES = [Page("/sign-in", "Вход в кабинет", sign_in_page, on_load=SignInState.load, public=True)]
