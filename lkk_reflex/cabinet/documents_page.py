"""Documents that a person agrees to, as pages of their own."""

import reflex as rx

from lkk_reflex.identity.consent_texts import personal_data
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.layout import Page, public_page


def consent_page() -> rx.Component:
    """Show the very text whose hash is kept with a consent, and its version."""
    consent = personal_data(get_settings().company_name)
    title, *paragraphs = consent.text.split("\n\n")
    return public_page(
        title,
        card(
            rx.el.div(*(rx.el.p(paragraph) for paragraph in paragraphs), class_name="prose"),
            rx.el.p(f"Редакция {consent.version}", class_name="muted small"),
        ),
        wide=True,
    )


PAGES = [Page("/documents/consent", "Согласие на обработку персональных данных", consent_page, public=True)]
