"""The pay page: how much, and one button with the exact sum."""

from typing import Any

import reflex as rx

from lkk_reflex.cabinet.pay_state import PayState
from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.readings_components import confirmation, last_reading, meter_fields, meter_group
from lkk_reflex.meters.readings_projection import MeterForm
from lkk_reflex.payments.checkout import AmountChoice
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import amount, card, fact, facts, muted
from lkk_reflex.ui.buttons import button_link, link, submit_button
from lkk_reflex.ui.choices import choice, choice_group
from lkk_reflex.ui.feedback import disclosure, empty_state, live_error, notice, skeleton
from lkk_reflex.ui.focusing import focus_on
from lkk_reflex.ui.forms import after_pause, error_summary, form, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.leaving import leave_page
from lkk_reflex.ui.words import either

#: The declared types hide that a handler can be given arguments when pages are compiled.
_handlers: Any = PayState


def pay_page() -> rx.Component:
    """Show the form, or the places of its parts until they are known."""
    desk = PayState.desk
    return cabinet_page(
        "Оплата",
        rx.cond(
            PayState.stage == "ready",
            rx.cond(desk.unavailable != "", _unavailable(), rx.el.div(_form(), key=PayState.opened)),
            rx.cond(PayState.stage == "missing", _missing(), _waiting()),
        ),
        active="payments",
        help_topic="pay",
        above=back_link(desk.back_text, desk.back_href),
        lead=either(desk.account != "", desk.account, "\N{NO-BREAK SPACE}"),
        narrow=True,
    )


def _form() -> rx.Component:
    return form(
        error_summary(PayState.errors.summary),
        _unfinished(),
        _choice_of_sum(),
        _own_amount(),
        _readings(),
        _total(),
        leave_page(PayState.leave_to),
        focus_on(PayState.readings.focus),
        on_submit=PayState.pay,
        label="Оплата лицевого счёта",
    )


def _unfinished() -> rx.Component:
    """Warn who pays once more while nobody knows how the last payment ends."""
    desk = PayState.desk
    warning = notice(
        "warn",
        desk.unfinished,
        rx.fragment(
            "Дождитесь результата, чтобы не заплатить дважды. ", link("Посмотреть платёж", desk.unfinished_href)
        ),
    )
    return rx.cond(desk.unfinished != "", warning)


def _choice_of_sum() -> rx.Component:
    desk = PayState.desk
    debt = choice(
        "kind",
        AmountChoice.DEBT,
        "Текущий долг",
        note=desk.debt_note,
        amount=desk.debt,
        checked=PayState.kind == AmountChoice.DEBT,
        on_choose=PayState.choose,
    )
    own = choice(
        "kind",
        AmountChoice.OWN,
        "Другая сумма",
        note="от 1 ₽",
        checked=PayState.kind == AmountChoice.OWN,
        on_choose=PayState.choose,
    )
    with_readings = choice(
        "kind",
        AmountChoice.WITH_READINGS,
        "С показаниями счётчиков",
        note="посчитаем и добавим к долгу",
        checked=PayState.kind == AmountChoice.WITH_READINGS,
        on_choose=PayState.choose,
    )
    several = choice_group(
        "Сколько оплатить",
        rx.cond(desk.debt != "", debt),
        own,
        rx.cond(PayState.readings.has_meters, with_readings),
        name="kind",
    )
    is_choice = (rx.Var.create(desk.debt).to(str) != "") | rx.Var.create(PayState.readings.has_meters).to(bool)
    only_own = rx.el.input(type="hidden", name="kind", value=AmountChoice.OWN)
    return rx.fragment(
        rx.cond(desk.debt_missing != "", notice("info", desk.debt_missing)), rx.cond(is_choice, several, only_own)
    )


def _readings() -> rx.Component:
    """Stay in the page while another card is chosen, so that what was typed is still there."""
    readings = PayState.readings
    return rx.el.div(
        error_summary(readings.summary),
        rx.foreach(readings.meters, _meter),
        rx.el.input(type="hidden", name="shown", value=PayState.shown, read_only=True),
        rx.el.div(
            muted("Показания сохраним сразу, даже если платёж не пройдёт. Стоимость предварительная."),
            help_tip("pay.with_readings"),
            class_name="beside",
        ),
        hidden=PayState.kind != AmountChoice.WITH_READINGS,
        class_name="form",
    )


