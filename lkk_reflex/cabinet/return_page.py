"""The page of one payment: works without a sign-in, because the bank's application may open another browser."""

import reflex as rx

from lkk_reflex.cabinet.quick_state import PATH as QUICK_PATH
from lkk_reflex.cabinet.return_state import ReturnState
from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.signed_links import PATH as READINGS_PATH
from lkk_reflex.ui.amounts import amount, card, fact, facts, muted
from lkk_reflex.ui.buttons import actions, button, button_link, link
from lkk_reflex.ui.feedback import empty_state, result_mark, skeleton
from lkk_reflex.ui.layout import Page, public_page
from lkk_reflex.ui.leaving import leave_page


def return_page() -> rx.Component:
    """Show where the payment stands, with the one thing to do next."""
    return public_page(
        ReturnState.view.heading,
        rx.cond(
            ReturnState.stage == "missing",
            _missing(),
            rx.cond(ReturnState.stage == "loading", _waiting(), _result()),
        ),
        help_topic="pay",
    )


def _result() -> rx.Component:
    view = ReturnState.view
    return card(
        leave_page(ReturnState.leave_to),
        rx.el.div(
            _mark(),
            amount(view.amount),
            _explanation(),
            class_name="result",
            role="status",
        ),
        rx.cond(view.is_known, _facts(), rx.cond(view.number != "", _facts_of_guest())),
        rx.cond(view.is_over, rx.fragment(), rx.el.div(_waits_for_what(), role="status")),
        _next_step(),
        rx.cond(
            view.is_known,
            actions(
                button_link("История платежей", "/payments"),
                # A screen has one main action.
                rx.cond(view.again_href != "", button_link("На главную", "/cabinet"), _home("/cabinet")),
            ),
            rx.cond(view.number != "", _ways_of_guest(), actions(_home("/"))),
        ),
    )


def _explanation() -> rx.Component:
    """Say one line while waiting, as long as that of success, so that nothing moves when the money has come."""
    view = ReturnState.view
    return rx.cond(
        view.is_over,
        rx.cond(view.tone == "good", muted(view.text), rx.el.p(view.text)),
        muted("ждём подтверждения банка"),
    )


def _waits_for_what() -> rx.Component:
    return rx.el.div(rx.el.p(ReturnState.view.text), help_tip("pay.state"), class_name="row spread")


def _mark() -> rx.Component:
    tone = ReturnState.view.tone
    return rx.cond(
        tone == "good",
        result_mark("good"),
        rx.cond(tone == "bad", result_mark("bad"), result_mark("warn")),
    )


def _facts() -> rx.Component:
    view = ReturnState.view
    return facts(
        fact("Платёж", view.number),
        fact("Дата", view.at),
        rx.foreach(view.readings, lambda reading: fact("Показания", reading)),
        # Known only when the money has come; what is read by then stays where it is.
        rx.cond(view.method != "", fact("Способ", view.method)),
        rx.cond(
            view.paper_href != "",
            fact("Подтверждение", link("скачать PDF", view.paper_href, reload=True), tip=help_tip("pay.confirmation")),
        ),
    )


def _facts_of_guest() -> rx.Component:
    view = ReturnState.view
    return facts(
        fact("Платёж", view.number),
        fact("Дата", view.at),
        fact("Поставщик", view.provider),
        fact("Лицевой счёт", view.account, tip=help_tip("quick.number")),
    )


def _ways_of_guest() -> rx.Component:
    """Say what remains to be done without a cabinet, and that this page will soon tell less."""
    ways = actions(
        button_link("Передать показания", READINGS_PATH),
        button_link("Оплатить другой счёт", QUICK_PATH),
        rx.cond(ReturnState.view.again_href != "", button_link("На главную", "/"), _home("/")),
    )
    note = (
        "Запишите номер платежа: назовите его, если придётся спрашивать об оплате. "
        "Не позже чем через час здесь останется только сумма."
    )
    return rx.fragment(rx.cond(ReturnState.view.is_over, rx.fragment(rx.el.h2("Что дальше"), muted(note))), ways)


def _next_step() -> rx.Component:
    """Offer what the state asks for: to pay, to look again, to pay anew."""
    view = ReturnState.view
    return rx.fragment(
        rx.cond(
            view.pay_url != "",
            rx.el.div(
                muted("Ещё не заплатили? Страница оплаты открыта около часа."),
                button_link("Перейти к оплате", view.pay_url, full=True, reload=True),
                class_name="stack",
            ),
        ),
        rx.cond(view.again_href != "", button_link("Оплатить снова", view.again_href, main=True, full=True)),
        rx.cond(ReturnState.is_waiting_longer, button("Проверить ещё раз", ReturnState.follow, full=True)),
    )


def _home(href: str) -> rx.Component:
    return button_link("На главную", href, main=True)


def _missing() -> rx.Component:
    return card(
        empty_state("card", "Такого платежа нет. Проверьте адрес или откройте историю платежей.", _home("/cabinet"))
    )


def _waiting() -> rx.Component:
    return skeleton("title", "amount", "line", "line", "line", "button")


PAGES = [Page("/pay/return/[payment]", "Результат оплаты", return_page, on_load=ReturnState.follow)]
