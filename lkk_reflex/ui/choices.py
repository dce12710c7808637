"""Choosing one of several: big cards with a radio button, and a list that can be searched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.ui.buttons import Handler, Text, link
from lkk_reflex.ui.forms import error_line


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a `picker`: its value in the form, what is read, and a note below it."""

    value: str
    title: str
    note: str = ""


def choice_group(legend: Text, *cards: rx.Component, name: str, error: Text = "") -> rx.Component:
    """Ask a question that radio cards answer. `choice_group("Сколько оплатить", choice(…), name="kind")`"""
    return rx.el.fieldset(
        rx.el.legend(legend), *cards, error_line(name, error), class_name="choices", aria_describedby=f"{name}-error"
    )


def choice(
    name: str,
    value: Text,
    title: Text,
    *,
    note: Text = "",
    amount: Text = "",
    checked: rx.Var[bool] | bool = False,
    on_choose: Handler | None = None,
) -> rx.Component:
    """Offer one answer as a card.

    `choice("kind", "debt", "Текущий долг", note="за октябрь 2026", amount="1 542,30 ₽", checked=True)`
    """
    # A handler can move the focus to an answer that is known when pages are compiled.
    attributes: dict[str, Any] = {"id": f"{name}_{value}"} if isinstance(value, str) else {}
    if on_choose:
        attributes["on_change"] = on_choose
    return rx.el.label(
        rx.el.input(type="radio", name=name, value=value, default_checked=checked, **attributes),
        rx.el.span(rx.el.strong(title), rx.el.span(note, class_name="muted small")),
        rx.el.span(amount, class_name="figures"),
        class_name="choice",
    )


def picker(
    legend: Text,
    name: str,
    options: rx.Var[Any] | Sequence[Option],
    *,
    search_label: str,
    error: Text = "",
    tip: rx.Component | None = None,
    on_choose: Callable[[rx.Var[str]], Handler] | None = None,
) -> rx.Component:
    """Ask for one of a list that may be long: a search field filters it, the chosen line stays alone.

    `picker("Поставщик услуг", "provider", ConnectState.providers, search_label="Найти поставщика")`
    """
    list_id = f"{name}-list"

    def line(option: ObjectVar[Option]) -> rx.Component:
        chosen = None if on_choose is None else on_choose(option.value)
        return choice(name, option.value, option.title, note=option.note, on_choose=chosen)

    return rx.el.div(
        rx.el.div(
            rx.el.span(legend, id=f"{name}-label"),
            *([tip] if tip else []),
            rx.el.button(
                "Изменить",
                rx.el.span(" выбор", class_name="sr-only"),
                type="button",
                class_name="button-text picker-change",
            ),
            class_name="field-label",
        ),
        rx.el.input(
            type="search",
            placeholder=search_label,
            auto_complete="off",
            class_name="input picker-search",
            custom_attrs={"data-filter": list_id, "aria-label": search_label, "aria-controls": list_id},
        ),
        rx.el.div(rx.foreach(options, line), id=list_id, class_name="picker-list"),
        rx.el.p("Ничего не нашлось. Проверьте название или напишите нам.", hidden=True, class_name="picker-none muted"),
        error_line(name, error),
        id=name,
        # A handler may move the focus here when nothing was chosen.
        tab_index=-1,
        role="group",
        class_name="field picker",
        aria_labelledby=f"{name}-label",
        aria_describedby=f"{name}-error",
    )


def chosen(label: Text, value: Text, change_href: str, *, note: Text = "") -> rx.Component:
    """Repeat what was chosen a step before, with the way to choose again.

    `chosen("Поставщик услуг", ConnectState.provider_name, "/cabinet/connect", note="вода, г. Рязань")`
    """
    change = rx.fragment("Изменить", rx.el.span(" выбор", class_name="sr-only"))
    return rx.el.div(
        rx.el.div(label, class_name="field-label"),
        rx.el.div(
            rx.el.span(rx.el.strong(value), rx.el.span(note, class_name="muted small")),
            link(change, change_href, class_name="small"),
            class_name="input chosen",
        ),
        class_name="field",
    )
