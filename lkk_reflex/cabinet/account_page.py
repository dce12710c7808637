"""The page of one account."""

import reflex as rx

from lkk_reflex.cabinet.access_components import access_section
from lkk_reflex.cabinet.account_components import headline, is_known, known_or_missing, once_known, pay_link
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.amounts import badge, card, fact, facts, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, submit_button
from lkk_reflex.ui.feedback import disclosure, live_status, result_mark, skeleton
from lkk_reflex.ui.forms import form, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page


def account_page() -> rx.Component:
    """Show what is to be paid, and what the person may do with the account."""
    account = AccountState.account
    content = rx.el.div(
        _balance(), rx.el.div(access_section(), _name(), _disconnection(), class_name="stack"), class_name="columns"
    )
    placeholder = rx.el.div(skeleton("line", "amount", "line", "line", "button"), class_name="columns")
    return cabinet_page(
        once_known(account.title, "Лицевой счёт"),
        known_or_missing(rx.cond(AccountState.is_disconnected, _disconnected(), content), placeholder),
        active="home",
        help_topic="bill",
        above=back_link("Лицевые счета", "/cabinet"),
        aside=rx.cond(is_known(), _level()),
        lead=once_known(account.where, "\N{NO-BREAK SPACE}"),
    )


def _level() -> rx.Component:
    return rx.cond(
        AccountState.account.is_extended,
        badge("Расширенный доступ", "good"),
        rx.el.span(badge("Базовый доступ"), help_tip("account.basic"), class_name="row"),
    )


def _balance() -> rx.Component:
    account = AccountState.account
    return card(
        rx.el.div(
            rx.el.div("К оплате ", account.due_on, help_tip("bill.amount_due"), class_name="row muted small"),
            rx.cond(
                account.data_as_of != "",
                rx.el.div(account.data_as_of, help_tip("bill.data_as_of"), class_name="row muted small"),
            ),
            class_name="row spread",
        ),
        lines(
            rx.el.div(headline(account), badge(account.badge, account.tone), class_name="row spread"),
            rx.cond(account.is_payable, rx.fragment(), muted(account.note)),
        ),
        facts(
            fact("Поставщик", account.provider),
            rx.foreach(AccountState.facts, lambda part: fact(part.name, part.value)),
        ),
        actions(
            pay_link(account),
            button_link("История платежей", "/payments"),
        ),
    )


def _name() -> rx.Component:
    return card(
        form(
            text_field(
                "Название счёта",
                "own_name",
                hint="До 60 знаков. Его видите только вы.",
                error=AccountState.refusal,
                tip=help_tip("account.name"),
                value=AccountState.account.own_name,
                auto_complete="off",
            ),
            submit_button("Сохранить название", main=False),
            on_submit=AccountState.rename,
        ),
        live_status(AccountState.saved),
    )


def _disconnection() -> rx.Component:
    return card(
        disclosure(
            "Отключить счёт",
            rx.el.p(
                "Счёт пропадёт из кабинета. Начисления и долг у поставщика останутся: это не закрывает договор. "
                "Подключить его снова можно в любой день."
            ),
            button("Да, отключить", AccountState.disconnect),
        )
    )


def _disconnected() -> rx.Component:
    return card(
        result_mark("good"),
        rx.el.div(
            rx.el.p("Счёт отключён. Начисления и долг у поставщика остались."),
            muted("Отключили по ошибке? Подключите его снова по номеру ", AccountState.account.number, "."),
            class_name="result",
            role="status",
        ),
        actions(button_link("На главную", "/cabinet", main=True), button_link("Подключить снова", "/cabinet/connect")),
    )


PAGES = [Page("/account/[id]", "Лицевой счёт", account_page, on_load=AccountState.load)]
