"""Typst, the typesetter: a template of ours and values as JSON make a PDF.

A value is never part of the markup, so no name or address can change what is typeset. Fonts come along with the
package and those of the machine are not looked at, so every machine typesets alike.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

import typst

from lkk_reflex.kit import clock
from lkk_reflex.paper.alphabet import printable

#: What a template may be given.
Value: TypeAlias = "str | bool | int | Sequence[Value] | Mapping[str, Value] | None"

_FOLDER = Path(__file__).parent
_TEMPLATES = _FOLDER / "templates"


def typeset(template: str, values: Mapping[str, Value], *, pictures: Mapping[str, str] | None = None) -> bytes:
    """Return the PDF (tagged, PDF/UA-1) that a template makes of these values; takes some tenths of a second.

    `pictures` are drawings of ours, as SVG.

    Raises:
        typst.TypstError: when the template and the values do not fit together.
    """
    made = typst.Compiler(
        _TEMPLATES / f"{template}.typ",
        root=_TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={
            "values": json.dumps(_printable(values), ensure_ascii=False),
            "pictures": json.dumps(dict(pictures or {})),
        },
    ).compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(clock.now().timestamp()))
    # A list comes of formats with one file for each page.
    return made if isinstance(made, bytes) else b"".join(made or [])


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER / "fonts"])


def _printable(value: Value) -> Value:
    """Keep signs out that no font here can draw."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _printable(part) for name, part in value.items()}
    return [_printable(part) for part in value] if isinstance(value, Sequence) else value
