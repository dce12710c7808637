"""The way around typing a number: the photo of a bill."""

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.ui.amounts import muted
from lkk_reflex.ui.buttons import Text
from lkk_reflex.ui.forms import text_field

_SAID = "scanned"


def number_field(*, hint: Text, error: Text) -> rx.Component:
    """Ask for the number of the account; what came of scanning is said below it."""
    field = text_field(
        "Номер лицевого счёта",
        "number",
        hint=hint,
        error=error,
        tip=help_tip("account.number"),
        input_mode="text",
        auto_complete="off",
        auto_capitalize="characters",
        spell_check=False,
        aria_describedby=f"number-hint {_SAID} number-error",
    )
    return rx.el.div(field, rx.el.div(id=_SAID, role="status"), class_name="field")


def scan_button() -> rx.Component:
    """Take the number from a photo of the bill: assets/portal.js sends it and fills in the form around."""
    photo = rx.el.input(
        type="file",
        accept="image/*",
        class_name="sr-only",
        aria_describedby=_SAID,
        custom_attrs={"data-scan": _SAID},
    )
    return rx.el.div(
        rx.el.label("Сканировать код с квитанции", photo, class_name="button full"),
        rx.el.div(muted("Камерой или готовым снимком"), help_tip("account.scan"), class_name="row centered"),
        class_name="stack stack-tight",
    )
