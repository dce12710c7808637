"""The page of registration."""

import reflex as rx

from lkk_reflex.identity.components import PURPOSE, error_of, login_field, new_password_field, said_by, ticket_of
from lkk_reflex.identity.state import RegisterState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import link, submit_button
from lkk_reflex.ui.forms import checkbox, form
from lkk_reflex.ui.layout import Page, public_page


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
        lead=PURPOSE,
        help_topic="register",
    )


PAGES = [Page("/register", "Создать кабинет", register_page, on_load=RegisterState.load, public=True)]
