"""Texts that depend on the state."""

from typing import Any

import reflex as rx
from reflex.vars.number import ternary_operation

from lkk_reflex.ui.buttons import Text


def either(condition: object, text: Text, otherwise: Text) -> rx.Var[str]:
    """Say one thing or the other. `submit_button(either(State.is_asked, "Да, всё верно", "Передать показания"))`"""
    # The annotations of the library let no Var in here.
    given: tuple[Any, Any, Any] = (rx.Var.create(condition), text, otherwise)
    said: rx.Var[str] = ternary_operation(*given)
    return said
