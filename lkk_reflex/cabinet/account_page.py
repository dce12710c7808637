"""The page of one account."""

import reflex as rx

from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.access_components import access_section
from lkk_reflex.cabinet.account_components import headline, is_known, known_or_missing, once_known, pay_link
from lkk_reflex.cabinet.account_state import AccountState, ChoiceState
from lkk_reflex.cabinet.bill_components import bills_table, sums_facts, why_card
from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.history_projection import ConsumptionView
from lkk_reflex.outages.outages_components import outage_notice
from lkk_reflex.ui.amounts import badge, card, fact, facts, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, link, submit_button
from lkk_reflex.ui.charts import bar_chart
from lkk_reflex.ui.feedback import (
    content_or_skeleton,
    disclosure,
    empty_state,
    live_error,
    live_status,
    notice,
    result_mark,
    skeleton,
)
from lkk_reflex.ui.forms import form, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.words import either


def account_page() -> rx.Component:
    """Show what is to be paid and why, what came before, and what the person may do with the account."""
    account = AccountState.account
    content = rx.el.div(
        rx.foreach(AccountState.details.outages, outage_notice),
        rx.el.div(
            _balance(), rx.el.div(access_section(), _consumption(), _why(), class_name="stack"), class_name="columns"
        ),
        _bills(),
        rx.el.div(_name(), _paper(), _disconnection(), class_name="columns"),
        class_name="stack",
    )
    placeholder = rx.el.div(
        skeleton("line", "amount", "line", "line", "line", "line", "line", "line", "button"),
        skeleton("title", "line", "line", "line", "line", "line", "line"),
        class_name="columns",
    )
    return cabinet_page(
        once_known(account.title, "Лицевой счёт"),
        known_or_missing(rx.cond(AccountState.is_disconnected, _disconnected(), content), placeholder),
        active="account",
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
    account, details = AccountState.account, AccountState.details
    return card(
        rx.el.div(
            rx.el.div(
                either(account.is_payable, "К оплате ", "На лицевом счёте "),
                account.due_on,
                help_tip("bill.amount_due"),
                class_name="row muted small",
            ),
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
            rx.cond(details.owner != "", fact("Плательщик", details.owner)),
        ),
        rx.cond(details.newest_href != "", sums_facts(details.sums)),
        actions(pay_link(account), button_link("Передать показания", f"/readings/{account.public_id}")),
    )


def _consumption() -> rx.Component:
    return rx.foreach(AccountState.details.charts, _chart)


def _chart(view: ConsumptionView) -> rx.Component:
    return card(
        muted(view.note),
        bar_chart("Расход по месяцам", view.chart, unit=view.unit, empty="Расхода пока нет"),
        title=view.title,
    )


def _why() -> rx.Component:
    details = AccountState.details
    more = rx.cond(details.why.sentence != "", link("Разобрать по строкам", details.newest_href))
    return rx.cond(details.newest_href != "", why_card(details.why, more))


def _bills() -> rx.Component:
    """List the newest bills; the papers are of all of them."""
    details, account = AccountState.details, AccountState.account
    address = f"/papers/statement/{account.public_id}"
    downloads = rx.el.div(
        rx.el.span("Скачать: ", class_name="muted"),
        link("PDF", f"{address}.pdf", reload=True, attributes={"aria-label": "Скачать выписку PDF"}),
        link("XLSX", f"{address}.xlsx", reload=True, attributes={"aria-label": "Скачать выписку XLSX"}),
        class_name="row small",
    )
    listed = card(
        bills_table("Начисления и оплаты, ₽", details.bills),
        downloads,
        button_link("Все начисления", f"/bills/{account.public_id}", full=True),
    )
    return rx.cond(details.newest_href != "", listed)


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


def _paper() -> rx.Component:
    """Let who has proved the account do without the paper bill."""
    is_paperless, is_unheard = AccountState.details.is_paperless, AccountState.details.is_unheard
    with_paper = (
        "От бумажной можно отказаться: о новой квитанции сообщим так, как отмечено в разделе «Уведомления», "
        "скачать её можно в «Начислениях»."
    )
    without = (
        "Вы отказались от бумажной. О новой квитанции сообщим так, как отмечено в разделе «Уведомления», "
        "скачать её можно в «Начислениях». Отказ можно снять в любой день."
    )
    unheard = (
        "Вам никак не сообщают о новых квитанциях, поэтому бумажную присылают. Отметьте письмо или СМС о новой "
        "квитанции в разделе «Уведомления», и отказ снова будет действовать."
    )
    chosen = card(
        rx.cond(
            is_unheard,
            notice("warn", "Отказ от бумажной не действует", unheard),
            muted(either(is_paperless, without, with_paper)),
        ),
        form(
            # What is asked for travels along, so that the same click sent twice asks for the same.
            rx.el.input(type="hidden", name="paper", value=either(is_paperless, "yes", "no"), read_only=True),
            submit_button(
                either(is_paperless, "Снять отказ от бумажной квитанции", "Не присылать бумажную квитанцию"), main=False
            ),
            on_submit=AccountState.choose_paper,
            label="Бумажная квитанция",
        ),
        link("Уведомления", "/settings/notifications"),
        live_status(AccountState.paper_saved),
        live_error(AccountState.paper_refused),
        title="Бумажная квитанция",
        badge=help_tip("account.paperless"),
    )
    return rx.cond(AccountState.account.is_extended, chosen)


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
            muted("Отключили по ошибке? Подключите его снова: ", AccountState.account.number, "."),
            class_name="result",
            role="status",
        ),
        actions(button_link("На главную", "/cabinet", main=True), button_link("Подключить снова", "/cabinet/connect")),
    )


def choice_page() -> rx.Component:
    """Ask which of several accounts is meant; whoever has only one is led on to it."""
    return cabinet_page(
        "Лицевой счёт",
        content_or_skeleton(
            ChoiceState.is_loaded,
            rx.cond(
                ChoiceState.accounts.length() > 0,
                rx.el.div(rx.foreach(ChoiceState.accounts, _choice), class_name="columns"),
                card(
                    empty_state(
                        "account",
                        "Пока ни одного счёта. Для подключения понадобится квитанция.",
                        button_link("Подключить лицевой счёт", "/cabinet/connect", main=True),
                    )
                ),
            ),
            rx.el.div(skeleton("title", "line", "amount", "line", "button"), class_name="columns"),
        ),
        active="account",
        help_topic="connect",
    )


def _choice(account: AccountCard) -> rx.Component:
    return card(
        lines(muted(account.subtitle), headline(account), muted(account.note)),
        actions(button_link("Открыть", f"/account/{account.public_id}")),
        title=account.title,
        badge=badge(account.badge, account.tone),
    )


PAGES = [
    Page("/account", "Лицевой счёт", choice_page, on_load=ChoiceState.load),
    Page("/account/[id]", "Лицевой счёт", account_page, on_load=AccountState.load),
]
