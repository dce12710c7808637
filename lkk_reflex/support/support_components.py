"""What the pages of tickets share: the kept form, the files of a message, the contacts."""

import reflex as rx
from reflex.vars import ObjectVar
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.attachments.files import PHOTO_TYPES
from lkk_reflex.help.components import help_tip
from lkk_reflex.settings import get_settings
from lkk_reflex.support.projection import Contact
from lkk_reflex.support.support_state import SupportState
from lkk_reflex.ui.amounts import card, fact, facts, muted
from lkk_reflex.ui.buttons import Text, link
from lkk_reflex.ui.forms import error_line

_TYPES = f"{PHOTO_TYPES},application/pdf,.pdf"


class KeptDraft(BaseHTML):
    """The element of assets/portal.js that keeps what is written into its form and uploads its files."""

    tag = "kept-draft"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)

    of: rx.Var[str]
    sent: rx.Var[str]


def kept_draft(*children: rx.Component, of: Text, saved: Text = "") -> rx.Component:
    """Keep the draft of a form that holds `text` and `files_field` until it is saved.

    `saved` names the forms that the server has saved, parted by spaces.
    """
    return KeptDraft.create(*children, of=of, sent=saved)


def files_field(error: Text) -> rx.Component:
    """Let choose photos and documents; assets/portal.js uploads them at once and lists them with «Убрать»."""
    choosing = rx.el.label(
        "Прикрепить фото или документ",
        rx.el.input(
            type="file",
            id="attach",
            accept=_TYPES,
            multiple=True,
            class_name="sr-only",
            aria_describedby="files-hint files-error",
        ),
        class_name="button",
    )
    return rx.el.div(
        rx.el.div("Фото и документы", help_tip("support.files"), class_name="field-label"),
        rx.el.div(
            "Не обязательно. Снимки и PDF, до 10 МБ каждый, не больше пяти.", id="files-hint", class_name="field-hint"
        ),
        choosing,
        rx.el.ul(class_name="facts", aria_live="polite"),
        error_line("files", error),
        rx.el.input(type="hidden", name="files"),
        rx.el.input(type="hidden", name="intent"),
        class_name="field",
    )


def portal_contacts() -> rx.Component:
    """Say how the portal's own support is reached; the contacts are known when pages are compiled."""
    settings = get_settings()
    phone, email, hours = settings.support_phone, settings.support_email, settings.support_hours
    dialled = "".join(sign for sign in phone if sign.isdigit() or sign == "+")
    return card(
        facts(
            *([fact("Телефон", link(phone, f"tel:{dialled}"))] if phone else []),
            *([fact("Почта", link(email, f"mailto:{email}"))] if email else []),
            *([fact("Часы работы", hours)] if hours else []),
        ),
        title="Техническая поддержка портала",
    )


def company_contacts() -> rx.Component:
    """Say how each company is reached."""
    return rx.el.div(rx.foreach(SupportState.contacts, _company), class_name="columns")


def _company(known: ObjectVar[Contact]) -> rx.Component:
    return card(
        facts(
            rx.cond(known.phone != "", fact("Телефон", link(known.phone, known.phone_href, reload=True))),
            rx.cond(known.email != "", fact("Почта", link(known.email, known.email_href, reload=True))),
        ),
        rx.cond(known.address != "", muted(known.address)),
        title=known.name,
    )
