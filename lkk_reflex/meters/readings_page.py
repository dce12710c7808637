"""Giving readings: which account, then its meters, and below what they have told before."""

from typing import Any

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.history_components import charts, past_readings
from lkk_reflex.meters.history_state import HistoryState
from lkk_reflex.meters.photo_components import photo_field
from lkk_reflex.meters.readings_components import (
    confirmation,
    last_reading,
    meter_fields,
    meter_group,
    verification_notice,
)
from lkk_reflex.meters.readings_projection import AccountChoice, MeterForm, SavedReading
from lkk_reflex.meters.readings_state import ChoiceState, ReadingsState
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, submit_button
from lkk_reflex.ui.feedback import (
    Bone,
    content_or_skeleton,
    disclosure,
    empty_state,
    live_error,
    live_status,
    notice,
    skeleton,
)
from lkk_reflex.ui.focusing import focus_on
from lkk_reflex.ui.forms import error_summary, form
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.words import either

_TITLE = "Передать показания"
_NO_METERS = (
    "Счётчиков пока нет: их список передаёт поставщик. Если счётчик стоит, а здесь его нет, напишите поставщику."
)
#: Neither an account without meters nor the want of an account is known here, so both are spoken of.
_NONE_AT_ALL = (
    "Счётчиков пока нет. Подключите лицевой счёт, и его счётчики появятся здесь. "
    "Если счёт подключён, а счётчика нет, напишите поставщику: список передаёт он."
)
#: The declared types hide that a handler can be given arguments when pages are compiled.
_handlers: Any = ReadingsState


def choice_page() -> rx.Component:
    """Ask for which account readings are given."""
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            ChoiceState.is_loaded,
            rx.cond(
                ChoiceState.accounts.length() > 0,
                rx.el.div(rx.foreach(ChoiceState.accounts, _account), class_name="columns"),
                _no_account(),
            ),
            rx.el.div(skeleton("title", "short", "line", "button"), class_name="columns"),
        ),
        active="readings",
        help_topic="readings",
    )


def readings_page() -> rx.Component:
    """Show the form of one account, and its past."""
    is_answered = rx.Var.create(ReadingsState.asked_id).to(str) == address_part("id")
    placeholder = rx.el.div(skeleton("title", "line", "button", "line"), skeleton("title", "button"), class_name="form")
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            is_answered | (ReadingsState.stage == "missing"),
            rx.cond(
                ReadingsState.stage == "ready",
                rx.el.div(
                    rx.el.div(
                        rx.el.div(_form(), key=ReadingsState.opened),
                        _past(charts(), "title", "line", "line", "line", "button"),
                        class_name="columns",
                    ),
                    _past(past_readings(), "title", "line", "line", "line"),
                    class_name="stack",
                ),
                rx.cond(ReadingsState.stage == "empty", _nothing(), _missing()),
            ),
            placeholder,
        ),
        active="readings",
        help_topic="readings",
        above=back_link("Лицевые счета", "/cabinet"),
        lead=either(is_answered, ReadingsState.account, "\N{NO-BREAK SPACE}"),
    )


def _account(account: AccountChoice) -> rx.Component:
    return card(
        lines(
            muted(account.subtitle),
            muted(account.meters),
            rx.cond(account.standing != "", rx.el.p(account.standing, class_name="small")),
        ),
        rx.cond(
            account.is_given,
            actions(button_link("Посмотреть показания", account.href)),
            actions(button_link("Передать показания", account.href, main=True)),
        ),
        title=account.title,
    )


def _form() -> rx.Component:
    return form(
        error_summary(ReadingsState.answer.summary),
        rx.foreach(ReadingsState.meters, _meter),
        rx.el.input(type="hidden", name="intent", value=ReadingsState.intent, read_only=True),
        _end(),
        focus_on(ReadingsState.answer.focus),
        on_submit=ReadingsState.send,
        label="Показания счётчиков",
    )


