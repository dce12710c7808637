"""The card «Расширенный доступ» of an account's page and the window that it opens."""

import reflex as rx

from lkk_reflex.cabinet.access_state import DONE_ID, AccessState
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.amounts import card, muted
from lkk_reflex.ui.buttons import Text, submit_button
from lkk_reflex.ui.feedback import disclosure, live_error, result_mark
from lkk_reflex.ui.forms import error_summary, form, select_field, text_field
from lkk_reflex.ui.windows import close_button, window, window_button

_WINDOW = "access"
#: Of the ways to prove oneself one is open: a second one would open below the edge of a phone's window.
_PROOFS = "proofs"


def access_section() -> rx.Component:
    """Offer extended access while the account has the basic one; the window stays to tell of its success."""
    offer = card(
        rx.el.p("Начисления по строкам, квитанции, графики и полный адрес — для владельца счёта."),
        rx.el.div(window_button("Подключить", _WINDOW, on_click=AccessState.begin), class_name="actions"),
        title="Расширенный доступ",
        badge=help_tip("account.extended"),
    )
    return rx.fragment(rx.cond(AccountState.account.is_extended, rx.fragment(), offer), _window())


def _window() -> rx.Component:
    ask = rx.el.div(
        rx.el.p(
            "Сейчас видны долг, оплата и показания. Расширенный доступ добавит имя и полный адрес, начисления "
            "по строкам за все месяцы, квитанции, графики расхода и суммы в уведомлениях."
        ),
        rx.el.p(
            "Откройте его пин-кодом. Пин-код выдают при личном обращении в участок поставщика, "
            "а время от времени печатают в квитанции."
        ),
        live_error(AccessState.errors.form),
        _by_pin(),
        rx.cond(AccessState.months.length() > 0, _by_bill()),
        rx.cond(AccessState.has_serial, _by_serial()),
        class_name="stack",
    )
    return window(_WINDOW, "Расширенный доступ", rx.cond(AccessState.is_open, _success(), ask))


def _success() -> rx.Component:
    return rx.el.div(
        result_mark("good"),
        rx.el.div(
            rx.el.p(rx.el.strong("Расширенный доступ открыт")),
            muted("Теперь на странице счёта видно всё. Больше ничего подтверждать не нужно."),
            class_name="result",
            role="status",
        ),
        close_button("Показать счёт", main=True, button_id=DONE_ID),
        class_name="stack",
    )


def _by_pin() -> rx.Component:
    return disclosure(
        "У меня есть пин-код",
        form(
            text_field(
                "Пин-код",
                "pin",
                hint="8 знаков, например 7K4M-2X9A. Чёрточку и большие буквы можно не соблюдать.",
                error=AccessState.errors.pin,
                tip=help_tip("account.pin"),
                auto_complete="off",
                auto_capitalize="characters",
                spell_check=False,
            ),
            submit_button("Активировать", busy=AccessState.is_busy),
            on_submit=AccessState.activate,
            label="Ввод пин-кода",
        ),
        group=_PROOFS,
    )


def _by_bill() -> rx.Component:
    return disclosure(
        "Подтвердить суммой из квитанции",
        form(
            error_summary(AccessState.errors.bill_summary),
            select_field(
                "Месяц квитанции",
                "bill_month",
                AccessState.months,
                hint="Подойдёт прежняя: сумму последней видит каждый, кто знает номер счёта.",
                error=AccessState.errors.bill_month,
                tip=help_tip("account.proof_sum"),
            ),
            text_field(
                "Итого к оплате, ₽",
                "bill_sum",
                hint="Как напечатано в этой квитанции, с копейками: 1542,30",
                error=AccessState.errors.bill_sum,
                input_mode="decimal",
                auto_complete="off",
            ),
            rx.cond(AccessState.has_surname, _owner("bill_owner", AccessState.errors.bill_owner)),
            submit_button("Подтвердить", busy=AccessState.is_busy),
            on_submit=AccessState.tell_bill,
            label="Подтверждение суммой",
        ),
        group=_PROOFS,
    )


def _by_serial() -> rx.Component:
    return disclosure(
        "Подтвердить номером счётчика",
        form(
            error_summary(AccessState.errors.serial_summary),
            text_field(
                "Заводской номер счётчика",
                "serial",
                hint="Напечатан на самом счётчике. Подойдёт любой счётчик этого счёта.",
                error=AccessState.errors.serial,
                tip=help_tip("account.proof_meter"),
                auto_complete="off",
                spell_check=False,
            ),
            rx.cond(AccessState.has_surname, _owner("serial_owner", AccessState.errors.serial_owner)),
            submit_button("Подтвердить", busy=AccessState.is_busy),
            on_submit=AccessState.tell_serial,
            label="Подтверждение номером счётчика",
        ),
        group=_PROOFS,
    )


def _owner(name: str, error: Text) -> rx.Component:
    return text_field(
        "Фамилия владельца",
        name,
        hint="На кого открыт счёт: как в квитанции.",
        error=error,
        tip=help_tip("account.proof_surname"),
        auto_complete="off",
        spell_check=False,
    )
