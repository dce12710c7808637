"""Parts that the public pages and the settings share."""

import reflex as rx

from lkk_reflex.identity.login_change_state import LoginChangeState
from lkk_reflex.identity.profile_state import ProfileState
from lkk_reflex.identity.state import CodeState, FormState, ResetState
from lkk_reflex.settings import PasswordProfile, get_settings
from lkk_reflex.ui.amounts import muted
from lkk_reflex.ui.buttons import Handler, link, submit_button
from lkk_reflex.ui.feedback import live_error, live_status, resend_button
from lkk_reflex.ui.forms import code_field, error_summary, form, password_field, text_field
from lkk_reflex.ui.layout import back_link, cabinet_page
from lkk_reflex.ui.native_form import TicketForm

#: What the portal is for, under the title of the pages that a stranger sees first.
PURPOSE = "Личный кабинет: долг по лицевым счетам и оплата в одном месте."
#: A page that asks for the code of a message.
_Coded = type[CodeState] | type[ResetState] | type[LoginChangeState] | type[ProfileState]
_PASSWORD_HINTS = {
    PasswordProfile.INSTRUCTION: "От 5 до 10 латинских букв и цифр, без пробелов",
    PasswordProfile.STANDARD: "Не короче 8 знаков. Удобно взять три-четыре слова",
}


def settings_page(
    title: str, *children: rx.Component, help_topic: str = "security", back: rx.Component | None = None, lead: str = ""
) -> rx.Component:
    """Frame a page of the settings that has one form; the way back leads to the security settings by default."""
    return cabinet_page(
        title,
        *children,
        active="settings",
        help_topic=help_topic,
        above=back or back_link("Вход и безопасность", "/settings/security"),
        lead=lead,
        narrow=True,
    )


def said_by(state: type[FormState]) -> rx.Component:
    """Say what belongs to the form as a whole: how the person came here, refusals of no field, and of several."""
    wrong = rx.Var.create(state.errors).to(dict[str, str]).entries()
    return rx.fragment(
        live_status(state.note, tone="info"), live_error(error_of(state, "")), error_summary(wrong, least=2)
    )


def error_of(state: type[FormState], field: str) -> rx.Var[str]:
    """Return the refusal of a field; an empty text while all is well."""
    return rx.Var.create(state.errors).to(dict[str, str]).get(field, "").to(str)


def ticket_of(state: type[FormState]) -> rx.Component:
    """Carry the ticket of a handler to the route that sets the cookie."""
    return TicketForm.create(ticket=state.ticket)


def login_field(state: type[FormState], label: str = "Телефон или электронная почта") -> rx.Component:
    """Ask for a phone or an e-mail."""
    return text_field(
        label,
        "login",
        hint="Например, +7 912 345-67-89 или ivanov@mail.ru",
        error=error_of(state, "login"),
        auto_complete="username",
        auto_capitalize="none",
        spell_check=False,
        max_length=254,
    )


def new_password_field(label: str, error: rx.Var[str]) -> rx.Component:
    """Ask for a new password, saying the rules of the profile."""
    hint = _PASSWORD_HINTS[get_settings().password_profile]
    return password_field(label, hint=hint, error=error, auto_complete="new-password")


def second_code_field(
    state: type[FormState],
    label: str = "Код из приложения или запасной код",
    hint: str = "6 цифр из приложения. Нет телефона под рукой — 12 цифр запасного кода",
) -> rx.Component:
    """Ask for a code of the second factor; both kinds are digits, so that one keyboard serves."""
    return text_field(
        label,
        "second_code",
        hint=hint,
        error=error_of(state, "second_code"),
        input_mode="numeric",
        auto_complete="one-time-code",
        spell_check=False,
        max_length=30,
    )


def code_form(state: _Coded, on_submit: Handler, *, digits: int) -> rx.Component:
    """Ask for the code of a message, which can be sent again after a while."""
    return rx.fragment(
        form(
            code_field(
                "Введите код из сообщения",
                digits=digits,
                hint=state.sent_to,
                error=error_of(state, "code"),
            ),
            submit_button("Подтвердить", busy=state.is_busy),
            on_submit=on_submit,
        ),
        resend_button("Отправить ещё раз", state.resend, seconds=state.wait, restart=state.sent, busy=state.is_busy),
        muted("Код не пришёл? Письмо могло попасть в «Спам», а СМС идёт до пяти минут."),
        demo_hint(),
    )


def demo_hint() -> rx.Component:
    """Say where the messages of the demo are; nothing in a real portal."""
    if not get_settings().is_demo:
        return rx.fragment()
    inbox = link("Письма и СМС", "/demo/inbox", reload=True, attributes={"target": "_blank"})
    return muted("Это демонстрация, настоящие сообщения не уходят: смотрите страницу «", inbox, "».")