def _meter(meter: MeterForm) -> rx.Component:
    return meter_group(
        meter,
        last_reading(meter),
        rx.cond(meter.refusal != "", notice("warn", meter.refusal)),
        rx.cond(meter.sent != "", notice("good", meter.sent, meter.sent_note)),
        meter_fields(meter, on_type=_handlers.type_value, on_leave=_handlers.leave_value),
        rx.cond(meter.is_late & (meter.window != ""), notice("warn", meter.window)),
    )


def _own_amount() -> rx.Component:
    """Stay in the page while the other card is chosen, so that what was typed is still there."""
    field = text_field(
        "Сумма, ₽",
        "amount",
        hint=PayState.desk.limits,
        error=PayState.errors.amount,
        tip=help_tip("pay.own_amount"),
        input_mode="decimal",
        auto_complete="off",
        max_length=40,
        on_change=after_pause(PayState.type_amount),
        on_blur=PayState.leave_amount,
    )
    return rx.el.div(card(field), hidden=PayState.kind != AmountChoice.OWN)


def _total() -> rx.Component:
    desk = PayState.desk
    contact = text_field(
        desk.contact_label,
        "receipt_contact",
        hint="Туда придёт кассовый чек об оплате",
        error=PayState.errors.receipt_contact,
        tip=help_tip("pay.receipt"),
        auto_complete="email",
        max_length=254,
    )
    return card(
        rx.el.div(
            rx.el.div(
                rx.el.span("К оплате"),
                amount(PayState.total, middle=True),
                class_name="row spread",
            ),
            rx.el.div(muted("комиссия 0 ₽"), help_tip("pay.commission"), class_name="row"),
            role="status",
        ),
        _purposes(),
        rx.cond(desk.contact_label != "", contact),
        rx.el.div(rx.foreach(PayState.readings.saved, _saved), role="status", class_name="stack"),
        confirmation(PayState.readings.questions, PayState.revise),
        live_error(PayState.errors.form),
        submit_button(_button(), busy=PayState.busy),
        rx.el.div(
            muted("Карта или СБП, на защищённой странице ЮKassa"), help_tip("pay.gateway"), class_name="row centered"
        ),
        *_demo_note(),
    )


def _purposes() -> rx.Component:
    """Tell what the sum covers; the numbers follow the sum, and what was opened stays open while it is typed."""
    parts = PayState.desk.purposes
    told = disclosure(
        "На что пойдёт платёж",
        facts(rx.foreach(parts, lambda part: fact(part.title, part.amount))),
        muted("Так платёж делят обычно. Окончательно его распределяет компания."),
    )
    return rx.el.div(told, hidden=rx.Var.create(parts).to(list).length() == 0)


def _button() -> rx.Var[str]:
    """Name what the button does: the yes to what was asked, and the sum."""
    pay = either(PayState.total != "—", "Оплатить " + PayState.total, "Оплатить")
    is_asked = PayState.readings.questions.asked != ""
    return either(is_asked, f"Да, всё верно. {pay}", pay)


def _saved(text: str) -> rx.Component:
    return notice("good", "Показания сохранены", text)


def _demo_note() -> list[rx.Component]:
    """Say in the demo that the bank is an imitation; the mode is known when pages are compiled."""
    return [notice("info", "Демонстрация: деньги не списываются")] if get_settings().is_demo else []


def _unavailable() -> rx.Component:
    return card(empty_state("card", PayState.desk.unavailable, button_link("На главную", "/cabinet", main=True)))


def _missing() -> rx.Component:
    return card(
        empty_state(
            "account",
            "Такого счёта нет среди подключённых. Откройте оплату со страницы своего счёта.",
            button_link("На главную", "/cabinet", main=True),
        )
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        skeleton("title", "short"), skeleton("title", "short"), skeleton("amount", "short", "button"), class_name="form"
    )


PAGES = [Page("/pay/[account]", "Оплата", pay_page, on_load=PayState.open)]
