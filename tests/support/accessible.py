"""What keeps a person from using a screen, as far as a machine can tell.

The rules are those of WCAG 2.2 AA and three of our own: a main button is 44 px tall, a «?» stands beside the words it
explains, and no text hides in a `title`.
"""

from collections.abc import Iterator, Sequence

from playwright.sync_api import Page

from tests.support.axe import axe_script
from tests.support.high_contrast import lost_in_high_contrast
from tests.support.people import Person, Theme

WIDTHS = (320, 390, 1280)
THEMES: tuple[Theme, ...] = ("light", "dark")
#: In high contrast only colours and edges change; phones and desks differ in their bars.
CONTRAST_WIDTHS = (390, 1280)

#: What axe cannot see through is looked at by other means: the arrow of a list lies beside its words, on the colours
#: of every other field.
_EXPLAINED = (".input", "due to a background image")
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: What the colours of another theme can break.
_COLOUR_RULES = ("color-contrast", "link-in-text-block")
_AXE = """
async ([type, values]) => {
  const found = await axe.run(document, {
    runOnly: { type, values }, resultTypes: ["violations", "incomplete"],
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
  const skip = document.querySelector(".skip-link");
  if (skip && !document.querySelector(skip.getAttribute("href"))) wrong.push("the skip link leads nowhere");
  const before = [...document.querySelectorAll("a[href], button")].filter((node) => !node.closest("main"));
  if (!skip && before.length > 6) wrong.push("nothing skips the bars");
  for (const table of document.querySelectorAll("table")) {
    const label = document.getElementById(table.getAttribute("aria-labelledby")) ?? table.caption;
    const name = label?.textContent.trim();
    if (!name) wrong.push(`a table without a name: ${table.outerHTML.slice(0, 80)}`);
    if (table.querySelector("th:not([scope])")) wrong.push(`a heading without a scope in «${name}»`);
    if (!table.querySelector("th")) wrong.push(`no heading in «${name}»`);
  }
  for (const node of document.querySelectorAll("body [title]")) wrong.push(`a title: ${node.outerHTML.slice(0, 80)}`);
  return wrong;
}
"""
#: WCAG 1.3.5, 3.3.8: browsers and their keepers of passwords help to fill in, and nothing forbids to paste.
_FIELDS = """
() => {
  const wrong = [];
  const typed = "input:not([type=hidden], [type=radio], [type=checkbox], [type=file]), textarea";
  for (const field of document.querySelectorAll(typed)) {
    const told = field.outerHTML.slice(0, 90);
    const filled = field.getAttribute("autocomplete") ?? "";
    const expected = field.matches("[type=password]") ? ["current-password", "new-password"]
      : field.matches(".input-code") ? ["one-time-code"] : null;
    if (expected ? !expected.includes(filled) : !filled && !field.matches("textarea, [type=search]"))
      wrong.push(`autocomplete="${filled}": ${told}`);
    if (field.type === "number") wrong.push(`a field of numbers that a wheel turns: ${told}`);
    const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
    if (!field.dispatchEvent(paste)) wrong.push(`nothing can be pasted: ${told}`);
  }
  return wrong;
}
"""
#: A «?» that has slipped onto a line of its own belongs to nothing.
_LONELY = """
() => [...document.querySelectorAll(".round[data-tip]")].filter((button) => {
  const box = button.getBoundingClientRect();
  if (!box.width || !button.checkVisibility({ visibilityProperty: true })) return false;
  const middle = box.top + box.height / 2;
  const range = document.createRange();
  for (let scope = button.parentElement; !scope.matches("main, .card"); scope = scope.parentElement) {
    range.selectNodeContents(scope);
    range.setEndBefore(button);
    if (!range.toString().trim()) continue;
    return ![...range.getClientRects()].some((line) => line.width > 1 && line.top < middle && line.bottom > middle);
  }
  return false;
}).map((button) => button.outerHTML.slice(0, 120))
"""
#: Text that does not fit and is cut off is lost as well.
_CLIPPED = """
() => [...document.querySelectorAll("main *")].filter((node) => {
  const style = getComputedStyle(node);
  const isCut = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
  return isCut && !node.closest(".sr-only, thead, svg, [popover]") && node.clientWidth > 1 && node.textContent.trim()
    && (node.scrollWidth > node.clientWidth + 2 || node.scrollHeight > node.clientHeight + 2);
}).map((node) => node.outerHTML.slice(0, 90))
"""
#: GOV.UK's pattern: the sentence stands at the field, belongs to it, and the focus waits there.
_ERRORS = """
() => {
  const wrong = [];
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
  const fields = [...document.querySelectorAll("[aria-invalid=true]")].filter(isShown);
  const told = [...document.querySelectorAll(".field-error, [role=alert]")];
  if (!told.some((node) => isShown(node) && node.innerText.trim())) wrong.push("nothing says what is wrong");
  for (const field of fields) {
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
    const said = ids.map((id) => document.getElementById(id)).filter((node) => node?.querySelector(".field-error"));
    if (!said.length) wrong.push(`a wrong field that says nothing: ${field.outerHTML.slice(0, 90)}`);
  }
  for (const way of document.querySelectorAll("[role=alert] a[href^='#']"))
    if (!document.getElementById(way.hash.slice(1))) wrong.push(`the summary leads nowhere: ${way.hash}`);
  const focused = document.activeElement;
  const error = focused.closest(".field, .choices, .check, [role=alert], [role=group], form")?.innerText ?? "";
  const isAtError = focused !== document.body && (fields.length === 0 || focused === fields[0]
    || focused.closest("[role=alert]") || focused.querySelector(".field-error") || error.includes("Ошибка:"));
  if (!isAtError) wrong.push(`the focus is not at the error but at ${focused.outerHTML.slice(0, 90)}`);
  return wrong;
}
"""
#: WCAG 4.1.3: what an action has come to is said without moving there, or the focus moves to it.
_DONE = """
() => {
  const said = [...document.querySelectorAll("[role=status], [role=alert]")].some((node) => node.innerText.trim());
  const isLed = document.activeElement.matches("h1, [tabindex='-1'], dialog *");
  return said || isLed ? [] : ["nothing says that it is done"];
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
  const target = (node) => node.matches("input[type=radio], input[type=checkbox], input[type=file]")
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
    found = [f"{name}: {text}" for check in (_FRAME, _FIELDS) for text in page.evaluate(check)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844 if width < 900 else 800})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
            found += [f"{name} {width} {theme}: {text}" for text in _seen(page, theme)]
            if width in (390, 1280):
                person.picture(f"{name}-{width}-{theme}")
    found += [f"{name} {text}" for text in _in_high_contrast(person, name)]
    page.emulate_media(color_scheme="light")
    return [*found, *(f"{name}: {text}" for text in _enlarged(page))]


def obstacles_of_waiting(page: Page, name: str, widths: Sequence[int] = (WIDTHS[0], WIDTHS[-1])) -> list[str]:
    """Return what is wrong with a page that waits for the server, on the smallest screen and on a wide one."""
    page.evaluate(axe_script())
    page.emulate_media(reduced_motion="reduce")
    found = list(page.evaluate(_FRAME))
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        found += _seen(page, THEMES[0])
    return [f"{name}: {text}" for text in found]


def unsaid_errors(page: Page) -> list[str]:
    """Return what is wrong with how a screen tells of errors; the page has just refused something."""
    wrong: list[str] = page.evaluate(_ERRORS)
    return wrong


def unsaid_results(page: Page) -> list[str]:
    """Return what is wrong with how a screen tells of a success."""
    wrong: list[str] = page.evaluate(_DONE)
    return wrong


def _seen(page: Page, theme: str) -> Iterator[str]:
    """Look at everything in the first theme, and in another one at what its colours may break."""
    by = "tag", list(_TAGS)
    if theme == THEMES[0]:
        yield from page.evaluate(_SIDEWAYS)
        yield from (f"small: {text}" for text in page.evaluate(_SMALL))
        yield from (f"alone on its line: {text}" for text in page.evaluate(_LONELY))
    else:
        by = "rule", list(_COLOUR_RULES)
    told: list[list[str]] = page.evaluate(_AXE, list(by))
    yield from (" ".join(rule) for rule in told if not _is_explained(page, *rule))


def _in_high_contrast(person: Person, name: str) -> Iterator[str]:
    """Look at what forced colours can break: on a phone as a black screen draws them, at a desk as a white one does."""
    page = person.page
    for width, theme in zip(CONTRAST_WIDTHS, reversed(THEMES), strict=True):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme, forced_colors="active")
        yield from (f"{width} contrast: {text}" for text in lost_in_high_contrast(page))
        person.picture(f"{name}-{width}-contrast")
    page.emulate_media(forced_colors="none")


def _is_explained(page: Page, kind: str, _rule: str, selector: str, message: str) -> bool:
    parts, reason = _EXPLAINED
    return (
        kind == "incomplete"
        and reason in message
        and page.locator(selector).first.evaluate("(node, parts) => node.matches(parts)", f"select{parts}")
    )


def _enlarged(page: Page) -> Iterator[str]:
    """Look at a page zoomed to 200 %, at letters of double size on the smallest screen, and at spaced text."""
    page.set_viewport_size({"width": 640, "height": 400})
    yield from (f"zoomed: {text}" for text in page.evaluate(_SIDEWAYS))
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate(_LETTERS, "200%")
    yield from (f"double letters: {text}" for text in _lost(page))
    page.evaluate(_LETTERS, "")
    page.evaluate(_SPACED)
    yield from (f"spaced text: {text}" for text in _lost(page))
    page.evaluate("document.adoptedStyleSheets = []")


def _lost(page: Page) -> list[str]:
    return [*page.evaluate(_SIDEWAYS), *(f"cut off: {text}" for text in page.evaluate(_CLIPPED))]
