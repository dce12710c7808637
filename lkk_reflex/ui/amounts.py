"""Cards, sums, badges and lists of facts: how the portal shows figures. All texts arrive formatted."""

import reflex as rx

from lkk_reflex.ui.buttons import Text
from lkk_reflex.ui.feedback import Tone


def card(*children: rx.Component, title: Text = "", badge: rx.Component | None = None) -> rx.Component:
    """Hold what belongs together on a white ground. `card(amount(State.due), title="Дача")`"""
    head = [rx.el.h2(title)] if isinstance(title, rx.Var) or title else []
    return rx.el.section(
        *([rx.el.div(*head, *([badge] if badge else []), class_name="card-head")] if head or badge else []),
        *children,
        class_name="card",
    )


def lines(*parts: rx.Component) -> rx.Component:
    """Keep what is read together close together. `lines(muted("Дача"), amount("0,00 ₽"), muted("…"))`"""
    return rx.el.div(*parts, class_name="stack stack-tight")


def between(*parts: rx.Component) -> rx.Component:
    """Set parts in one line, pushed apart while there is room. `between(rx.el.h3("К оплате"), amount(sum))`"""
    return rx.el.div(*parts, class_name="row spread")


def muted(*content: Text | rx.Component) -> rx.Component:
    """Say something of second rank in a smaller, paler line. `muted("к оплате до ", State.due_on)`"""
    return rx.el.p(*content, class_name="muted small")


def amount(text: Text, *, middle: bool = False) -> rx.Component:
    """Show the sum that a screen is about; `middle` for one in words. `amount("1 542,30 ₽")`"""
    return rx.el.p(text, class_name="amount amount-middle" if middle else "amount")


def badge(text: Text, tone: Tone | rx.Var[str] = "info") -> rx.Component:
    """Name a state in a word or two. `badge("Просрочено 2 дня", "bad")`, `badge(row.label, row.tone)`"""
    return rx.el.span(text, class_name=["badge", tone])


def fact(
    name: Text, value: Text | rx.Component, *, total: bool = False, tip: rx.Component | None = None
) -> rx.Component:
    """Pair a term with its value, for `facts`. `fact("Пени", row.penalty, tip=help_tip("bill.penalty"))`"""
    return rx.el.div(
        rx.el.dt(name, *([tip] if tip else [])),
        rx.el.dd(value),
        class_name="fact fact-total" if total else "fact",
    )


def facts(*rows: rx.Component) -> rx.Component:
    """List terms and values with hairlines between. `facts(fact("Платёж", "№ 48-1120"), fact(…))`"""
    return rx.el.dl(*rows, class_name="facts")
