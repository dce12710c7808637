"""Documents that a person agrees to or has a right to read, as pages of their own."""

from functools import partial

import reflex as rx

from lkk_reflex.cabinet.policy_text import policy
from lkk_reflex.identity.consent_texts import KINDS, current, document_path, edition
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import link
from lkk_reflex.ui.layout import Page, public_page


def consent_page(kind: str) -> rx.Component:
    """Show the very text whose hash is kept with a consent, and its version."""
    consent = current(kind, get_settings().company_name)
    title, *paragraphs = consent.text.split("\n\n")
    return public_page(
        title,
        card(
            rx.el.div(*(rx.el.p(paragraph) for paragraph in paragraphs), class_name="prose"),
            rx.el.p(edition(consent.version).capitalize(), class_name="muted small"),
        ),
        wide=True,
        help_topic="privacy",
    )


def policy_page() -> rx.Component:
    """Show the policy about personal data, with the ways to the separate consents."""
    settings = get_settings()
    contacts = [text for text in (settings.support_phone, settings.support_email, settings.support_hours) if text]
    parts = [
        rx.el.h2(part.text) if part.is_heading else rx.el.p(part.text)
        for part in policy(settings.company_name, contacts)
    ]
    texts = [link(f"Согласие: {words.title.lower()}", document_path(kind)) for kind, words in KINDS.items()]
    return public_page(
        "Политика обработки персональных данных",
        card(
            rx.el.div(*parts, class_name="prose"),
            rx.el.div(*texts, class_name="stack stack-tight"),
        ),
        wide=True,
        help_topic="privacy",
    )


PAGES = [
    Page("/documents/privacy", "Политика обработки персональных данных", policy_page, public=True),
    *(
        Page(document_path(kind), f"Согласие: {words.title.lower()}", partial(consent_page, kind), public=True)
        for kind, words in KINDS.items()
    ),
]