def _meter(meter: MeterForm) -> rx.Component:
    return meter_group(
        meter,
        verification_notice(meter),
        last_reading(meter),
        rx.cond(meter.refusal != "", notice("warn", meter.refusal)),
        rx.cond(meter.sent != "", _sent(meter)),
        meter_fields(meter, on_type=_handlers.type_value, on_leave=_handlers.leave_value),
        rx.cond(meter.is_open, photo_field(meter)),
        rx.cond(meter.window != "", _window(meter)),
    )


def _window(meter: MeterForm) -> rx.Component:
    tip = help_tip("meters.window", of=meter.id)
    said = rx.el.div(muted(meter.window), tip, class_name="beside")
    return rx.cond(meter.is_late, notice("warn", meter.window), said)


def _sent(meter: MeterForm) -> rx.Component:
    """Show the reading of the period with what can still be done about it."""
    withdrawal = disclosure(
        "Отозвать",
        rx.el.p("Показание не пойдёт в начисление, как будто его не передавали. Передать новое можно до конца приёма."),
        button("Да, отозвать", _handlers.withdraw(meter.number)),
    )
    return rx.el.div(
        rx.el.div(notice("good", meter.sent, meter.sent_note), id=f"sent-{meter.id}", tab_index=-1),
        rx.cond(
            meter.may_correct,
            # One below the other, so that the second one stays in its place when it is opened.
            rx.fragment(
                rx.cond(
                    meter.is_open,
                    rx.el.div(
                        button("Не исправлять", _handlers.keep(meter.id)), custom_attrs={"data-forget": meter.id}
                    ),
                    rx.el.div(button("Исправить", _handlers.correct(meter.id))),
                ),
                withdrawal,
            ),
        ),
        class_name="stack",
    )


def _end() -> rx.Component:
    """Add up, ask what has to be confirmed, say what was saved."""
    answer = ReadingsState.answer
    is_asked = answer.questions.asked != ""
    send = rx.fragment(
        rx.el.div(
            rx.el.div(rx.el.span("Предварительно"), help_tip("meters.estimate", of="total"), class_name="row"),
            rx.el.strong(either(ReadingsState.total != "", ReadingsState.total, "—"), class_name="figures"),
            class_name="row spread",
            role="status",
        ),
        confirmation(answer.questions, ReadingsState.revise),
        rx.cond(
            answer.questions.wants_photo,
            muted("К показанию можно приложить фото счётчика: оно поможет, если поставщик усомнится."),
        ),
        submit_button(either(is_asked, "Да, всё верно", "Передать показания"), busy=ReadingsState.is_busy),
    )
    return card(
        live_error(answer.refusal),
        live_status(answer.note),
        rx.el.div(rx.foreach(answer.saved, _saved), id="saved", tab_index=-1, role="status", class_name="stack"),
        rx.cond(ReadingsState.is_open, send, actions(button_link("На главную", "/cabinet", main=True))),
    )


def _saved(reading: SavedReading) -> rx.Component:
    return notice("good", reading.title, reading.text)


def _past(shown: rx.Component, *bones: Bone) -> rx.Component:
    """Show a part of the past once it is known, and hold its place until then."""
    is_known = rx.Var.create(HistoryState.asked_id).to(str) == address_part("id")
    return rx.el.div(content_or_skeleton(is_known, shown, skeleton(*bones)), class_name="stack")


def _missing() -> rx.Component:
    return card(
        empty_state(
            "gauge",
            "Такого счёта нет среди подключённых. Откройте показания со страницы своего счёта.",
            button_link("На главную", "/cabinet", main=True),
        )
    )


def _no_account() -> rx.Component:
    return card(
        empty_state("gauge", _NONE_AT_ALL, button_link("Подключить лицевой счёт", "/cabinet/connect", main=True))
    )


def _nothing() -> rx.Component:
    return card(empty_state("gauge", _NO_METERS, button_link("На главную", "/cabinet", main=True)))


PAGES = [
    Page("/readings", _TITLE, choice_page, on_load=ChoiceState.open),
    Page("/readings/[id]", _TITLE, readings_page, on_load=[ReadingsState.open, HistoryState.open]),
]
