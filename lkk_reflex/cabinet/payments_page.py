"""The history of payments: what and when was paid, and where each payment stands."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.cabinet.payments_projection import PaymentLine
from lkk_reflex.cabinet.payments_state import PaymentsState
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.amounts import badge, card, muted
from lkk_reflex.ui.buttons import button, button_link, link
from lkk_reflex.ui.feedback import disclosure, empty_state, skeleton
from lkk_reflex.ui.layout import Page, cabinet_page
from lkk_reflex.ui.tables import Column, table


def payments_page() -> rx.Component:
    """Show the newest payments, or lead to the first one."""
    return cabinet_page(
        "Платежи",
        rx.cond(
            PaymentsState.stage == "ready",
            rx.cond(PaymentsState.lines.length() > 0, _history(), _nothing()),
            skeleton("title", "line", "line", "line", "line", "line"),
        ),
        active="payments",
        help_topic="pay",
        aside=help_tip("pay.state"),
    )


def _history() -> rx.Component:
    columns = [
        Column("Когда", lambda line: line.at),
        Column("Лицевой счёт", _account),
        Column("Сумма", lambda line: rx.el.strong(line.amount, class_name="nowrap"), figures=True),
        Column("Состояние", _state),
    ]
    return card(
        table("История платежей", columns, PaymentsState.lines),
        rx.cond(
            PaymentsState.has_more,
            button("Показать ещё", PaymentsState.show_more, busy=PaymentsState.busy, full=True),
        ),
    )


def _account(line: ObjectVar[PaymentLine]) -> rx.Component:
    return rx.el.div(rx.el.div(line.account), muted(line.account_number))


def _state(line: ObjectVar[PaymentLine]) -> rx.Component:
    return disclosure(
        badge(line.state, line.tone),
        rx.el.div(
            rx.el.p(line.text),
            rx.el.p("Платёж ", line.number, ". ", link("Открыть", line.href)),
            rx.cond(line.paper_href != "", rx.el.p(link("Скачать подтверждение, PDF", line.paper_href, reload=True))),
            class_name="stack stack-tight small",
        ),
    )


def _nothing() -> rx.Component:
    return card(
        empty_state(
            "card",
            "Платежей пока нет. Здесь появится всё, что вы заплатите через портал.",
            button_link("Выбрать счёт и оплатить", "/cabinet", main=True),
        )
    )


PAGES = [Page("/payments", "Платежи", payments_page, on_load=PaymentsState.open)]
