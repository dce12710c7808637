"""The pages of who has no cabinet: which account, what to pay, what the meters show."""

import reflex as rx

from lkk_reflex.cabinet.quick_projection import DESK_PATH
from lkk_reflex.cabinet.quick_readings_state import QuickReadingsState
from lkk_reflex.cabinet.quick_state import PATH, QuickDeskState, QuickState
from lkk_reflex.cabinet.scan_components import number_field, scan_button
from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.readings_components import confirmation, meter_group
from lkk_reflex.meters.readings_projection import MeterForm, SavedReading, ScaleField
from lkk_reflex.meters.signed_links import PATH as READINGS_PATH
from lkk_reflex.ui.amounts import amount, card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, link, submit_button
from lkk_reflex.ui.choices import picker
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, live_error, notice, skeleton
from lkk_reflex.ui.focusing import focus_on
from lkk_reflex.ui.forms import error_summary, form, text_field
from lkk_reflex.ui.layout import Page, back_link, public_page
from lkk_reflex.ui.leaving import leave_page
from lkk_reflex.ui.words import either

_TITLE = "Оплатить или передать показания без входа"
_READINGS_TITLE = "Передать показания"


def quick_page() -> rx.Component:
    """Ask whose bill it is and for the number; a pasted payment code answers both."""
    provider = rx.cond(
        QuickState.only_code != "",
        rx.el.input(type="hidden", name="provider", value=QuickState.only_code, read_only=True),
        picker(
            "Поставщик услуг",
            "provider",
            QuickState.providers,
            search_label="Найти поставщика",
            error=QuickState.errors.provider,
            tip=help_tip("account.provider"),
        ),
    )
    return public_page(
        _TITLE,
        content_or_skeleton(
            QuickState.is_loaded,
            card(
                live_error(QuickState.errors.form),
                form(
                    error_summary(QuickState.errors.summary),
                    provider,
                    number_field(hint=QuickState.hint, error=QuickState.errors.number),
                    submit_button("Продолжить", busy=QuickState.is_busy),
                    scan_button(),
                    on_submit=QuickState.find,
                    label="Лицевой счёт",
                ),
            ),
            skeleton("short", "button", "button", "button", "button", "short", "button", "button"),
        ),
        rx.el.p("История, квитанции и напоминания — в личном кабинете: ", link("войти", "/sign-in"), "."),
        lead="Нужен номер лицевого счёта из квитанции. Регистрация не нужна.",
        help_topic="quick",
    )


def desk_page() -> rx.Component:
    """Show the sum and take the payment."""
    desk = QuickDeskState.desk
    shown = rx.el.div(
        card(
            lines(
                rx.el.div(
                    muted(desk.provider, ", ", desk.number),
                    help_tip("quick.number"),
                    class_name="row spread",
                ),
                rx.cond(desk.debt != "", amount(desk.debt)),
                muted(desk.note),
            ),
            rx.cond(desk.unavailable != "", notice("warn", desk.unavailable), _pay_form()),
        ),
        card(
            rx.el.p("Передать показания счётчиков этого счёта."),
            actions(button_link("Передать показания", READINGS_PATH)),
            title="Показания",
        ),
        key=QuickDeskState.opened,
        class_name="stack",
    )
    return public_page(
        "Оплата без входа",
        content_or_skeleton(
            QuickDeskState.stage != "",
            rx.cond(QuickDeskState.stage == "ready", shown, _ended()),
            skeleton("short", "amount", "line", "short", "button", "button"),
        ),
        above=back_link("Другой счёт", PATH),
        help_topic="quick",
    )


def readings_page() -> rx.Component:
    """Take readings."""
    state = QuickReadingsState
    return public_page(
        _READINGS_TITLE,
        content_or_skeleton(
            state.stage != "",
            rx.cond(
                state.stage == "ended",
                _ended(),
                rx.el.div(
                    rx.cond(state.stage == "ready", rx.el.div(_readings_form(), key=state.opened), card(_no_meters())),
                    _way_to_pay(),
                    # As far from the form as its own cards are from each other.
                    class_name="form",
                ),
            ),
            skeleton("title", "short", "button", "button"),
        ),
        lead=either(state.provider != "", state.provider, "\N{NO-BREAK SPACE}"),
        help_topic="readings",
    )


