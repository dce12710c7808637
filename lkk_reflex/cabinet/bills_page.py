"""The section «Начисления»: all bills of an account."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.cabinet.account_components import headline, text_if
from lkk_reflex.cabinet.bill_components import bills_table, extended_needed
from lkk_reflex.cabinet.bill_projection import AccountChoice
from lkk_reflex.cabinet.bills_state import BillsState
from lkk_reflex.help.components import help_tip
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import badge, card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, skeleton
from lkk_reflex.ui.forms import select_field
from lkk_reflex.ui.layout import Page, cabinet_page
from lkk_reflex.ui.native_form import NativeForm


def bills_page() -> rx.Component:
    """Show the bills of an account, or lead to connecting the first one."""
    nothing = card(empty_state("receipt", Forbidden.text, button_link("На главную", "/cabinet", main=True)))
    content = rx.cond(
        BillsState.is_missing,
        nothing,
        rx.cond(BillsState.account.public_id != "", _account(), _no_accounts()),
    )
    placeholder = skeleton("title", "line", "line", "line", "line", "line", "line", "line")
    asked_id = rx.Var.create(BillsState.asked_id).to(str)
    return cabinet_page(
        "Начисления",
        content_or_skeleton(asked_id == address_part("id"), content, placeholder),
        active="bills",
        help_topic="bills",
        aside=help_tip("bill.period"),
    )


def _account() -> rx.Component:
    account = BillsState.account
    return rx.el.div(
        rx.cond(BillsState.choices.length() > 1, _choices()),
        muted(account.title, " · ", account.where),
        rx.cond(
            account.is_extended,
            _bills(),
            rx.el.div(_balance(), extended_needed(account.public_id), class_name="columns"),
        ),
        class_name="stack",
    )


def _choices() -> rx.Component:
    return rx.el.nav(rx.foreach(BillsState.choices, _choice), class_name="row", aria_label="Лицевой счёт")


def _choice(account: ObjectVar[AccountChoice]) -> rx.Component:
    is_shown = account.public_id == BillsState.account.public_id
    return rx.el.a(
        account.title,
        href=f"/bills/{account.public_id}",
        class_name=text_if(is_shown, "button button-main", "button"),
        custom_attrs={"aria-current": text_if(is_shown, "page", "false")},
    )


def _balance() -> rx.Component:
    account = BillsState.account
    return card(
        lines(
            rx.el.div(headline(account), badge(account.badge, account.tone), class_name="row spread"),
            muted(account.note),
        ),
        title="К оплате",
    )


def _bills() -> rx.Component:
    waiting = empty_state("receipt", "Начислений пока нет: они появятся, когда их передаст поставщик.")
    return rx.cond(
        BillsState.rows.length() > 0,
        rx.el.div(
            card(
                bills_table("Все начисления, ₽", BillsState.rows),
                rx.cond(
                    BillsState.has_more,
                    button("Показать ещё", BillsState.show_more, busy=BillsState.busy, full=True),
                ),
            ),
            _statement(),
            class_name="stack",
        ),
        card(waiting),
    )


def _statement() -> rx.Component:
    address = f"/papers/statement/{BillsState.account.public_id}"
    return card(
        NativeForm.create(
            rx.el.div(
                select_field("С месяца", "from", BillsState.months, empty="С первого"),
                select_field("По месяц", "to", BillsState.months, empty="По последний"),
                class_name="columns",
            ),
            actions(
                rx.el.button("Скачать PDF", type="submit", class_name="button button-main"),
                rx.el.button("Скачать XLSX", type="submit", form_action=f"{address}.xlsx", class_name="button"),
            ),
            method="get",
            action=f"{address}.pdf",
            class_name="form",
            custom_attrs={"aria-label": "Выписка"},
        ),
        title="Выписка за период",
    )


def _no_accounts() -> rx.Component:
    return card(
        empty_state(
            "account",
            "Пока ни одного счёта. Для подключения понадобится квитанция.",
            button_link("Подключить лицевой счёт", "/cabinet/connect", main=True),
        )
    )


PAGES = [
    Page("/bills", "Начисления", bills_page, on_load=BillsState.load),
    Page("/bills/[id]", "Начисления", bills_page, on_load=BillsState.load),
]
