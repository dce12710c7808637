"""The pay page: how much, and one button with the exact sum."""

import reflex as rx

from lkk_reflex.cabinet.pay_state import PayState
from lkk_reflex.help.components import help_tip
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import amount, card, muted
from lkk_reflex.ui.buttons import button_link, link, submit_button
from lkk_reflex.ui.choices import choice, choice_group
from lkk_reflex.ui.feedback import empty_state, live_error, notice, skeleton
from lkk_reflex.ui.forms import after_pause, form, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.leaving import leave_page


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
        narrow=True,
    )


def _form() -> rx.Component:
    return form(
        _unfinished(),
        _choice_of_sum(),
        _own_amount(),
        _total(),
        leave_page(PayState.leave_to),
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
    both = choice_group(
        "Сколько оплатить",
        choice(
            "kind",
            "debt",
            "Текущий долг",
            note=desk.debt_note,
            amount=desk.debt,
            checked=~PayState.is_own,
            on_choose=PayState.choose,
        ),
        choice(
            "kind",
            "own",
            "Другая сумма",
            note="от 1 ₽",
            checked=PayState.is_own,
            on_choose=PayState.choose,
        ),
        name="kind",
    )
    only_own = rx.fragment(
        notice("info", desk.debt_missing),
        rx.el.input(type="hidden", name="kind", value="own"),
    )
    return rx.cond(desk.debt != "", both, only_own)


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
    return rx.el.div(card(field), hidden=~PayState.is_own)


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
        rx.cond(desk.contact_label != "", contact),
        live_error(PayState.errors.form),
        submit_button(PayState.button, busy=PayState.busy),
        rx.el.div(
            muted("Карта или СБП, на защищённой странице ЮKassa"), help_tip("pay.gateway"), class_name="row centered"
        ),
        *_demo_note(),
    )


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
