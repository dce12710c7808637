"""The pages of the second factor: its settings, and the step of signing in that asks for it."""

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.components import error_of, said_by, second_code_field, settings_page, ticket_of
from lkk_reflex.identity.second_factor_state import SecondFactorState, SecondStepState
from lkk_reflex.ui.amounts import badge, card, lines, muted
from lkk_reflex.ui.buttons import actions, button, button_link, called_with, link, submit_button, text_button
from lkk_reflex.ui.feedback import content_or_skeleton, notice, skeleton
from lkk_reflex.ui.forms import form, password_field
from lkk_reflex.ui.layout import Page, public_page

_TITLE = "Второй шаг входа"
_STEP_TITLE = "Код из приложения"


def second_factor_page() -> rx.Component:
    """Switch the second factor on, show its recovery codes once, or switch it off."""
    state = SecondFactorState
    return settings_page(
        _TITLE,
        content_or_skeleton(
            state.is_loaded,
            card(
                said_by(state),
                rx.cond(
                    state.recovery_codes.length() > 0,
                    _recovery_codes(),
                    rx.cond(
                        state.enrolment.secret != "",
                        _enrolment(),
                        rx.cond(state.factor.is_on, rx.cond(state.intent != "", _proof(), _is_on()), _is_off()),
                    ),
                ),
            ),
            skeleton("title", "line", "line", "line", "button", "button"),
        ),
        # The secret must not outlive the page.
        rx.el.div(on_unmount=state.leave, hidden=True),
    )


def second_step_page() -> rx.Component:
    """Ask for the code of the application after the password."""
    lost = notice(
        "warn",
        "Введите пароль ещё раз",
        "После пароля прошло больше 15 минут, или он введён в другом браузере.",
        button_link("Войти", "/sign-in", main=True),
    )
    ask = rx.fragment(
        said_by(SecondStepState),
        form(
            second_code_field(SecondStepState),
            submit_button("Подтвердить", busy=SecondStepState.is_busy),
            on_submit=SecondStepState.submit,
        ),
        muted(
            "Нет ни приложения, ни запасных кодов? Обратитесь к нам: контакты внизу страницы. "
            "Мы убедимся, что это вы, и выключим второй шаг."
        ),
    )
    return public_page(
        _STEP_TITLE,
        card(rx.cond(SecondStepState.is_lost, lost, ask)),
        link("Войти под другим логином", "/sign-in"),
        ticket_of(SecondStepState),
        help_topic="security",
    )


def _is_off() -> rx.Component:
    return rx.fragment(
        rx.el.div(badge("Выключен"), help_tip("settings.second_factor"), class_name="row"),
        rx.el.p(
            "При каждом входе, кроме пароля, понадобится код из приложения на телефоне. "
            "Даже тот, кто узнает ваш пароль, без телефона не войдёт."
        ),
        rx.el.p(
            "Подойдёт любое приложение для одноразовых кодов, например «Яндекс Ключ» или Google Authenticator. "
            "Установите его и введите здесь свой пароль."
        ),
        form(
            password_field("Пароль", "own_password", error=error_of(SecondFactorState, "own_password")),
            submit_button("Начать подключение", busy=SecondFactorState.is_busy),
            on_submit=SecondFactorState.prepare,
        ),
    )


def _enrolment() -> rx.Component:
    enrolment = SecondFactorState.enrolment
    return rx.fragment(
        rx.el.ol(
            rx.el.li("Откройте приложение и выберите «Сканировать QR-код»."),
            rx.el.li("Наведите камеру на картинку. Если вы с этого же телефона, введите в приложении ключ под ней."),
            rx.el.li("Введите сюда шесть цифр, которые покажет приложение."),
            class_name="plain-list numbered",
        ),
        rx.el.img(src=enrolment.picture, alt="QR-код для приложения, ключ под ним тот же", class_name="qr"),
        lines(
            muted("Ключ для ввода вручную:"),
            rx.el.p(enrolment.secret, id="factor-secret", class_name="secret", custom_attrs={"translate": "no"}),
            _copy_button("Скопировать ключ", "factor-secret"),
        ),
        form(
            second_code_field(
                SecondFactorState, label="Код из приложения", hint="6 цифр, они меняются каждые полминуты"
            ),
            submit_button("Включить второй шаг", busy=SecondFactorState.is_busy),
            on_submit=SecondFactorState.switch_on,
        ),
        muted("Остальные устройства после этого выйдут из кабинета."),
    )


