"""«Согласия и ваши данные»: what was allowed, the copy of everything, and the way out."""

import reflex as rx
from reflex.vars import ObjectVar

from lkk_reflex.cabinet.privacy_state import PrivacyState
from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.consents import OwnConsent
from lkk_reflex.ui.amounts import badge, card, muted
from lkk_reflex.ui.buttons import actions, button, called_with, link, submit_button
from lkk_reflex.ui.feedback import content_or_skeleton, disclosure, live_error, live_status, notice, skeleton
from lkk_reflex.ui.forms import form, password_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page
from lkk_reflex.ui.native_form import TicketForm
from lkk_reflex.ui.words import either

_TITLE = "Согласия и ваши данные"


def privacy_page() -> rx.Component:
    """Show the consents, then the copy, then closing."""
    return cabinet_page(
        _TITLE,
        content_or_skeleton(
            PrivacyState.is_loaded,
            rx.el.div(_consents(), _copy(), _closing(), class_name="stack"),
            rx.el.div(
                skeleton("title", "line", "short", "title", "line", "short", "button"),
                skeleton("title", "line", "line", "button", "button"),
                class_name="stack",
            ),
        ),
        active="settings",
        help_topic="privacy",
        above=back_link("Настройки", "/settings"),
        narrow=True,
    )


def _consents() -> rx.Component:
    return card(
        live_error(_error("consent")),
        live_status(PrivacyState.saved),
        rx.el.ul(rx.foreach(PrivacyState.consents, _consent), class_name="menu"),
        disclosure(
            "Журнал согласий",
            rx.el.ul(
                rx.foreach(PrivacyState.log, lambda line: rx.el.li(line.what, ". ", muted(line.at))),
                class_name="plain-list",
            ),
        ),
        muted("Как мы обращаемся с данными: ", link("политика", "/documents/privacy"), "."),
        title="Согласия",
    )


def _consent(consent: ObjectVar[OwnConsent]) -> rx.Component:
    state = rx.cond(
        consent.is_outdated,
        badge("Текст обновился", "warn"),
        rx.cond(consent.is_given, badge("Дано", "good"), badge("Не дано")),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.div(rx.el.h3(consent.title), state, class_name="card-head"),
            rx.cond(consent.state != "", muted(consent.state)),
            disclosure("Прочитать текст", rx.el.p(consent.text, class_name="pre-line small")),
            _choice(consent),
            class_name="stack stack-tight",
        ),
        key=consent.kind,
    )


def _choice(consent: ObjectVar[OwnConsent]) -> rx.Component:
    give = called_with(PrivacyState.give, consent.kind, consent.text_hash)
    withdraw = called_with(PrivacyState.withdraw, consent.kind)
    leave = disclosure(
        "Отозвать",
        rx.el.p("Без этого согласия кабинет работать не может, поэтому отзыв закрывает кабинет. "),
        link("Закрыть кабинет", "#close"),
    )
    return rx.el.div(
        rx.cond(
            consent.is_outdated,
            rx.el.div(
                muted("Новый текст: ", link("прочитать", consent.document)),
                actions(button("Дать согласие в новой редакции", give)),
                class_name="stack stack-tight",
            ),
        ),
        rx.cond(
            consent.is_given,
            rx.cond(consent.is_optional, actions(button("Отозвать", withdraw)), leave),
            actions(button("Дать согласие", give)),
        ),
        class_name="stack stack-tight",
    )


def _copy() -> rx.Component:
    return card(
        rx.el.p(
            "Архив со всем, что портал хранит о вас: данные кабинета, согласия, входы, лицевые счета, начисления, "
            "платежи, показания и обращения. Таблицы открываются на любом компьютере."
        ),
        form(
            password_field(
                "Ваш пароль",
                "own_password",
                hint="Спрашиваем ещё раз, чтобы данные не забрал посторонний",
                error=_error("data"),
            ),
            submit_button("Скачать мои данные", busy=PrivacyState.is_busy),
            on_submit=PrivacyState.ask_data,
            label="Копия данных",
        ),
        live_status(either(PrivacyState.data_ticket != "", "Архив готовится, загрузка начнётся сама", "")),
        muted("Не чаще трёх раз в день."),
        TicketForm.create(ticket=PrivacyState.data_ticket, action="/settings/own-data", id="own-data-form"),
        title="Копия ваших данных",
        badge=help_tip("settings.own_data"),
    )


def _closing() -> rx.Component:
    leaving = PrivacyState.leaving
    return rx.el.div(
        card(
            rx.cond(
                leaving.debt != "",
                notice("warn", "Долг останется", rx.el.span("Сейчас к оплате ", rx.el.strong(leaving.debt), ".")),
            ),
            rx.cond(
                leaving.unfinished != "",
                notice(
                    "info",
                    "Оплата не завершена",
                    rx.el.span(
                        leaving.unfinished,
                        ": если деньги придут, мы зачислим их на лицевой счёт, но уведомления уже не будет.",
                    ),
                ),
            ),
            rx.el.ul(
                rx.el.li("Начисления и долг у поставщика останутся: это не закрывает договор."),
                rx.el.li("На всех устройствах вы выйдете из кабинета, письма и СМС прекратятся."),
                rx.el.li(
                    "До ", leaving.until, " кабинет можно вернуть: войдите, как раньше, и нажмите «Вернуть кабинет»."
                ),
                rx.el.li(
                    "Потом мы уничтожим логин, пароль, имя, устройства, подключения счетов, обращения с файлами "
                    "и настройки, и составим об этом акт."
                ),
                rx.el.li(
                    "По закону останутся записи о платежах (5 лет, без связи с вами), показания у поставщика, "
                    "доказательства согласий и журнал действий без адресов."
                ),
                class_name="plain-list",
            ),
            disclosure(
                "Закрыть кабинет",
                form(
                    password_field("Пароль для закрытия", "close_password", error=_error("close")),
                    submit_button("Да, закрыть кабинет", busy=PrivacyState.is_busy, main=False),
                    on_submit=PrivacyState.close,
                    label="Закрытие кабинета",
                ),
            ),
            TicketForm.create(ticket=PrivacyState.leave_ticket, action="/auth/sign-out?closed=1", id="leave-form"),
            title="Закрытие кабинета",
            badge=help_tip("settings.closing"),
        ),
        id="close",
    )


def _error(name: str) -> rx.Var[str]:
    return rx.Var.create(PrivacyState.errors).to(dict[str, str]).get(name, "").to(str)


PAGES = [Page("/settings/privacy", _TITLE, privacy_page, on_load=PrivacyState.load)]
