"""An outage, where it is not the matter itself and where it is."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.outages.projection import PAGE, OutageView
from lkk_reflex.ui.amounts import badge, between, muted
from lkk_reflex.ui.buttons import link
from lkk_reflex.ui.icons import icon


def outage_notice(view: ObjectVar[OutageView]) -> rx.Component:
    """Say in a tinted box what is off for an account, on the pages that are about something else."""
    return rx.el.div(
        icon("clock"),
        rx.el.div(
            rx.el.strong(view.title),
            rx.el.p(view.when),
            rx.el.p(view.badge, " · ", view.place, class_name="small"),
            *_more(view),
            rx.cond(view.also != "", rx.el.p(view.also, class_name="small")),
            link("Все отключения", PAGE, class_name="small"),
        ),
        class_name=["notice", view.tone],
        role="note",
    )


def outage_line(view: ObjectVar[OutageView]) -> rx.Component:
    """Tell of an outage in the list of all of them, with the accounts that it concerns."""
    return rx.el.li(
        between(rx.el.h3(view.title), badge(view.badge, view.tone)),
        rx.el.p(view.when),
        rx.el.p("Где: ", view.place, class_name="small"),
        *_more(view),
        rx.foreach(view.accounts, lambda account: muted(link(account.name, account.href))),
        class_name="topic",
    )


def _more(view: ObjectVar[OutageView]) -> list[rx.Component]:
    return [
        rx.cond(view.text != "", rx.el.p(view.text, class_name="small")),
        rx.cond(view.changed != "", rx.el.p(view.changed, class_name="small")),
        rx.cond(view.late != "", rx.el.p(view.late, class_name="small")),
    ]