def _recovery_codes() -> rx.Component:
    return rx.fragment(
        rx.el.h2("Запасные коды", id="recovery-codes", tab_index=-1),
        notice(
            "warn",
            "Сохраните их сейчас: больше мы их не покажем",
            "Если телефон потеряется, каждый код один раз заменит код из приложения. "
            "Перепишите их или напечатайте и храните там же, где документы.",
        ),
        rx.el.ol(
            rx.foreach(SecondFactorState.recovery_codes, _recovery_code),
            id="recovery-list",
            class_name="plain-list numbered secret",
            custom_attrs={"translate": "no"},
        ),
        rx.el.div(
            _copy_button("Скопировать все", "recovery-list"),
            rx.el.button("Напечатать", type="button", class_name="button", custom_attrs={"data-print": ""}),
            class_name="actions",
        ),
        button("Коды сохранены", SecondFactorState.finish, main=True, full=True),
    )


def _recovery_code(code: rx.Var[str]) -> rx.Component:
    return rx.el.li(code)


def _is_on() -> rx.Component:
    factor = SecondFactorState.factor
    return rx.fragment(
        lines(
            rx.el.div(badge("Включён", "good"), help_tip("settings.second_factor"), class_name="row"),
            muted(factor.since),
            rx.el.div(rx.el.p(factor.codes_left), help_tip("settings.recovery_codes"), class_name="row"),
        ),
        rx.cond(factor.is_low, notice("warn", "Запасных кодов почти не осталось", "Сделайте новые и сохраните их.")),
        actions(
            button("Сделать новые запасные коды", called_with(SecondFactorState.choose, "renew")),
            button("Выключить второй шаг", called_with(SecondFactorState.choose, "off")),
        ),
        muted("Меняете телефон? Выключите второй шаг и включите снова с новым."),
    )


def _proof() -> rx.Component:
    is_off = SecondFactorState.intent == "off"
    return rx.fragment(
        rx.cond(
            is_off,
            rx.el.p("После выключения для входа хватит пароля, и запасные коды перестанут действовать."),
            rx.el.p("Прежние запасные коды перестанут действовать, мы покажем десять новых."),
        ),
        form(
            password_field("Пароль", "own_password", error=error_of(SecondFactorState, "own_password")),
            second_code_field(SecondFactorState),
            rx.cond(
                is_off,
                submit_button("Выключить второй шаг", busy=SecondFactorState.is_busy),
                submit_button("Сделать новые коды", busy=SecondFactorState.is_busy),
            ),
            on_submit=SecondFactorState.prove,
        ),
        text_button("Отмена", called_with(SecondFactorState.choose, "")),
    )


def _copy_button(text: str, element_id: str) -> rx.Component:
    """Copy the text of an element; the button says for a moment that it is done."""
    said = rx.el.span(
        rx.el.span(text, class_name="reveal-show"),
        rx.el.span("Скопировано", class_name="reveal-hide"),
        custom_attrs={"aria-live": "polite"},
    )
    return rx.el.button(said, type="button", class_name="button", custom_attrs={"data-copy": element_id})


PAGES = [
    Page("/settings/security/second-factor", _TITLE, second_factor_page, on_load=SecondFactorState.load),
    Page("/sign-in/second", _STEP_TITLE, second_step_page, on_load=SecondStepState.load),
]
