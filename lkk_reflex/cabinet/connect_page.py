"""Connecting an account: two steps and a congratulation."""

import reflex as rx

from lkk_reflex.cabinet.account_components import known_or_missing
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.cabinet.connect_state import FIRST_STEP, ConnectState
from lkk_reflex.cabinet.scan_components import number_field, scan_button
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import card, muted
from lkk_reflex.ui.buttons import actions, button_link, link, submit_button
from lkk_reflex.ui.choices import chosen, picker
from lkk_reflex.ui.feedback import (
    content_or_skeleton,
    disclosure,
    live_error,
    notice,
    result_mark,
    skeleton,
)
from lkk_reflex.ui.forms import error_summary, form, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page, steps

_TITLE = "Подключить лицевой счёт"


def provider_page() -> rx.Component:
    """Ask whose bill it is; a payment code pasted from the bill answers everything at once."""
    choose = form(
        picker(
            "Поставщик услуг",
            "provider",
            ConnectState.providers,
            search_label="Найти поставщика",
            error=ConnectState.errors.provider,
            tip=help_tip("account.provider"),
        ),
        submit_button("Дальше"),
        on_submit=ConnectState.choose,
    )
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            ConnectState.is_loaded,
            rx.el.div(_welcome(), card(choose), card(_by_code()), class_name="stack"),
            skeleton("short", "button", "button", "button", "button"),
        ),
        active="home",
        help_topic="connect",
        above=steps(1, 2, "/cabinet"),
        lead="Подключение ЛС: выберите поставщика услуг, затем введите номер с квитанции.",
        narrow=True,
    )


def number_page() -> rx.Component:
    """Ask for the number as it stands on the bill."""
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            rx.Var.create(ConnectState.provider.code) == address_part("provider_code"),
            rx.el.div(
                rx.cond(ConnectState.provider.is_only, _welcome()),
                card(_number_form()),
                muted("Подключили не тот счёт? Его можно отключить в разделе «", link("Настройки", "/settings"), "»."),
                class_name="stack",
            ),
            skeleton("short", "button", "short", "button", "button"),
        ),
        active="home",
        help_topic="connect",
        above=rx.cond(ConnectState.provider.is_only, back_link("Лицевые счета", "/cabinet"), steps(2, 2, FIRST_STEP)),
        narrow=True,
    )


def connected_page() -> rx.Component:
    """Congratulate, name the account, and lead on."""
    account = AccountState.account
    congratulation = card(
        result_mark("good"),
        rx.el.div(
            rx.el.p("Поздравляем! Счёт ", rx.el.strong(account.title), " подключён."),
            muted("Все шаги пройдены, личным кабинетом можно пользоваться."),
            muted(account.provider, " · ", account.number),
            rx.cond(account.is_payable, rx.el.p("К оплате ", account.amount, " ", account.due_on)),
            class_name="result",
        ),
        actions(
            rx.cond(
                account.is_payable,
                rx.fragment(
                    button_link("Оплатить онлайн", f"/pay/{account.public_id}", main=True),
                    button_link("Перейти к счёту", f"/account/{account.public_id}"),
                ),
                button_link("Перейти к счёту", f"/account/{account.public_id}", main=True),
            ),
            button_link("Подключить ещё один", FIRST_STEP),
        ),
        link("На главную", "/cabinet"),
    )
    return cabinet_page(
        "Счёт подключён",
        known_or_missing(congratulation, skeleton("title", "line", "short", "button")),
        active="home",
        help_topic="connect",
        narrow=True,
    )


def _welcome() -> rx.Component:
    """Tell who has just come that the registration is over and what comes first; who comes back knows the cabinet."""
    first = notice(
        "good",
        "Вы зарегистрированы, личный кабинет создан",
        "Чтобы начать им пользоваться, подключите лицевой счёт.",
    )
    again = notice(
        "info",
        "Сейчас ни один счёт не подключён",
        "Подключите лицевой счёт, чтобы видеть начисления, платить и передавать показания.",
    )
    greeted = ConnectState.greeted
    return rx.cond(greeted == "first", first, rx.cond(greeted == "again", again))


def _number_form() -> rx.Component:
    provider = ConnectState.provider
    return form(
        rx.el.input(type="hidden", name="provider", value=provider.code, read_only=True),
        error_summary(ConnectState.errors.summary),
        _refusal(),
        rx.cond(
            provider.is_only,
            muted(provider.name, " · ", provider.note),
            chosen("Поставщик услуг", provider.name, FIRST_STEP, note=provider.note),
        ),
        number_field(hint=provider.hint, error=ConnectState.errors.number),
        text_field(
            "Своё название (необязательно)",
            "own_name",
            hint="Например, «Квартира» или «Для мамы»",
            error=ConnectState.errors.own_name,
            tip=help_tip("account.name"),
            auto_complete="off",
        ),
        submit_button("Подключить", busy=ConnectState.is_busy),
        scan_button(),
        on_submit=ConnectState.connect,
    )


def _by_code() -> rx.Component:
    return disclosure(
        "Есть текст QR-кода с квитанции?",
        form(
            _refusal(),
            text_field(
                "Текст QR-кода",
                "number",
                hint="Считайте код камерой телефона и вставьте текст, он начинается с ST0001. "
                "Поставщика и номер мы найдём в нём сами.",
                error=ConnectState.errors.number,
                auto_complete="off",
                spell_check=False,
            ),
            submit_button("Подключить по коду", busy=ConnectState.is_busy, main=False),
            on_submit=ConnectState.connect,
        ),
    )


def _refusal() -> rx.Component:
    """Say what is not about one field: a wait, or an account that is here already."""
    known = rx.el.div(
        rx.cond(
            ConnectState.known_id != "",
            notice(
                "info",
                "Этот счёт уже подключён",
                link("Перейти к счёту", f"/account/{ConnectState.known_id}"),
            ),
        ),
        role="status",
    )
    return rx.fragment(live_error(ConnectState.errors.form), known)


PAGES = [
    Page(FIRST_STEP, _TITLE, provider_page, on_load=ConnectState.load),
    Page(f"{FIRST_STEP}/[provider_code]", _TITLE, number_page, on_load=ConnectState.load),
    Page("/cabinet/connected/[id]", "Счёт подключён", connected_page, on_load=AccountState.load),
]
