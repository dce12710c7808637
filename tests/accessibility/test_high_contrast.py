"""The checks of high contrast see what they are for, and who asks for more contrast is given it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lkk_reflex.ui.theme import DEFAULT_ACCENT, tokens_css
from tests.support.high_contrast import lost_in_high_contrast, stops_without_a_ring
from tests.support.people import Theme

pytestmark = pytest.mark.browser

_STYLES = (Path(__file__).parents[2] / "assets" / "portal.css").read_text(encoding="utf-8")
_BODY = """
<main class="page"><h1>Заголовок</h1><p class="muted">Слова</p>
  <a class="button" href="#">Дальше</a> <span class="badge">Долг</span>
  <div class="step-bar"><i class="done"></i><i></i></div>
  <nav class="sections"><a class="section" href="#" aria-current="page">Главная</a>
    <a class="section" href="#">Платежи</a></nav>
  <svg width="90" height="50"><rect class="bar-before" width="9" height="9"/>
    <rect class="bar-now" x="20" width="9" height="9"/></svg>
  <p class="row"><span class="bar-now"></span><span class="bar-before"></span></p>
  <input class="input" aria-label="Имя"><input type="checkbox" aria-label="Чек">
</main>
"""
#: What a careless style does, and how the check names it.
_BREAKAGES = {
    ".badge { border: 0 !important; }": "no edge",
    ".button { border: 0 !important; }": "no edge",
    ".section { background: none !important; }": "not marked",
    "rect { fill: Canvas !important; stroke: none !important; }": "drawn in the colour of its ground",
    "rect { fill: CanvasText !important; }": "bars of two years look alike",
    "span.bar-now { background: Canvas !important; }": "a sample that is not seen",
    ".step-bar > i { background: none !important; }": "steps look all alike",
    "h1 { forced-color-adjust: none; color: Canvas; }": "words on their colour",
    "input[type=checkbox] { appearance: none; }": "not the system's",
}
_RING_OF_SHADOW = ":focus-visible { outline: none !important; box-shadow: 0 0 0 3px red; }"
_TOKENS = """
() => ["--muted", "--control", "--line"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name)
  === getComputedStyle(document.documentElement).getPropertyValue("--ink"))
"""


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab where the system chooses the colours."""
    page = browser.new_page(color_scheme=request.param, forced_colors="active")
    yield page
    page.close()


def _shows(page: Page, more: str = "") -> None:
    tokens = f"<style>{tokens_css(DEFAULT_ACCENT)}</style>"
    page.set_content(f"{tokens}<style>* {{ margin: 0; }} {_STYLES} {more}</style>{_BODY}")


def test_blocks_of_the_portal_keep_everything_in_high_contrast(page: Page) -> None:
    _shows(page)
    assert lost_in_high_contrast(page) == []
    assert stops_without_a_ring(page) == []


@pytest.mark.parametrize("style", _BREAKAGES)
def test_what_high_contrast_takes_away_is_named(page: Page, style: str) -> None:
    _shows(page, style)
    assert any(text.startswith(_BREAKAGES[style]) for text in lost_in_high_contrast(page))


def test_ring_of_shadow_is_no_ring(page: Page) -> None:
    _shows(page, _RING_OF_SHADOW)
    assert len(stops_without_a_ring(page)) == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_asks_for_more_contrast_reads_and_sees_edges_in_the_colour_of_words(
    browser: Browser, scheme: Theme
) -> None:
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme, contrast="no-preference")
    _shows(page)
    assert page.evaluate(_TOKENS) == [False, False, False]
    page.emulate_media(contrast="more")
    assert page.evaluate(_TOKENS) == [True, True, True]
    page.close()
