"""The home of the cabinet: one glance says how much is owed and by when."""

import reflex as rx

from lkk_reflex.cabinet.account_components import headline, pay_link
from lkk_reflex.cabinet.home_projection import HomeAccount, VerificationBanner
from lkk_reflex.cabinet.home_state import HomeState
from lkk_reflex.outages.outages_components import outage_notice
from lkk_reflex.ui.amounts import badge, card, lines, muted
from lkk_reflex.ui.buttons import actions, add_link, button_link, link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state, notice, skeleton
from lkk_reflex.ui.layout import Page, cabinet_page


def home_page() -> rx.Component:
    """Show every account, or lead to connecting one."""
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
        rx.foreach(HomeState.banners, _banner),
        add_link("Подключить лицевой счёт", "/cabinet/connect"),
        class_name="stack",
    )


def _account(account: HomeAccount) -> rx.Component:
    shown = account.card
    return card(
        lines(
            muted(shown.subtitle),
            headline(shown),
            muted(shown.note, rx.cond(shown.data_as_of != "", rx.el.span(" · ", shown.data_as_of))),
            rx.cond(account.readings != "", rx.el.p(account.readings, class_name="small")),
            rx.cond(account.unfinished != "", _unfinished(account)),
            link("Подробнее", f"/account/{shown.public_id}", class_name="small"),
        ),
        actions(
            pay_link(shown),
            rx.cond(account.readings_href != "", button_link("Показания", account.readings_href)),
        ),
        # One glance says how much and by when; what is off stands right below.
        rx.foreach(account.outages, outage_notice),
        title=shown.title,
        badge=badge(shown.badge, shown.tone),
    )


def _unfinished(account: HomeAccount) -> rx.Component:
    """Say that a payment is being checked, so that nobody pays the same debt twice."""
    return rx.el.p(account.unfinished, ". ", link("Посмотреть платёж", account.unfinished_href), class_name="small")


def _banner(banner: VerificationBanner) -> rx.Component:
    what_to_do = link("Что делать", "/help#readings")
    return rx.cond(
        banner.tone == "bad",
        notice("bad", banner.title, banner.text, what_to_do),
        notice("warn", banner.title, banner.text, what_to_do),
    )


def _no_accounts() -> rx.Component:
    return card(
        empty_state(
            "account",
            "Пока ни одного счёта. Подключение займёт минуту, понадобится квитанция",
            button_link("Подключить лицевой счёт", "/cabinet/connect", main=True),
        )
    )


PAGES = [Page("/cabinet", "Лицевые счета", home_page, on_load=HomeState.load)]
