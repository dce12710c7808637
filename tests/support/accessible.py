"""What keeps a person from using a screen, as far as a machine can tell."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from tests.support.axe import axe_script
from tests.support.people import Person

WIDTHS = (320, 390, 1280)
THEMES = ("light", "dark")

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE = """
async (tags) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"],
  });
  const told = (kind) => found[kind].flatMap((rule) => rule.nodes.map((node) =>
    [kind, rule.id, node.target.join(" "), node.any.concat(node.all).map((check) => check.message).join(" ")]));
  return [...told("violations"), ...told("incomplete")];
}
"""
_FRAME = """
() => {
  const wrong = [];
  const one = (what, selector) => {
    const count = document.querySelectorAll(selector).length;
    if (count !== 1) wrong.push(`${count} × ${what}`);
  };
  one("h1", "h1");
  one("main", "main");
  if (document.documentElement.lang !== "ru") wrong.push("the language of the page is not Russian");
  if (!document.title.trim()) wrong.push("the page has no title");
  return wrong;
}
"""
_SIDEWAYS = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && box.right > root.clientWidth + 1 && getComputedStyle(node).position !== "fixed";
  });
  const named = wide.slice(-4).map((node) => `${node.parentElement.className} > ${node.outerHTML.slice(0, 80)}`);
  return [`${root.scrollWidth} px wide: ${named.join(" … ")}`];
}
"""
#: WCAG 2.5.8 lets links inside a sentence be as tall as the sentence.
_SMALL = """
() => {
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const isInSentence = (node) => node.matches("a") && getComputedStyle(node).display.startsWith("inline")
    && node.parentElement.textContent.trim() !== node.textContent.trim();
  const target = (node) => node.matches("input[type=radio], input[type=checkbox]")
    ? (node.closest("label") ?? document.querySelector(`label[for="${node.id}"]`) ?? node) : node;
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary, select, textarea")]
    .filter((node) => isShown(node) && !node.classList.contains("skip-link") && !isInSentence(node))
    .map((node) => [node, target(node).getBoundingClientRect(), node.matches(".button, .input, .section") ? 44 : 24])
    .filter(([, box, least]) => box.width && (box.height < least - 0.5 || box.width < 23.5))
    .map(([node, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${node.outerHTML.slice(0, 90)}`);
}
"""
#: WCAG 1.4.12: people may space out the text, and nothing may be lost.
_SPACED = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}
"""
_LETTERS = "size => { document.documentElement.style.fontSize = size; }"


def obstacles(person: Person, name: str) -> list[str]:
    """Return everything wrong with the screen in every width and theme; keep its pictures under this name if asked."""
    page = person.page
    page.evaluate(axe_script())
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844 if width < 900 else 800})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
            found += [f"{name} {width} {theme}: {text}" for text in _seen(page)]
            if width in (390, 1280):
                person.picture(f"{name}-{width}-{theme}")
    page.emulate_media(color_scheme="light")
    return [*found, *(f"{name}: {text}" for text in _enlarged(page))]


def _seen(page: Page) -> Iterator[str]:
    yield from page.evaluate(_FRAME)
    yield from page.evaluate(_SIDEWAYS)
    yield from (f"small: {text}" for text in page.evaluate(_SMALL))
    told: list[list[Any]] = page.evaluate(_AXE, list(_TAGS))
    yield from (" ".join(map(str, rule)) for rule in told)


def _enlarged(page: Page) -> Iterator[str]:
    """Look at letters of double size, at the window of a page zoomed to 200 %, and at spaced text."""
    page.set_viewport_size({"width": 640, "height": 400})
    yield from (f"zoomed: {text}" for text in page.evaluate(_SIDEWAYS))
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate(_LETTERS, "200%")
    yield from (f"double letters: {text}" for text in page.evaluate(_SIDEWAYS))
    page.evaluate(_LETTERS, "")
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate(_SPACED)
    yield from (f"spaced text: {text}" for text in page.evaluate(_SIDEWAYS))
    page.evaluate("document.adoptedStyleSheets = []")
