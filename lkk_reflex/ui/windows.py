"""Windows over a page: native dialogs, so that the browser itself keeps the focus inside and closes them by Esc."""

from typing import Any

import reflex as rx

from lkk_reflex.ui.buttons import Handler


def window(window_id: str, title: str, *content: rx.Component) -> rx.Component:
    """Hold what opens over the page; a `window_button` of the same id opens it.

    Esc, a tap outside and «Закрыть» close it; the focus goes back to the button.
    `window("access", "Расширенный доступ", rx.el.p(…), form(…))`
    """
    title_id = f"{window_id}-title"
    return rx.el.dialog(
        rx.el.div(
            rx.el.div(rx.el.h2(title, id=title_id), close_button("Закрыть"), class_name="card-head"),
            *content,
            class_name="card",
        ),
        id=window_id,
        class_name="window",
        aria_labelledby=title_id,
    )


def window_button(text: str, window_id: str, *, on_click: Handler | None = None, main: bool = False) -> rx.Component:
    """Open a window at once, in the browser; `on_click` may ask the server for more of it meanwhile.

    `window_button("Подключить", "access", on_click=AccessState.begin(account.public_id))`
    """
    triggers: dict[str, Any] = {"on_click": on_click} if on_click else {}
    return rx.el.button(
        text,
        type="button",
        class_name="button button-main" if main else "button",
        custom_attrs={"data-window": window_id, "aria-haspopup": "dialog"},
        **triggers,
    )


def close_button(text: str, *, main: bool = False, button_id: str = "") -> rx.Component:
    """Close the window it stands in. `close_button("Показать счёт", main=True)`"""
    named: dict[str, Any] = {"id": button_id} if button_id else {}
    return rx.el.button(
        text,
        type="button",
        class_name="button button-main full" if main else "button-text",
        custom_attrs={"data-close": ""},
        **named,
    )
