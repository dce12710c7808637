"""Forms and their fields: labelled, described, with errors that are tied to the field and say how to repair.

Fields keep what was typed by themselves (uncontrolled): the state holds no half-typed values.
"""

from collections.abc import Sequence
from typing import Any, cast

import reflex as rx
from reflex_components_core.el.elements.inline import A

from lkk_reflex.ui.buttons import Handler, Text
from lkk_reflex.ui.icons import icon


def form(*children: rx.Component, on_submit: Handler, label: str = "", action: str = "/auth/early") -> rx.Component:
    """Group fields and a `submit_button`; the handler gets a dictionary of field names to texts.

    A form sent before the scripts of the page have started is posted to `action` by the browser itself, so
    that a password never ends up in an address. `form(text_field(…), submit_button(…), on_submit=State.save)`
    """
    return rx.el.form(
        *children,
        on_submit=on_submit,
        method="post",
        action=action,
        no_validate=True,
        reset_on_submit=False,
        class_name="form",
        custom_attrs={"aria-label": label} if label else {},
    )


def text_field(
    label: Text,
    name: str,
    *,
    hint: Text = "",
    error: Text = "",
    tip: rx.Component | None = None,
    value: Text = "",
    **attributes: Text | int | Handler,
) -> rx.Component:
    """Ask for a line of text; the id of the input is its name.

    `attributes` are those of an input: `input_mode="decimal"`, `auto_complete="email"`, `max_length=64`,
    `on_blur=State.leave`.
    `text_field("Номер лицевого счёта", "number", hint="Пробелы можно не убирать", error=State.number_error,
    tip=help_tip("account.number"), input_mode="numeric")`
    """
    return _field(label, name, hint, error, tip, _input(name, error, hint, value, attributes))


def select_field(
    label: Text,
    name: str,
    options: rx.Var[Any] | Sequence[Any],
    *,
    hint: Text = "",
    error: Text = "",
    tip: rx.Component | None = None,
    empty: str = "Выберите",
    value: Text = "",
    on_choose: Handler | None = None,
) -> rx.Component:
    """Ask for one of a few by the list of the browser; `options` are `choices.Option`, `empty` stands before a choice.

    `select_field("Месяц квитанции", "month", State.months, error=State.errors.month)`
    """
    triggers: dict[str, Any] = {"on_change": on_choose} if on_choose else {}

    def line(option: Any) -> rx.Component:  # noqa: ANN401 - a var of the framework, or an option itself.
        return rx.el.option(option.title, value=option.value)

    drawn = rx.foreach(options, line) if isinstance(options, rx.Var) else rx.fragment(*map(line, options))
    control = rx.el.select(
        rx.el.option(empty, value=""),
        drawn,
        id=name,
        name=name,
        default_value=value,
        class_name="input",
        aria_describedby=f"{name}-hint {name}-error" if _is_given(hint) else f"{name}-error",
        aria_invalid=_is_wrong(error),
        **triggers,
    )
    return _field(label, name, hint, error, tip, control)


def text_area(
    label: Text,
    name: str,
    *,
    hint: Text = "",
    error: Text = "",
    tip: rx.Component | None = None,
    rows: int = 6,
) -> rx.Component:
    """Ask for several lines of text. `text_area("Сообщение", "text", error=State.errors.text)`"""
    control = rx.el.textarea(
        id=name,
        name=name,
        rows=str(rows),
        class_name="input",
        aria_describedby=f"{name}-hint {name}-error" if _is_given(hint) else f"{name}-error",
        aria_invalid=_is_wrong(error),
    )
    return _field(label, name, hint, error, tip, control)


def after_pause(handler: Handler, *, milliseconds: int = 300) -> Handler:
    """Tell a handler what was typed once the person pauses. `on_change=after_pause(PayState.type_amount)`"""
    # The declared types hide that a handler of a state can wait.
    return cast("Handler", cast("Any", handler).debounce(milliseconds))


