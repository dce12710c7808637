"""The page of an address that leads nowhere."""

import reflex as rx

from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import actions, button_link
from lkk_reflex.ui.layout import Page, public_page


def not_found() -> rx.Component:
    """Say that an address leads nowhere, and lead on."""
    return public_page(
        "Такой страницы нет",
        card(
            rx.el.p("Проверьте адрес или начните с главной: возможно, ссылка устарела."),
            actions(button_link("На главную", "/", main=True), button_link("Открыть справку", "/help")),
        ),
    )


PAGES = [Page("404", "Такой страницы нет", not_found)]
