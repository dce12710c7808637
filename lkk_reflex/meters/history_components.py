"""The past of an account's meters: charts of consumption and every version of every reading."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.history_projection import ConsumptionView, PastLine
from lkk_reflex.meters.history_state import HistoryState
from lkk_reflex.ui.amounts import badge, card, muted
from lkk_reflex.ui.buttons import button, button_link, link
from lkk_reflex.ui.charts import bar_chart
from lkk_reflex.ui.feedback import disclosure, empty_state
from lkk_reflex.ui.tables import Column, table


def charts() -> rx.Component:
    """Show what was used, or how one gets to see it."""
    return rx.cond(
        HistoryState.is_extended,
        rx.cond(
            HistoryState.charts.length() > 0,
            rx.fragment(rx.foreach(HistoryState.charts, _chart)),
            card(empty_state("gauge", "График появится, когда станет известен расход хотя бы за один месяц.")),
        ),
        _only_extended(),
    )


def past_readings() -> rx.Component:
    """List what has been told before, with the way of each reading into the bill."""
    columns = [
        Column("Период", lambda line: line.period),
        Column("Счётчик", _meter),
        Column("Показание", _value, figures=True),
        Column("Расход", lambda line: line.consumption, figures=True),
        Column("Состояние", _state),
    ]
    listed = rx.fragment(
        table("Переданные показания", columns, HistoryState.lines),
        rx.cond(
            HistoryState.has_more,
            button("Показать ещё", HistoryState.show_more, busy=HistoryState.is_busy, full=True),
        ),
    )
    nothing = empty_state("clock", "Здесь появятся показания, которые вы передадите.")
    return card(
        rx.cond(HistoryState.lines.length() > 0, listed, nothing),
        title="История показаний",
        badge=help_tip("meters.state"),
    )


def _chart(view: ConsumptionView) -> rx.Component:
    return card(
        muted(view.note),
        bar_chart("Расход по месяцам", view.chart, unit=view.unit, empty="Расхода пока нет"),
        title=view.title,
        badge=help_tip("meters.consumption", of=view.unit),
    )


def _meter(line: ObjectVar[PastLine]) -> rx.Component:
    return rx.el.div(rx.el.div(line.meter), muted(line.serial))


def _value(line: ObjectVar[PastLine]) -> rx.Component:
    return rx.el.div(rx.el.strong(line.value), rx.cond(line.photo != "", muted("с фото")))


def _state(line: ObjectVar[PastLine]) -> rx.Component:
    return disclosure(
        badge(line.state, line.tone),
        rx.el.div(
            rx.el.ol(rx.foreach(line.way, rx.el.li), class_name="plain-list numbered"),
            muted(line.source),
            rx.cond(line.photo != "", _photo(line)),
            class_name="stack stack-tight small",
        ),
    )


def _photo(line: ObjectVar[PastLine]) -> rx.Component:
    """Show the photo small; it is loaded once its reading is opened, and whole by a press."""
    picture = rx.el.img(src=line.photo, alt="Фото счётчика", loading="lazy", class_name="thumbnail")
    return link(picture, line.photo, reload=True)


def _only_extended() -> rx.Component:
    return card(
        empty_state(
            "shield",
            "История всех показаний и график расхода видны с расширенным доступом: мы убедимся, что счёт ваш. "
            "Понадобится пин-код с квитанции или другое подтверждение.",
            button_link("Подключить расширенный доступ", "/account/" + HistoryState.asked_id),
        )
    )
