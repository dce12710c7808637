"""Parts of the form of readings, which the pay page shows too."""

from collections.abc import Callable

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.readings_projection import MeterForm, Questions, ScaleField
from lkk_reflex.ui.amounts import muted
from lkk_reflex.ui.buttons import Handler, text_button
from lkk_reflex.ui.feedback import notice
from lkk_reflex.ui.forms import after_pause, text_field

#: Makes the handler of a field out of the name of the field and what stands in it.
OnValue = Callable[[str, rx.Var[str]], Handler]

_PAUSE_MILLISECONDS = 400


def meter_fields(meter: MeterForm, *, on_type: OnValue, on_leave: OnValue) -> rx.Component:
    """Ask for the values of one meter and say below what they mean; the place of that line is always kept.

    The fields of a meter whose reading is sent stay in the page, hidden, so that they can take the focus at once.
    """
    return rx.el.div(
        rx.el.div(
            rx.foreach(meter.scales, lambda scale: _field(scale, meter, on_type=on_type, on_leave=on_leave)),
            class_name="columns",
        ),
        rx.el.div(
            rx.cond(meter.use != "", muted(meter.use), muted(meter.hint)),
            rx.cond(meter.use != "", help_tip("meters.estimate", of=meter.id), help_tip("meters.reading", of=meter.id)),
            class_name="beside",
            role="status",
        ),
        hidden=~rx.Var.create(meter.is_open).to(bool),
        class_name="stack stack-tight",
    )


def meter_name(meter: MeterForm) -> rx.Component:
    """Name a meter: what it measures, its number, where it stands."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2(meter.title, id=f"meter-{meter.id}"),
            rx.cond(meter.has_tariffs, help_tip("meters.scale", of=meter.id)),
            class_name="row",
        ),
        rx.el.div(muted(meter.where), help_tip("meters.serial", of=meter.id), class_name="row"),
        class_name="card-head",
    )


def meter_group(meter: MeterForm, *parts: rx.Component) -> rx.Component:
    """Hold what belongs to one meter, so that its fields are heard with its name."""
    return rx.el.section(
        meter_name(meter), *parts, role="group", aria_labelledby=f"meter-{meter.id}", class_name="card"
    )


def verification_notice(meter: MeterForm) -> rx.Component:
    """Say that the verification of a meter ends soon or has ended."""
    tip = help_tip("meters.verification", of=meter.id)
    said = rx.el.div(rx.el.span(meter.verification), tip, class_name="beside")
    return rx.cond(
        meter.verification_tone == "bad",
        notice("bad", "Поверка", said),
        rx.cond(meter.verification_tone == "warn", notice("warn", "Поверка", said)),
    )


def last_reading(meter: MeterForm) -> rx.Component:
    """Say what has become of the reading of the month before, while no window is open."""
    return rx.cond(meter.last != "", notice("good", meter.last, meter.last_note))


def confirmation(questions: Questions, on_revise: Handler) -> rx.Component:
    """Ask what has to be confirmed; the button of the form is the yes, and its keys go along with it."""
    asked = rx.fragment(
        notice("warn", "Проверьте показания", rx.foreach(questions.texts, rx.el.p)),
        rx.el.input(type="hidden", name="confirmed", value=questions.asked, read_only=True),
        text_button("Исправить", on_revise),
    )
    return rx.el.div(rx.cond(questions.asked != "", asked), role="alert", class_name="stack")


def _field(scale: ScaleField, meter: MeterForm, *, on_type: OnValue, on_leave: OnValue) -> rx.Component:
    def typed(text: rx.Var[str]) -> Handler:
        return after_pause(on_type(scale.name, text), milliseconds=_PAUSE_MILLISECONDS)

    def left(text: rx.Var[str]) -> Handler:
        return on_leave(scale.name, text)

    return text_field(
        scale.label,
        scale.name,
        hint=scale.was,
        error=scale.error,
        value=scale.value,
        # A field that is not shown is not sent.
        disabled=~rx.Var.create(meter.is_open).to(bool),
        input_mode="decimal",
        auto_complete="off",
        max_length=24,
        on_change=typed,
        on_blur=left,
    )
