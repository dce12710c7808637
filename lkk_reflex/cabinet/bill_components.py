"""What pages about bills share: the sums with their hints, the list, the comparison with the bill before."""

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.accounts.bill_projection import BillRow, BillSums, Reason, Why, WhyLine
from lkk_reflex.help.components import help_tip
from lkk_reflex.kit.money import Money
from lkk_reflex.ui.amounts import badge, card, fact, facts, muted
from lkk_reflex.ui.buttons import Text, button_link, link
from lkk_reflex.ui.tables import Column, table
from lkk_reflex.ui.words import either


def sums_facts(sums: BillSums) -> rx.Component:
    """List how the sum has come about, each term with its hint; what the register does not tell is left out."""
    return facts(
        _sum(sums.opening_label, sums.opening, "bill.opening"),
        _sum("Начислено", sums.charged, "bill.charged"),
        _sum("Перерасчёт", sums.recalculated, "bill.recalculation"),
        _sum("Льготы", sums.conceded, "bill.concession"),
        _sum("Пени", sums.penalty, "bill.penalty"),
        _sum("Оплачено", sums.paid, "bill.paid"),
        fact("К оплате по квитанции", sums.closing, total=True, tip=help_tip("bill.closing")),
    )


def bills_table(caption: Text, rows: rx.Var[Any] | list[BillRow]) -> rx.Component:
    """Draw the list of bills; each leads to its lines and to its paper."""
    return table(
        caption,
        [
            Column("Период", lambda row: link(row.title, row.href)),
            Column("Начислено", lambda row: row.charged, figures=True),
            Column("Перерасчёт", _recalculated, figures=True),
            Column("Оплачено", lambda row: row.paid, figures=True),
            Column("К оплате", lambda row: rx.el.strong(row.closing), figures=True),
            Column("Состояние", _state),
            Column("Квитанция", _paper),
        ],
        rows,
        compact=True,
    )


def why_card(why: Why, *more: rx.Component) -> rx.Component:
    """Answer «Почему столько?» in a sentence; `more` leads to the lines."""
    sentence = rx.cond(why.sentence != "", rx.el.p(why.sentence))
    return card(
        rx.el.div(rx.el.p(why.comparison), sentence, class_name="stack stack-tight"),
        *more,
        title="Почему столько?",
        badge=help_tip("bill.why"),
    )


def why_table(why: Why) -> rx.Component:
    """Split the difference to the bill before by service, each with its causes."""
    return card(
        table(
            "Что изменилось, ₽",
            [
                Column("Услуга", lambda line: line.service),
                Column("Было", lambda line: line.before, figures=True),
                Column("Стало", lambda line: line.after, figures=True),
                Column("Разница", lambda line: rx.el.strong(line.difference), figures=True),
                Column("Из-за чего", _causes),
            ],
            why.lines,
            compact=True,
        )
    )


def extended_needed(public_id: Text) -> rx.Component:
    """Say what basic access does not show, and where to get more."""
    return card(
        rx.el.p("Начисления по строкам, квитанции и выписки видны после подтверждения, что счёт ваш."),
        muted("Сумму к оплате и показания базовый доступ показывает и сейчас."),
        button_link("Подключить расширенный доступ", f"/account/{public_id}", main=True, full=True),
    )


def _sum(name: Text, value: Text, key: str) -> rx.Component:
    return rx.cond(value != "", fact(name, value, tip=help_tip(key)))


def _causes(line: ObjectVar[WhyLine]) -> rx.Component:
    return rx.el.div(rx.foreach(line.reasons, _cause), class_name="causes small")


def _cause(reason: ObjectVar[Reason]) -> rx.Component:
    return rx.fragment(rx.el.span(reason.text), rx.el.span(reason.amount, class_name="right figures"))


def _recalculated(row: ObjectVar[BillRow]) -> rx.Component:
    """A phone leaves the row out where nothing was recalculated."""
    figures = rx.Var.create(row.recalculated).to(str)
    is_nothing = (figures == Money.zero().figures()) | (figures == "—")
    return rx.el.span(figures, class_name=either(is_nothing, "zero", ""))


def _state(row: ObjectVar[BillRow]) -> rx.Component:
    return rx.cond(row.badge != "", badge(row.badge, row.tone))


def _paper(row: ObjectVar[BillRow]) -> rx.Component:
    name = rx.fragment("PDF", rx.el.span(" за ", row.title, class_name="sr-only"))
    return link(name, row.pdf_href, reload=True)
