"""«Отключения»: what is off, will be, and was, at the addresses of one's own accounts."""

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.outages.outages_components import outage_line
from lkk_reflex.outages.outages_state import OutagesState
from lkk_reflex.outages.projection import PAGE
from lkk_reflex.ui.amounts import card, muted
from lkk_reflex.ui.buttons import button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, skeleton
from lkk_reflex.ui.layout import Page, back_link, cabinet_page

_TITLE = "Отключения"


def outages_page() -> rx.Component:
    """Show what is present before what is past."""
    has_any = (OutagesState.present.length() > 0) | (OutagesState.past.length() > 0)
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            OutagesState.is_loaded,
            rx.cond(has_any, rx.el.div(_present(), _past(), class_name="stack"), _nothing()),
            skeleton("title", "line", "line", "short"),
        ),
        active="home",
        help_topic="outages",
        above=back_link("Лицевые счета", "/cabinet"),
        aside=help_tip("outages.place"),
        narrow=True,
    )


def _present() -> rx.Component:
    return card(
        rx.cond(
            OutagesState.present.length() > 0,
            rx.el.ul(rx.foreach(OutagesState.present, outage_line), class_name="stack"),
            muted("Сейчас и в ближайшее время отключений нет."),
        ),
        title="Сейчас и скоро",
    )


def _past() -> rx.Component:
    listed = card(
        rx.el.ul(rx.foreach(OutagesState.past, outage_line), class_name="stack"), title="За последние 30 дней"
    )
    return rx.cond(OutagesState.past.length() > 0, listed)


def _nothing() -> rx.Component:
    return card(
        empty_state(
            "clock",
            "Отключений по вашим счетам нет. Когда поставщик объявит отключение, оно появится здесь и на главной.",
            button_link("О чём и куда писать", "/settings/notifications"),
        )
    )


PAGES = [Page(PAGE, _TITLE, outages_page, on_load=OutagesState.load)]
