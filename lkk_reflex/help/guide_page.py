"""The help: how to do each thing on the portal, with pictures of its screens, and what the terms mean."""

import reflex as rx

from lkk_reflex.help.chapters import CHAPTERS, PICTURE_SIZE, Chapter
from lkk_reflex.help.components import pictures_of
from lkk_reflex.help.topics import PASSWORD_RULES, TOPICS
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import link
from lkk_reflex.ui.layout import Page, back_link, public_page

_FOUND = "help-found"


def guide_page() -> rx.Component:
    """Show all chapters at once, so that they can be searched, read aloud and printed."""
    return public_page(
        "Справка",
        card(_search(), _contents()),
        rx.el.div(
            rx.el.div(*(_chapter(chapter) for chapter in CHAPTERS), id=_FOUND, class_name="stack"),
            rx.el.div(
                rx.el.p(
                    "Ничего не нашлось. Попробуйте другое слово или спросите нас.",
                    class_name="picker-none",
                    hidden=True,
                ),
                role="status",
            ),
        ),
        wide=True,
        above=back_link("В кабинет", "/cabinet"),
        lead="Как войти, подключить лицевой счёт, заплатить и передать показания, и что значат слова в квитанции.",
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.label("Найти в справке", html_for="help-search"), class_name="field-label"),
        rx.el.input(
            type="search",
            id="help-search",
            class_name="input",
            auto_complete="off",
            placeholder="Например, поверка",
            custom_attrs={"data-filter": _FOUND},
        ),
        class_name="field no-print",
    )


def _contents() -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            *(rx.el.li(link(chapter.title, f"#{chapter.key}")) for chapter in CHAPTERS),
            class_name="plain-list numbered columns",
        ),
        rx.el.button(
            "Напечатать справку", type="button", class_name="button-text no-print", custom_attrs={"data-print": ""}
        ),
        aria_label="Содержание",
    )


def _chapter(chapter: Chapter) -> rx.Component:
    return rx.el.section(
        rx.el.h2(chapter.title),
        rx.el.div(
            rx.el.div(
                rx.el.ol(*(rx.el.li(step) for step in chapter.steps), class_name="plain-list numbered"),
                *(rx.el.p(note, class_name="muted") for note in chapter.notes),
                class_name="stack",
            ),
            *([_picture(chapter)] if chapter.picture else []),
            class_name="how-to",
            custom_attrs={"data-part": ""},
        ),
        *(_topic(key) for key in chapter.topics),
        id=chapter.key,
        class_name="card",
        custom_attrs={"data-group": ""},
    )


def _picture(chapter: Chapter) -> rx.Component:
    width, height = PICTURE_SIZE
    return rx.el.img(
        src=f"/help/{chapter.picture}.webp",
        alt=chapter.picture_text,
        loading="lazy",
        class_name="screen",
        # Named as props they would become an inline style, which the policy forbids.
        custom_attrs={"width": str(width), "height": str(height)},
    )


def _topic(key: str) -> rx.Component:
    topic = TOPICS[key]
    rule = PASSWORD_RULES[get_settings().password_profile] if key == "sign_in.password" else ""
    return rx.el.div(
        rx.el.h3(topic.title),
        *([rx.el.p(rule)] if rule else []),
        rx.el.p(topic.text),
        *([rx.el.p(topic.where, class_name="muted")] if topic.where else []),
        *pictures_of(topic),
        class_name="topic",
        custom_attrs={"data-part": ""},
    )


PAGES = [Page("/help", "Справка", guide_page, public=True)]
