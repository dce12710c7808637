"""The home of the cabinet: one glance says how much is owed and by when."""

import reflex as rx

from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.account_components import headline, pay_link
from lkk_reflex.cabinet.home_state import HomeState
from lkk_reflex.ui.amounts import badge, card, lines, muted
from lkk_reflex.ui.buttons import actions, add_link, button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, skeleton
from lkk_reflex.ui.layout import Page, cabinet_page


def home_page() -> rx.Component:
    """Show every account, or lead to the first one."""
    bones = skeleton("title", "short", "amount", "line", "button")
    return cabinet_page(
        "Лицевые счета",
        content_or_skeleton(
            HomeState.is_loaded,
            rx.cond(HomeState.accounts.length() > 0, _accounts(), _no_accounts()),
            rx.el.div(bones, class_name="columns"),
        ),
        active="home",
        help_topic="bill",
    )


def _accounts() -> rx.Component:
    return rx.el.div(
        rx.cond(HomeState.total_due != "", rx.el.p("Всего к оплате ", rx.el.strong(HomeState.total_due))),
        rx.el.div(rx.foreach(HomeState.accounts, _account), class_name="columns"),
        add_link("Подключить лицевой счёт", "/cabinet/connect"),
        class_name="stack",
    )


def _account(account: AccountCard) -> rx.Component:
    return card(
        lines(
            muted(account.subtitle),
            headline(account),
            muted(account.note, rx.cond(account.data_as_of != "", rx.el.span(" · ", account.data_as_of))),
        ),
        actions(
            pay_link(account),
            button_link("Подробнее", f"/account/{account.public_id}"),
        ),
        title=account.title,
        badge=badge(account.badge, account.tone),
    )


def _no_accounts() -> rx.Component:
    return card(
        empty_state(
            "account",
            "Пока ни одного счёта. Подключите первый — это займёт минуту, понадобится квитанция",
            button_link("Подключить лицевой счёт", "/cabinet/connect", main=True),
        )
    )


PAGES = [Page("/cabinet", "Лицевые счета", home_page, on_load=HomeState.load)]
