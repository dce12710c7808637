"""What the portal says back: notices, results, waiting, emptiness."""

from itertools import groupby
from typing import Literal

import reflex as rx
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.ui.buttons import Handler, Text
from lkk_reflex.ui.icons import icon

Tone = Literal["info", "good", "warn", "bad"]
Bone = Literal["line", "short", "title", "amount", "button"]

_TONE_ICONS = {"info": "info", "good": "check", "warn": "clock", "bad": "alert"}


def notice(tone: Tone, title: Text, *content: Text | rx.Component) -> rx.Component:
    """Say something that matters, in a tinted box with an icon.

    `notice("warn", "Данные старше недели", "Новые суммы придут с реестром поставщика.")`
    """
    return rx.el.div(
        icon(_TONE_ICONS[tone]),
        rx.el.div(rx.el.strong(title), *(rx.el.div(part) for part in content)),
        class_name=f"notice {tone}",
    )


def live_status(text: Text, *, tone: Tone = "good") -> rx.Component:
    """Say and announce the result of an action while the text is not empty. `live_status(State.saved)`"""
    return rx.el.div(rx.cond(rx.Var.create(text).to(str) != "", notice(tone, text)), role="status")


def live_error(text: Text) -> rx.Component:
    """Say and announce a refusal while the text is not empty. `live_error(SignInState.refusal)`"""
    return rx.el.div(rx.cond(rx.Var.create(text).to(str) != "", notice("bad", text)), role="alert")


def empty_state(icon_name: str, text: Text, *actions: rx.Component) -> rx.Component:
    """Say that there is nothing yet and what to do. `empty_state("account", "Пока ни одного счёта…", …)`"""
    return rx.el.div(icon(icon_name), rx.el.p(text), *actions, class_name="empty")


def disclosure(summary: Text | rx.Component, *content: rx.Component, group: str = "") -> rx.Component:
    """Hide what few need behind a line that opens it; of one `group` only one stands open.

    `disclosure("Отключить счёт", rx.el.p(…), button(…))`
    """
    return rx.el.details(
        rx.el.summary(summary),
        *content,
        class_name="disclosure",
        custom_attrs={"name": group} if group else {},
    )


def result_mark(tone: Tone) -> rx.Component:
    """Draw the big round mark of a result screen; the heading beside it says the same in words."""
    return rx.el.div(icon(_TONE_ICONS[tone]), class_name=f"mark {tone}")


def skeleton(*bones: Bone) -> rx.Component:
    """Hold the place of a card that is loading, as tall as it will be; lines stand close, as in `lines`.

    `skeleton("title", "short", "amount", "line", "button")`
    """
    parts: list[rx.Component] = []
    for is_text, run in groupby(bones, key=lambda bone: bone not in ("title", "button")):
        drawn = [rx.el.div(class_name=f"bone bone-{bone}") for bone in run]
        parts += [rx.el.div(*drawn, class_name="stack stack-tight")] if is_text else drawn
    return rx.el.div(
        rx.el.span("Загружаем…", class_name="sr-only"),
        *parts,
        class_name="card",
        aria_busy=True,
    )


def content_or_skeleton(ready: rx.Var[bool] | bool, content: rx.Component, placeholder: rx.Component) -> rx.Component:
    """Show the content once it is there and until then a placeholder of the same height.

    `content_or_skeleton(HomeState.loaded, accounts(), skeleton("short", "amount", "line", "button"))`
    """
    return rx.cond(ready, content, placeholder)


class WaitButton(BaseHTML):
    """The element of assets/portal.js that counts seconds down and then lets its button appear."""

    tag = "wait-button"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)

    seconds: rx.Var[int]
    restart: rx.Var[int]


def resend_button(
    text: str,
    on_click: Handler,
    *,
    seconds: rx.Var[int] | int,
    restart: rx.Var[int] | int,
    busy: rx.Var[bool] | bool = False,
) -> rx.Component:
    """Offer to repeat something after a wait that the browser counts by itself.

    The count starts anew whenever `seconds` or `restart` changes; the server still decides whether the
    time has come. `resend_button("Отправить ещё раз", State.resend, seconds=State.wait, restart=State.sent)`
    """
    return WaitButton.create(
        rx.el.button(text, type="button", on_click=on_click, disabled=busy, class_name="button-text wait-ready"),
        rx.el.span(text, " через\u00a0", rx.el.time(class_name="figures"), class_name="wait-text"),
        seconds=seconds,
        restart=restart,
    )
