"""The page of one's own data."""

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.components import code_form, error_of, said_by, settings_page
from lkk_reflex.identity.profile_state import ProfileState
from lkk_reflex.ui.amounts import card
from lkk_reflex.ui.buttons import Text, submit_button
from lkk_reflex.ui.feedback import content_or_skeleton, skeleton
from lkk_reflex.ui.forms import form, text_field
from lkk_reflex.ui.layout import Page, back_link
from lkk_reflex.ui.words import either

_TITLE = "Ваши данные"


def profile_page() -> rx.Component:
    """Ask for what the registration has not asked for."""
    return settings_page(
        _TITLE,
        rx.el.div(said_by(ProfileState), id="said", tab_index=-1),
        content_or_skeleton(
            ProfileState.is_loaded,
            rx.fragment(rx.cond(ProfileState.is_waiting, _code()), card(_form())),
            skeleton("title", "button", "title", "button", "title", "button", "title", "button", "button"),
        ),
        help_topic="settings",
        back=back_link("Настройки", "/settings"),
        lead="Все поля необязательные: заполните то, что считаете нужным.",
    )


def _form() -> rx.Component:
    told = ProfileState.profile
    return form(
        _field("Фамилия", "surname", told.surname, auto_complete="family-name"),
        _field("Имя", "name", told.name, auto_complete="given-name"),
        _field("Отчество", "patronymic", told.patronymic, auto_complete="additional-name"),
        _field(
            "Телефон для связи",
            "phone",
            told.phone,
            hint="Мобильный или городской с кодом, например +7 4912 12-34-56. Сообщений на него не будет.",
            auto_complete="tel",
            input_mode="tel",
        ),
        _field(
            either(told.is_only_email, "Почта", "Вторая почта"),
            "second_email",
            told.second_email,
            hint="На неё будут приходить уведомления, когда вы введёте код из письма.",
            tip=help_tip("settings.second_email"),
            auto_complete="email",
            input_mode="email",
            auto_capitalize="none",
        ),
        submit_button("Сохранить", busy=ProfileState.is_busy),
        on_submit=ProfileState.save,
        label=_TITLE,
    )


def _code() -> rx.Component:
    return card(code_form(ProfileState, ProfileState.confirm, digits=6), title="Подтвердите почту")


def _field(
    label: Text,
    name: str,
    value: Text,
    *,
    hint: str = "",
    tip: rx.Component | None = None,
    **attributes: str,
) -> rx.Component:
    return text_field(
        label,
        name,
        value=value,
        hint=hint,
        tip=tip,
        error=error_of(ProfileState, name),
        spell_check=False,
        **attributes,
    )


PAGES = [Page("/settings/profile", _TITLE, profile_page, on_load=ProfileState.load)]