def _pay_form() -> rx.Component:
    desk, errors = QuickDeskState.desk, QuickDeskState.errors
    contact = text_field(
        desk.contact_label,
        "receipt_contact",
        hint="Туда придёт кассовый чек об оплате",
        error=errors.receipt_contact,
        tip=help_tip("pay.receipt"),
        auto_complete="email",
        max_length=254,
    )
    return form(
        error_summary(errors.summary),
        text_field(
            "Сумма, ₽",
            "amount",
            hint=desk.limits,
            error=errors.amount,
            tip=help_tip("pay.own_amount"),
            value=desk.typed,
            input_mode="decimal",
            auto_complete="off",
            max_length=40,
        ),
        rx.cond(desk.contact_label != "", contact),
        live_error(errors.form),
        submit_button("Перейти к оплате", busy=QuickDeskState.is_busy),
        rx.el.div(
            muted("Комиссия 0 ₽. Карта или СБП, на защищённой странице ЮKassa"),
            help_tip("pay.gateway"),
            class_name="row centered",
        ),
        leave_page(QuickDeskState.leave_to),
        on_submit=QuickDeskState.pay,
        label="Оплата без входа",
    )


def _readings_form() -> rx.Component:
    state = QuickReadingsState
    answer = state.answer
    is_asked = answer.questions.asked != ""
    send = rx.fragment(
        confirmation(answer.questions, state.revise),
        submit_button(either(is_asked, "Да, всё верно", "Передать показания"), busy=state.is_busy),
    )
    return form(
        focus_on(answer.focus),
        error_summary(answer.summary),
        rx.foreach(state.meters, _meter),
        rx.el.input(type="hidden", name="intent", value=state.intent, read_only=True),
        card(
            live_error(answer.refusal),
            rx.el.div(rx.foreach(answer.saved, _saved), id="saved", tab_index=-1, role="status", class_name="stack"),
            rx.cond(state.is_open, send, actions(button_link("На главную", "/", main=True))),
        ),
        on_submit=state.send,
        label="Показания счётчиков",
    )


def _meter(meter: MeterForm) -> rx.Component:
    return meter_group(
        meter,
        rx.cond(meter.refusal != "", notice("warn", meter.refusal)),
        rx.cond((meter.sent != "") & (meter.refusal == ""), notice("good", meter.sent, meter.sent_note)),
        rx.cond(
            meter.is_open,
            rx.fragment(
                rx.el.div(rx.foreach(meter.scales, _scale), class_name="columns"),
                rx.el.div(muted(meter.hint), help_tip("meters.reading", of=meter.id), class_name="row spread"),
                rx.cond(meter.is_late, notice("warn", meter.window), muted(meter.window)),
            ),
        ),
    )


def _scale(scale: ScaleField) -> rx.Component:
    return text_field(
        scale.label, scale.name, error=scale.error, input_mode="decimal", auto_complete="off", max_length=24
    )


def _saved(reading: SavedReading) -> rx.Component:
    return notice("good", reading.title, reading.text)


def _way_to_pay() -> rx.Component:
    return card(
        rx.el.p("Сумму к оплате по этому счёту покажем на следующей странице."),
        live_error(QuickState.errors.form),
        actions(button("Перейти к оплате", QuickState.to_pay, busy=QuickState.is_busy)),
        title="Оплата",
    )


def _no_meters() -> rx.Component:
    return empty_state(
        "gauge",
        "По этому счёту счётчиков нет: их список передаёт поставщик.",
        button_link("На главную", "/", main=True),
    )


def _ended() -> rx.Component:
    return card(
        empty_state(
            "clock",
            "Прошло больше часа, или ссылка устарела. Введите номер лицевого счёта из квитанции.",
            button_link("Ввести номер", PATH, main=True),
        )
    )


PAGES = [
    Page(PATH, _TITLE, quick_page, on_load=QuickState.load, public=True),
    Page(DESK_PATH, "Оплата без входа", desk_page, on_load=QuickDeskState.open),
    Page(READINGS_PATH, _READINGS_TITLE, readings_page, on_load=QuickReadingsState.open),
    Page(f"{READINGS_PATH}/[token]", _READINGS_TITLE, readings_page, on_load=QuickReadingsState.open),
]
