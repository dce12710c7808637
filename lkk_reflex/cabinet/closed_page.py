"""What who signs in to a closed cabinet sees: one button takes it back."""

import reflex as rx

from lkk_reflex.cabinet.closed_state import ClosedState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import button
from lkk_reflex.ui.feedback import content_or_skeleton, live_error, skeleton
from lkk_reflex.ui.layout import Page, public_page
from lkk_reflex.ui.native_form import NativeForm


def closed_page() -> rx.Component:
    """Say how long it can be taken back, and offer to."""
    return public_page(
        "Кабинет закрыт",
        content_or_skeleton(
            ClosedState.is_loaded,
            card(live_error(ClosedState.refusal), rx.cond(ClosedState.closed.is_over, _over(), _offer()), _sign_out()),
            skeleton("line", "line", "line", "button", "button"),
        ),
        help_topic="privacy",
    )


def _offer() -> rx.Component:
    closed = ClosedState.closed
    return rx.fragment(
        rx.el.p("Вы закрыли его ", closed.closed_at, "."),
        rx.el.p(
            "До ",
            rx.el.strong(closed.until),
            " его можно вернуть со всеми счетами и историей. После этого дня данные будут уничтожены.",
        ),
        button("Вернуть кабинет", ClosedState.take_back, main=True, full=True),
    )


def _over() -> rx.Component:
    return rx.el.p(
        "Срок возврата прошёл ", ClosedState.closed.until, ", данные кабинета удаляются. "
        "Когда они будут удалены, с этим логином можно создать новый кабинет."
    )  # fmt: skip


def _sign_out() -> rx.Component:
    leave = rx.el.button("Выйти", type="submit", class_name="button full")
    return NativeForm.create(leave, method="post", action="/auth/sign-out")


PAGES = [Page("/closed", "Кабинет закрыт", closed_page, on_load=ClosedState.load)]
