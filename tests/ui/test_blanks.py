"""Vars that are empty when a tab opens."""

from dataclasses import dataclass, field

from reflex_base.vars.base import Field

from lkk_reflex.ui.blanks import blank


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows."""

    title: str = ""
    lines: list[str] = field(default_factory=list)


def test_var_begins_empty_and_belongs_to_one_tab() -> None:
    # The declared type is that of the value, as everywhere in a state.
    var: object = blank(Shown)
    assert isinstance(var, Field)
    assert var.default_value() == Shown()
    assert var.default_value() is not var.default_value()
