"""Buttons and links: the things that a person presses."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import reflex as rx
from reflex.event import EventType
from reflex_components_core.el.elements.inline import A

from lkk_reflex.ui.icons import icon

#: A text known when pages are compiled, or a value of the state.
Text = str | rx.Var[str]
#: What an event trigger of the framework takes: a handler of a state, with arguments or without.
Handler: TypeAlias = EventType[Any]

_ELSEWHERE = ("http:", "https:", "tel:", "mailto:")


def link(
    content: Text | rx.Component,
    href: Text,
    *,
    class_name: str = "",
    label: str = "",
    reload: bool = False,
    attributes: Mapping[str, Text] | None = None,
) -> rx.Component:
    """Lead to a page of the portal without a reload, or to an address elsewhere.

    `link("Создать кабинет", "/register")`; `reload` is for an address that is a route and not a page. An
    address with a fragment is opened by the browser itself, which knows how to scroll to it. `label` says
    in words what a link without words leads to.
    """
    extra = {**({"aria-label": label} if label else {}), **(attributes or {})}
    if reload or (isinstance(href, str) and (href.startswith(_ELSEWHERE) or "#" in href)):
        return A.create(content, href=href, class_name=class_name, custom_attrs=extra)
    return rx.el.a(content, href=href, class_name=class_name, custom_attrs=extra)


def button_link(
    text: Text, href: Text, *, main: bool = False, full: bool = False, icon_name: str = "", reload: bool = False
) -> rx.Component:
    """Lead to another page by what looks like a button. `button_link("Оплатить онлайн", "/pay/7", main=True)`"""
    content = rx.fragment(icon(icon_name, small=True), text) if icon_name else text
    return link(content, href, class_name=_classes(main=main, full=full), reload=reload)


def button(
    text: Text,
    on_click: Handler,
    *,
    busy: rx.Var[bool] | bool = False,
    main: bool = False,
    full: bool = False,
) -> rx.Component:
    """Do something on this page; while `busy` it shows progress and cannot be pressed.

    `button("Оплатить 1 542,30 ₽", PayState.pay, busy=PayState.busy, main=True, full=True)`
    """
    return rx.el.button(
        *_with_progress(text, busy),
        type="button",
        on_click=on_click,
        disabled=busy,
        class_name=_classes(main=main, full=full),
    )


def submit_button(
    text: Text, *, busy: rx.Var[bool] | bool = False, main: bool = True, full: bool = True
) -> rx.Component:
    """Send the form it stands in; while `busy` it shows progress and cannot be pressed.

    `submit_button("Зарегистрироваться", busy=RegisterState.busy)`
    """
    return rx.el.button(
        *_with_progress(text, busy), type="submit", disabled=busy, class_name=_classes(main=main, full=full)
    )


def called_with(handler: Handler, *arguments: Text) -> Handler:
    """Let a handler be called with values of the row it stands in. `called_with(State.end, account.public_id)`"""
    # The declared types hide that a handler of a state takes arguments.
    return cast("Handler", cast("Any", handler)(*arguments))


def text_button(text: Text, on_click: Handler, *, busy: rx.Var[bool] | bool = False, about: Text = "") -> rx.Component:
    """Do something of second rank, looking like a link; `about` tells a screen reader which of several rows.

    `text_button("Прислать на почту", State.by_mail)`, `text_button("Завершить", …, about=row.device)`
    """
    of_what = rx.el.span(": ", about, class_name="sr-only")
    content = [text, of_what] if isinstance(about, rx.Var) or about else [text]
    return rx.el.button(*content, type="button", on_click=on_click, disabled=busy, class_name="button-text")


def add_link(text: str, href: str) -> rx.Component:
    """Lead to where something new is added. `add_link("Подключить лицевой счёт", "/cabinet/connect")`"""
    return link(rx.fragment(icon("plus", small=True), text), href, class_name="button button-add full")


def actions(*buttons: rx.Component) -> rx.Component:
    """Set buttons side by side while there is room, all of one width. `actions(button_link(…), button(…))`"""
    return rx.el.div(*buttons, class_name="actions")


def _with_progress(text: Text, busy: rx.Var[bool] | bool) -> list[Text | rx.Component]:
    progress = rx.fragment(
        rx.el.span(class_name="spinner", custom_attrs={"aria-hidden": "true"}),
        rx.el.span("Подождите. ", class_name="sr-only"),
    )
    return [rx.cond(busy, progress, rx.fragment()), text]


def _classes(*, main: bool, full: bool) -> str:
    return " ".join(["button", *(["button-main"] if main else []), *(["full"] if full else [])])