def password_field(
    label: Text,
    name: str = "password",
    *,
    hint: Text = "",
    error: Text = "",
    tip: rx.Component | None = None,
    auto_complete: str = "current-password",
) -> rx.Component:
    """Ask for a password, with a button that shows what was typed without asking the server.

    `password_field("Придумайте пароль", hint="…", auto_complete="new-password", error=State.password_error)`
    """
    attributes: dict[str, Text | int | Handler] = {
        "type": "password",
        "auto_complete": auto_complete,
        "auto_capitalize": "none",
        "spell_check": False,
    }
    reveal = rx.el.button(
        rx.el.span("Показать", class_name="reveal-show"),
        rx.el.span("Скрыть", class_name="reveal-hide"),
        rx.el.span(" пароль", class_name="sr-only"),
        type="button",
        class_name="button-text",
        custom_attrs={"data-reveal": name, "aria-controls": name},
    )
    control = rx.el.div(_input(name, error, hint, "", attributes), reveal, class_name="with-button")
    return _field(label, name, hint, error, tip, control)


def code_field(
    label: Text = "Код из сообщения",
    name: str = "code",
    *,
    digits: int = 6,
    hint: Text = "",
    error: Text = "",
    tip: rx.Component | None = None,
) -> rx.Component:
    """Ask for a one-time code in one field: it can be pasted and is filled in by phones.

    `code_field(hint=State.sent_to, error=State.code_error)`
    """
    attributes: dict[str, Text | int | Handler] = {
        "input_mode": "numeric",
        "auto_complete": "one-time-code",
        # Room for a code pasted with spaces or a dash; the rule takes them out.
        "max_length": digits + 6,
        "class_name": "input input-code",
    }
    return _field(label, name, hint, error, tip, _input(name, error, hint, "", attributes))


def checkbox(name: str, *text: Text | rx.Component, error: Text = "", checked: bool = False) -> rx.Component:
    """Ask for a yes; the text may hold links.

    `checkbox("consent", "Согласен на обработку ", link("персональных данных", "/documents/consent"))`
    """
    return rx.el.div(
        rx.el.input(
            type="checkbox",
            id=name,
            name=name,
            default_checked=checked,
            aria_invalid=_is_wrong(error),
            aria_describedby=f"{name}-error",
        ),
        rx.el.label(*text, html_for=name),
        error_line(name, error),
        class_name="check",
    )


def error_summary(errors: rx.Var[Any] | Sequence[tuple[str, str]], *, least: int = 1) -> rx.Component:
    """List what is wrong above a form, each line leading to its field; announced when it appears.

    `errors` are pairs of a field name and a sentence, empty while all is well; fewer than `least` are not listed.
    `error_summary(RegisterState.errors)`
    """
    lines = rx.Var.create(errors).to(list[tuple[str, str]])
    summary = rx.el.div(
        icon("alert"),
        rx.el.div(
            rx.el.strong("Проверьте, что введено"),
            rx.el.ul(
                rx.foreach(lines, lambda line: rx.el.li(A.create(line[1], href="#" + line[0].to(str)))),
                class_name="plain-list",
            ),
        ),
        class_name="notice bad",
    )
    return rx.el.div(rx.cond(lines.length() >= least, summary), role="alert")


def _field(
    label: Text, name: str, hint: Text, error: Text, tip: rx.Component | None, control: rx.Component
) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.label(label, html_for=name), *([tip] if tip else []), class_name="field-label"),
        *([rx.el.div(hint, id=f"{name}-hint", class_name="field-hint")] if _is_given(hint) else []),
        control,
        error_line(name, error),
        class_name="field",
    )


def _input(
    name: str, error: Text, hint: Text, value: Text, attributes: dict[str, Text | int | Handler]
) -> rx.Component:
    described_by = f"{name}-hint {name}-error" if _is_given(hint) else f"{name}-error"
    # An attribute given by the caller wins over the one that every field has.
    given: dict[str, Any] = {
        "type": "text",
        "default_value": value,
        "class_name": "input",
        "aria_describedby": described_by,
        "aria_invalid": _is_wrong(error),
        **attributes,
    }
    return rx.el.input(id=name, name=name, **given)


def error_line(name: str, error: Text) -> rx.Component:
    """Keep the place of the message in the page, so that `aria-describedby` always leads somewhere."""
    message = rx.el.p(
        icon("alert", small=True),
        rx.el.span(rx.el.span("Ошибка: ", class_name="sr-only"), error),
        class_name="field-error",
    )
    return rx.el.div(rx.cond(_is_wrong(error), message), id=f"{name}-error")


def _is_wrong(error: Text) -> rx.Var[bool]:
    return rx.Var.create(error).to(str) != ""


def _is_given(text: Text) -> bool:
    return isinstance(text, rx.Var) or bool(text)
