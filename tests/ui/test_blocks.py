"""Every page built of the blocks keeps the frame that screen readers and the content policy rely on."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import reflex as rx

from lkk_reflex.cabinet import documents_page
from lkk_reflex.help import guide_page
from lkk_reflex.help import pages as help_pages
from lkk_reflex.identity import front_page
from lkk_reflex.ui.layout import Page, head_components
from tests.ui import gallery

ROOT = Path(__file__).resolve().parents[2]
STYLES = (ROOT / "assets" / "portal.css").read_text(encoding="utf-8")
PAGES = [*front_page.PAGES, *help_pages.PAGES, *guide_page.PAGES, *documents_page.PAGES, *gallery.PAGES]


def _inside(component: rx.Component) -> Iterator[rx.Component]:
    yield component
    for child in component.children:
        if isinstance(child, rx.Component):
            yield from _inside(child)


def _attribute(component: rx.Component, name: str) -> str:
    value = getattr(component, name, None)
    return "" if value is None else str(value).strip('"')


def _classes(component: rx.Component) -> set[str]:
    """Return the classes known when pages are compiled; the tone of a row is known later."""
    known = _attribute(component, "class_name")
    return set() if "[" in known else set(known.split())


@pytest.fixture(params=PAGES, ids=lambda page: page.route)
def page(request: pytest.FixtureRequest) -> Page:
    chosen: Page = request.param
    return chosen


def test_page_has_one_heading_one_main_part_and_a_way_to_skip_to_it(page: Page) -> None:
    parts = list(_inside(page.component()))
    tags = Counter(str(part.tag).strip('"') for part in parts)
    assert tags["h1"] == 1
    assert tags["main"] == 1
    assert [_attribute(part, "id") for part in parts if part.tag == "main"] == ["main"]
    assert next(_attribute(part, "href") for part in parts if part.tag in ("a", "Link")) == "#main"


def test_page_has_no_inline_style_because_the_policy_forbids_it(page: Page) -> None:
    styled = [part for part in _inside(page.component()) if part.style]
    assert not styled


def test_head_has_no_inline_style_but_the_tokens() -> None:
    assert not [part for part in head_components() if part.style]


def test_ids_of_a_page_are_unique(page: Page) -> None:
    ids = Counter(_attribute(part, "id") for part in _inside(page.component()) if _attribute(part, "id"))
    assert [name for name, times in ids.items() if times > 1] == []


def test_every_field_is_labelled(page: Page) -> None:
    parts = list(_inside(page.component()))
    labelled = {_attribute(part, "html_for") for part in parts if part.tag == "label"}
    wrapped = {id(inner) for part in parts if part.tag == "label" for inner in _inside(part)}
    for part in parts:
        if part.tag == "input":
            named = _attribute(part, "id") in labelled or id(part) in wrapped or "aria-label" in part.custom_attrs
            assert named, part


def test_style_sheet_is_small() -> None:
    # Some 6 KB on the wire, for every page there is; the gate that matters is the weight of a first visit (P1).
    assert len(STYLES.encode()) < 26 * 1024


def test_every_class_of_the_style_sheet_is_used() -> None:
    sources = [*(ROOT / "lkk_reflex").rglob("*.py"), ROOT / "assets" / "portal.js"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    without_comments = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", STYLES, flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][a-z-]*)", without_comments))
    # Their names are put together from a tone, a kind of bone.
    built = {name for name in classes if name.startswith("bone-") or name in {"good", "warn", "bad"}}
    assert {name for name in classes - built if not re.search(rf"\b{name}\b", text)} == set()


def test_every_class_of_a_page_has_a_rule(page: Page) -> None:
    used = {name for part in _inside(page.component()) for name in _classes(part)}
    # An even tone has no colours of its own; the empty answer of a list is found by the script.
    assert {name for name in used if not re.search(rf"\.{name}\b", STYLES)} <= {"info", "picker-none"}
