"""What a first visit loads: nothing that no page can use, and not much."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import reflex as rx
from reflex_base.compiler.templates import vite_config_template

from lkk_reflex.server.light_scripts import LightScriptsError, refuse_own_styles, with_plain_elements
from tests.support import patience
from tests.support.live_portal import LivePortal

#: Scripts and style sheets as they come over the wire, brotli, without headers; the whole visit is weighed by P1.
_MOST_BYTES = 142_000


@pytest.fixture
def web(live_portal: LivePortal) -> Iterator[httpx.Client]:
    """A browser's end of HTTP without a browser."""
    address = f"http://127.0.0.1:{live_portal.port}"
    with httpx.Client(base_url=address, trust_env=False, timeout=patience.SECONDS) as client:
        yield client


def bundler_config() -> str:
    told: str = vite_config_template(
        base="/", hmr=False, force_full_reload=False, experimental_hmr=False, sourcemap=False, minify=True
    )
    return told


def loaded(web: httpx.Client, path: str) -> list[str]:
    """Return the addresses of what a page loads before it lives."""
    return sorted(set(re.findall(r'(?:href|src)="(/[\w./-]+\.(?:js|css))"', web.get(path).text)))


def test_bundler_is_told_once_to_let_react_make_elements() -> None:
    told = with_plain_elements(bundler_config())
    assert told.count("elements.js") == 1
    assert with_plain_elements(told) == told


def test_build_stops_when_the_framework_has_moved_its_aliases() -> None:
    with pytest.raises(LightScriptsError, match="no single list of aliases"):
        with_plain_elements(bundler_config().replace("alias:", "aliases:"))


def test_build_stops_at_a_component_with_a_style_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "app" / "routes" / "_index.jsx"
    page.parent.mkdir(parents=True)
    page.write_text(str(rx.el.p("Долг", class_name="muted")))
    refuse_own_styles(tmp_path)
    page.write_text(str(rx.el.p("Долг", class_name="muted", style={"color": "red"})))
    with pytest.raises(LightScriptsError, match=r"_index\.jsx"):
        refuse_own_styles(tmp_path)


@pytest.mark.parametrize("path", ["/sign-in", "/cabinet"])
def test_first_visit_loads_little(web: httpx.Client, path: str) -> None:
    weights = {
        name: int(web.head(name, headers={"Accept-Encoding": "br"}).headers["content-length"])
        for name in loaded(web, path)
    }
    assert "/portal.js" in weights
    assert sum(weights.values()) < _MOST_BYTES, weights


def test_no_page_brings_a_parser_of_style_sheets(web: httpx.Client) -> None:
    texts = {name: web.get(name).text for name in loaded(web, "/sign-in")}
    assert [name for name, text in texts.items() if "data-emotion" in text] == []


def test_own_script_is_sent_without_comments(web: httpx.Client) -> None:
    text = web.get("/portal.js").text
    assert text.startswith('"use strict";')
    assert not re.search(r"^\s*//", text, re.MULTILINE)
    assert "page-head" in text
