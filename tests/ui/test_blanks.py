"""Vars that are empty when a tab opens."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from reflex_base.vars.base import Field

from lkk_reflex.ui.blanks import blank


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows."""

    title: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """What a screen says; nothing of it can change."""

    text: str = ""


@dataclass
class Typed:
    """What can change."""

    text: str = ""


@pytest.mark.parametrize("kind", [Shown, Typed])
def test_var_begins_empty_and_belongs_to_one_tab(kind: type) -> None:
    begins = default_of(kind)
    assert begins() == kind()
    assert begins() is not begins()


def test_what_can_never_change_is_one_for_all_tabs() -> None:
    begins = default_of(Said)
    assert begins() == Said()
    assert begins() is begins()


def default_of(kind: type) -> Callable[[], object]:
    # The declared type is that of the value, as everywhere in a state.
    var: object = blank(kind)
    assert isinstance(var, Field)
    return var.default_value
