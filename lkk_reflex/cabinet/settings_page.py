"""«Настройки»: connected accounts and the ways to everything else that a person can set."""

import reflex as rx

from lkk_reflex.cabinet.settings_projection import ConnectedAccount
from lkk_reflex.cabinet.settings_state import SettingsState
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.amounts import badge, between, card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, called_with, link, submit_button, text_button
from lkk_reflex.ui.feedback import content_or_skeleton, disclosure, live_error, live_status, notice, skeleton
from lkk_reflex.ui.forms import form, text_field
from lkk_reflex.ui.icons import icon
from lkk_reflex.ui.layout import SECTIONS, Page, cabinet_page
from lkk_reflex.ui.native_form import NativeForm

#: Address, icon, name and what for, in the order of the list.
_WAYS = (
    ("/cabinet/connect", "plus", "Подключение ЛС", "Ещё один лицевой счёт: поставщик и номер с квитанции"),
    ("/settings/profile", "user", "Ваши данные", "Имя, телефон, почта"),
    ("/settings/security", "shield", "Вход и безопасность", "Логин, пароль, устройства, второй шаг входа"),
    ("/settings/notifications", "mail", "Уведомления", "О чём и куда писать"),
    ("/outages", "clock", "Отключения", "Когда и где не будет воды, тепла, света, газа"),
    ("/settings/privacy", "info", "Согласия и ваши данные", "Что вы разрешили, скачать всё, закрыть кабинет"),
    ("/help", "help", "Справка", "Как пользоваться порталом"),
    ("/support", "chat", "Обратная связь", "Спросить поставщика или поддержку"),
)
#: Sections for which the bar of a phone has no room.
_SECTIONS = (SECTIONS["account"], SECTIONS["bills"])


def settings_page() -> rx.Component:
    """Show the accounts beside the other settings."""
    return cabinet_page(
        "Настройки",
        rx.el.div(
            content_or_skeleton(
                SettingsState.is_loaded, _accounts(), skeleton("title", "line", "short", "button", "button")
            ),
            rx.el.div(_ways(), _sign_out(), class_name="stack"),
            class_name="columns",
        ),
        active="settings",
        help_topic="settings",
    )


def _accounts() -> rx.Component:
    return card(
        live_status(SettingsState.saved),
        live_error(SettingsState.refusal),
        rx.el.div(rx.cond(SettingsState.ended.public_id != "", _ended()), role="status"),
        rx.cond(
            SettingsState.accounts.length() > 0,
            rx.el.ul(rx.foreach(SettingsState.accounts, _account), class_name="menu"),
            rx.el.p("Пока ни одного счёта."),
        ),
        button_link("Подключить ЛС", "/cabinet/connect", main=True, full=True),
        muted("Это займёт минуту, понадобится квитанция."),
        title="Лицевые счета",
    )


def _account(account: rx.vars.ObjectVar[ConnectedAccount]) -> rx.Component:
    return rx.el.li(
        between(
            lines(
                rx.el.h3(link(account.title, f"/account/{account.public_id}")),
                muted(account.where),
            ),
            rx.cond(account.is_extended, badge("Расширенный доступ", "good")),
        ),
        rx.cond(SettingsState.renamed_id == account.public_id, _name_form(account), _what_to_do(account)),
        key=account.public_id,
    )


def _what_to_do(account: rx.vars.ObjectVar[ConnectedAccount]) -> rx.Component:
    of_what = rx.el.span(" счёт ", account.title, class_name="sr-only")
    rename = rx.el.button(
        "Переименовать",
        of_what,
        type="button",
        on_click=called_with(SettingsState.ask_name, account.public_id),
        class_name="button-text",
    )
    end = disclosure(
        rx.fragment("Отключить", of_what),
        rx.el.p(
            "Счёт пропадёт из кабинета. Начисления и долг у поставщика останутся: это не закрывает договор. "
            "Подключить его снова можно в любой день.",
            rx.cond(
                account.is_extended,
                rx.el.span(" Расширенный доступ тогда нужно будет подтвердить заново."),
            ),
        ),
        button("Да, отключить", called_with(SettingsState.disconnect, account.public_id)),
    )
    # One below the other, so that the second one stays in its place when it is opened.
    return rx.fragment(rx.el.div(rename), end)


def _name_form(account: rx.vars.ObjectVar[ConnectedAccount]) -> rx.Component:
    return form(
        text_field(
            "Название счёта",
            "own_name",
            hint="До 60 знаков. Его видите только вы.",
            error=SettingsState.refusal,
            tip=help_tip("account.name"),
            value=account.own_name,
            auto_complete="off",
        ),
        actions(submit_button("Сохранить название", full=False), button("Отмена", SettingsState.keep_name)),
        on_submit=SettingsState.rename,
    )


def _ended() -> rx.Component:
    return notice(
        "info",
        "Счёт отключён",
        rx.fragment(SettingsState.ended.title, ". Начисления и долг у поставщика остались."),
        text_button("Вернуть счёт", SettingsState.take_back),
    )


def _ways() -> rx.Component:
    return rx.el.nav(
        rx.el.ul(
            *(_way(part.href, part.icon_name, part.title, part.purpose, "narrow-only") for part in _SECTIONS),
            *(_way(*way) for way in _WAYS),
            class_name="menu",
        ),
        class_name="card",
        aria_label="Другие настройки",
    )


def _way(href: str, icon_name: str, title: str, purpose: str, class_name: str = "") -> rx.Component:
    words = rx.el.span(rx.el.strong(title), rx.el.span(purpose, class_name="muted small"))
    way = link(rx.fragment(icon(icon_name), words, icon("next", small=True)), href, class_name="way")
    return rx.el.li(way, class_name=class_name)


def _sign_out() -> rx.Component:
    leave = rx.el.button(icon("sign-out", small=True), "Выйти", type="submit", class_name="button full")
    return NativeForm.create(leave, method="post", action="/auth/sign-out")


PAGES = [Page("/settings", "Настройки", settings_page, on_load=SettingsState.load)]
