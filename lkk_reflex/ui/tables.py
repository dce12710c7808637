"""Tables that stay tables for a screen reader and become cards on a phone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from lkk_reflex.ui.buttons import Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how a cell is drawn from a row, and whether it holds figures."""

    heading: str
    cell: Callable[[Any], str | rx.Var[str] | rx.Component]
    figures: bool = False


def table(
    caption: Text,
    columns: Sequence[Column],
    rows: rx.Var[Any] | Sequence[Any],
    *,
    compact: bool = False,
    narrow: bool = False,
) -> rx.Component:
    """Draw a table; the first column names the row. `compact` cards hold two cells in a line, a badge beside the name.

    A `narrow` table, of two or three short columns, becomes no cards where it fits.

    The roles say again what the elements mean, because a table laid out as cards loses its own.

    `table("История платежей", [Column("Дата", lambda row: row.paid_on),
    Column("Сумма", lambda row: row.amount, figures=True)], PaymentsState.rows)`
    """
    align = _narrow_align if narrow else _align
    drawn = rx.el.table(
        rx.el.caption(caption),
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(column.heading, scope="col", role="columnheader", class_name=align(column))
                    for column in columns
                ),
                role="row",
            ),
            role="rowgroup",
        ),
        rx.el.tbody(rx.foreach(rows, lambda row: _row(columns, row, align)), role="rowgroup"),
        class_name="ticks" if narrow else "cards-on-phone compact" if compact else "cards-on-phone",
        role="table",
    )
    return rx.el.div(drawn, class_name="table-frame")


def _row(columns: Sequence[Column], row: rx.Var[Any], align: Callable[[Column], str]) -> rx.Component:
    first, *others = columns
    return rx.el.tr(
        rx.el.th(first.cell(row), scope="row", role="rowheader"),
        *(
            rx.el.td(
                column.cell(row), class_name=align(column), custom_attrs={"data-label": column.heading}, role="cell"
            )
            for column in others
        ),
        role="row",
    )


def _align(column: Column) -> str:
    return "right figures" if column.figures else ""


def _narrow_align(column: Column) -> str:
    return "tick figures" if column.figures else ""
