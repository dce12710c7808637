"""The «?» beside a term, and the drawn bill."""

import reflex as rx

from lkk_reflex.help.topics import TOPICS
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
            rx.el.span("?", custom_attrs={"aria-hidden": "true"}),
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
            *([bill_picture()] if topic.has_bill else []),
            id=tip_id,
            role="tooltip",
            class_name="tip",
            custom_attrs={"popover": "auto"},
        ),
    )


def bill_picture() -> rx.Component:
    """Draw a paper bill on which the account number is highlighted; always dark ink on white, as paper is."""
    return rx.el.svg(
        rx.el.rect(width="312", height="88", fill="#FFFFFF"),
        rx.el.svg.text("ИВАНОВ И. И.", x="12", y="23", font_size="9", fill="#1B2430"),
        rx.el.rect(
            x="84", y="9", width="104", height="21", rx="4", fill="#FFD98A", stroke="#8A5A00", stroke_width="1.5"
        ),
        rx.el.svg.text("Л/с 1000123456", x="91", y="23", font_weight="700", font_size="9", fill="#1B2430"),
        *(
            rx.el.rect(x="12", y=str(y), width=str(width), height="5", rx="2.5", fill="#E3E1DA")
            for y, width in ((40, 176), (52, 148), (64, 164))
        ),
        rx.el.path(d=_qr_path(), stroke="#1B2430", stroke_width="3"),
        view_box="0 0 312 88",
        class_name="bill-picture",
        custom_attrs={"role": "img", "aria-label": "Квитанция: номер лицевого счёта выделен справа от фамилии"},
    )


def _qr_path() -> str:
    """Draw what everybody takes for a QR code: three corner marks and a scatter that is always the same."""
    size, left, top, cell = 21, 236, 13, 3
    corners = ((0, 0), (size - 7, 0), (0, size - 7))

    def is_dark(column: int, row: int) -> bool:
        for x, y in corners:
            if x - 1 <= column <= x + 7 and y - 1 <= row <= y + 7:
                ring = max(abs(column - x - 3), abs(row - y - 3))
                return ring in (0, 1, 3)
        return (column * 7 + row * 11 + column * row * 3) % 5 < 2

    return "".join(
        f"M{left + column * cell} {top + row * cell}h{cell}"
        if not column or not is_dark(column - 1, row)
        else f"h{cell}"
        for row in range(size)
        for column in range(size)
        if is_dark(column, row)
    )
