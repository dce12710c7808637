"""One bill: its lines, how the sum has come about, and why it is what it is."""

import reflex as rx

from lkk_reflex.cabinet.account_components import text_if
from lkk_reflex.cabinet.bill_components import extended_needed, sums_facts, why_card, why_table
from lkk_reflex.cabinet.bill_state import BillState
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import badge, card, fact, facts, muted
from lkk_reflex.ui.buttons import actions, button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, skeleton
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.tables import Column, table


def bill_page() -> rx.Component:
    """Show the bill that the address names."""
    view = BillState.view
    asked = rx.Var.create(BillState.asked).to(str)
    is_answered = (asked == rx.Var.create(f"{address_part('id')}/{address_part('period')}")) | (asked == "/")
    has_bill = ~rx.Var.create(BillState.is_missing).to(bool)
    missing = card(empty_state("receipt", BillState.refusal, button_link("Все начисления", "/bills", main=True)))
    bones = skeleton("title", "line", "line", "line", "line", "line", "button")
    return cabinet_page(
        text_if(is_answered & has_bill, view.title, "Начисления за месяц"),
        content_or_skeleton(
            is_answered,
            rx.cond(BillState.is_missing, missing, rx.cond(view.is_extended, _bill(), extended_needed(view.public_id))),
            rx.el.div(bones, bones, class_name="columns"),
        ),
        active="bills",
        help_topic="bills",
        above=back_link("Все начисления", text_if(is_answered & has_bill, f"/bills/{view.public_id}", "/bills")),
        aside=rx.cond(is_answered & (view.badge != ""), badge(view.badge, view.tone)),
        lead=text_if(is_answered, view.account, "\N{NO-BREAK SPACE}"),
    )


def _bill() -> rx.Component:
    view = BillState.view
    return rx.el.div(
        rx.el.div(
            card(
                sums_facts(view.sums),
                actions(
                    rx.cond(view.is_payable, button_link("Оплатить онлайн", f"/pay/{view.public_id}", main=True)),
                    button_link("Скачать квитанцию, PDF", view.pdf_href, reload=True),
                ),
                title="Как сложилась сумма, ₽",
            ),
            rx.el.div(why_card(view.why), _payer(), class_name="stack"),
            class_name="columns",
        ),
        rx.cond(view.lines, _lines(), _no_lines()),
        rx.cond(view.why.lines, why_table(view.why)),
        class_name="stack",
    )


def _lines() -> rx.Component:
    view = BillState.view
    return card(
        table(
            "Начислено по услугам, ₽",
            [
                Column("Услуга", lambda line: line.service),
                Column("Объём", lambda line: line.volume, figures=True),
                Column("Тариф", lambda line: line.tariff, figures=True),
                Column("Начислено", lambda line: line.charged, figures=True),
                Column("Перерасчёт", lambda line: line.recalculated, figures=True),
                Column("Льготы", lambda line: line.conceded, figures=True),
                Column("Пени", lambda line: line.penalty, figures=True),
                Column("Итого", lambda line: rx.el.strong(line.total), figures=True),
            ],
            view.lines,
            compact=True,
        ),
        rx.el.div(
            rx.el.span("Объём", help_tip("bill.volume"), class_name="row"),
            rx.el.span("Тариф", help_tip("bill.tariff"), class_name="row"),
            rx.el.span("Общие нужды", help_tip("bill.common"), class_name="row"),
            class_name="row muted small",
        ),
    )


def _no_lines() -> rx.Component:
    return card(
        muted(
            "Поставщик передаёт порталу только общую сумму, без строк по услугам. За расшифровкой обратитесь к нему."
        ),
        title="Начислено по услугам",
    )


def _payer() -> rx.Component:
    view = BillState.view
    return card(
        facts(
            fact("Поставщик", view.provider),
            fact("Лицевой счёт", view.number, tip=help_tip("account.number")),
            rx.cond(view.owner != "", fact("Плательщик", view.owner)),
            rx.cond(view.address != "", fact("Адрес", view.address)),
        ),
    )


PAGES = [Page("/bill/[id]/[period]", "Начисления за месяц", bill_page, on_load=BillState.load)]
