"""What the framework costs by itself: a counter, and a page with 24 rows that come from nowhere."""

import reflex as rx

_MONTHS = 24


class Counter(rx.State):
    """One number."""

    count: int = 0

    @rx.event
    async def add(self, number: int) -> None:
        """Add to the number."""
        self.count += number


class Rows(rx.State):
    """Two years of bills, made of constants."""

    rows: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        """Show the rows."""
        self.rows = [
            {"period": f"{2024 + month // 12}-{month % 12 + 1:02}", "charged": "1 234,56 ₽", "paid": "1 234,56 ₽"}
            for month in range(_MONTHS)
        ]


def index() -> rx.Component:
    """Return the page of the counter."""
    return rx.el.main(
        rx.el.h1("Счётчик"),
        rx.el.p(Counter.count, id="count"),
        rx.el.button("Прибавить", on_click=Counter.add(1), type="button"),  # type: ignore[operator]
    )


def rows() -> rx.Component:
    """Return the page of the rows; the height is kept, so nothing moves when they come."""
    return rx.el.main(
        rx.el.h1("Начисления"),
        rx.el.table(
            rx.el.tbody(
                rx.foreach(
                    Rows.rows,
                    lambda row: rx.el.tr(rx.el.td(row["period"]), rx.el.td(row["charged"]), rx.el.td(row["paid"])),
                )
            ),
            id="rows",
        ),
        style={"min_height": "60rem"},
    )


app = rx.App(html_lang="ru")
app.add_page(index, route="/", title="Счётчик", description="Пустое приложение")
app.add_page(rows, route="/rows", title="Начисления", description="Пустое приложение", on_load=Rows.load)
