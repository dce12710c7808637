"""Vars that are empty when a tab opens."""

from dataclasses import is_dataclass
from functools import partial
from typing import TypeVar, cast

import reflex as rx

T = TypeVar("T")


def blank(kind: type[T]) -> T:
    """Return the default of a var that holds a projection: an empty one, made for each tab unless it can never change.

    A projection given as the default itself would be copied part by part for every visitor and every state, though
    nobody may ever open its page; that takes ten times as long.
    """
    # The class holds a field, its instances and its vars hold what is declared.
    return cast("T", rx.field(default_factory=partial(_itself, kind()) if _never_changes(kind()) else kind))


def _itself(value: T) -> T:
    return value


def _never_changes(value: object) -> bool:
    """Tell whether neither the value nor anything in it can change: lists and dicts in it have no hash."""
    try:
        hash(value)
    except TypeError:
        return False
    return is_dataclass(value)
