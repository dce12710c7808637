"""The «?» beside a term, and the drawn bill."""

import re

import reflex as rx

from lkk_reflex.help.topics import TOPICS, Topic
from lkk_reflex.ui.buttons import Text


def help_tip(key: str, *, of: Text = "") -> rx.Component:
    """Draw a round «?» whose hint opens on hover, on keyboard focus and on tap; stands beside a label.

    The text is always in the page and belongs to the button by `aria-describedby`. The browser opens the
    popover by itself; assets/portal.js adds hover, focus and the place. `of` tells apart the same hint in
    the rows of a list. `help_tip("account.number")`, `help_tip("bill.amount_due", of=account.id)`

    Raises:
        KeyError: if there is no such topic.
    """
    topic = TOPICS[key]
    tip_id = f"tip-{key.replace('.', '-')}{of}"
    return rx.fragment(
        rx.el.button(
            rx.el.span(),
            type="button",
            class_name="round",
            custom_attrs={
                "aria-label": f"Подсказка: {topic.title.lower()}",
                "aria-describedby": tip_id,
                "aria-expanded": "false",
                "popoverTarget": tip_id,
                "data-tip": tip_id,
            },
        ),
        rx.el.div(
            rx.el.strong(topic.title),
            rx.el.span(topic.text),
            *([rx.el.p(topic.where, class_name="where")] if topic.where else []),
            *pictures_of(topic),
            id=tip_id,
            role="tooltip",
            class_name="tip",
            custom_attrs={"popover": "auto"},
        ),
    )


def pictures_of(topic: Topic) -> list[rx.Component]:
    """Return the drawings that belong to a topic."""
    return [*([bill_picture()] if topic.has_bill else []), *([dial_picture()] if topic.has_dial else [])]


def dial_picture() -> rx.Component:
    """Draw the dial of a water meter: five dark digits to write down and three red ones after the point."""
    whole, fraction = "00130", "482"
    return rx.el.div(
        rx.el.div(
            *(rx.el.b(digit) for digit in whole),
            rx.el.span(","),
            *(rx.el.i(digit) for digit in fraction),
            class_name="dial-digits",
        ),
        rx.el.span("пишем 130", class_name="small"),
        role="img",
        class_name="dial-picture",
        aria_label="Рисунок счётчика: чёрные цифры 00130 до запятой списываем, красные 482 после неё — нет",
    )


def bill_picture() -> rx.Component:
    """Draw a paper bill on which the account number is highlighted; dark ink on white, as paper is."""
    return rx.el.div(
        rx.el.div(
            rx.el.span("ИВАНОВ И. И.", rx.el.b("Л/с 1000123456")),
            *(rx.el.i() for _ in range(3)),
        ),
        rx.el.svg(rx.el.path(d=_code_path()), view_box="0 -0.5 21 21"),
        role="img",
        class_name="bill-picture",
        aria_label="Рисунок квитанции: рядом с фамилией выделено «Л/с 1000123456»",
    )


def _code_path() -> str:
    """Draw what everybody takes for a QR code: three corner marks and a scatter that is always the same."""
    size = 21
    corners = ((0, 0), (size - 7, 0), (0, size - 7))

    def is_dark(column: int, row: int) -> bool:
        for x, y in corners:
            if x - 1 <= column <= x + 7 and y - 1 <= row <= y + 7:
                return max(abs(column - x - 3), abs(row - y - 3)) in (0, 1, 3)
        return (column * 7 + row * 11 + column * row * 3) % 5 < 2

    lines = []
    for row in range(size):
        dark = "".join("#" if is_dark(column, row) else " " for column in range(size))
        lines += [f"M{run.start()} {row}h{len(run[0])}" for run in re.finditer("#+", dark)]
    return "".join(lines)
