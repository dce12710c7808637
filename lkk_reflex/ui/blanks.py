"""Vars that are empty when a tab opens."""

from typing import TypeVar, cast

import reflex as rx

T = TypeVar("T")


def blank(kind: type[T]) -> T:
    """Return the default of a var that holds a projection: an empty one, made for each tab.

    A projection given as the default itself would be copied part by part for every visitor and every state, though
    nobody may ever open its page; that takes ten times as long.
    """
    # The class holds a field, its instances and its vars hold what is declared.
    return cast("T", rx.field(default_factory=kind))
