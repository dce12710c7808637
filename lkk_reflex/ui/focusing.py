"""Putting the focus on an element that a list has drawn."""

import reflex as rx
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.ui.buttons import Text


class FocusOn(BaseHTML):
    """The element of assets/portal.js that focuses what it names."""

    tag = "focus-on"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)

    to: rx.Var[str]


def focus_on(to: Text) -> rx.Component:
    """Focus the element of an id as soon as the state names it. `focus_on(ReadingsState.answer.focus)`

    The framework's own way knows only ids that are written when pages are compiled. What stands behind a space tells
    one time from another, see `focus_again`.
    """
    return FocusOn.create(to=to)


def focus_again(name: str, before: str) -> str:
    """Return what to put into the state so that the element is focused, even if it was the last one too."""
    _, _, times = before.partition(" ")
    return f"{name} {int(times or 0) + 1}" if name else before
