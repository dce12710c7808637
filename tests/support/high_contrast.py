"""What is lost on a screen in high contrast, where the system takes away grounds and shadows and chooses the colours.

Edges, words, outlines and drawings have to say then what grounds have said before.
"""

from playwright.sync_api import Page

#: Classes that are known by their edge; the rest of the controls may be words or an icon alone.
_EDGED = ".button, .button-quiet, .input, .choice, .card, .badge, .tip, .notice, .connection-strip, .fault-strip"
#: WCAG 1.4.3 and 1.4.11. Axe knows of no forced colours: it reads the colour that letters are filled with, and that
#: one is told as the page has it.
_LOST = """
([edged]) => {
  const lost = [];
  const told = (node) => node.outerHTML.slice(0, 100);
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && node.getBoundingClientRect().width > 1 && !node.closest(".sr-only");
  const shown = (selector, within = document) => [...within.querySelectorAll(selector)].filter(isShown);
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const isDrawn = (colour) => colour.startsWith("rgb") && (parts(colour)[3] ?? 1) > 0;
  const light = (colour) => {
    const linear = parts(colour).slice(0, 3).map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const differs = (one, other, least = 3) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05) >= least;
  };
  const canvas = document.body.appendChild(Object.assign(document.createElement("i"), { style: "color: Canvas" }));
  const empty = getComputedStyle(canvas).color;
  canvas.remove();
  const ground = (node) => {
    for (let one = node; one; one = one.parentElement)
      if (isDrawn(getComputedStyle(one).backgroundColor)) return getComputedStyle(one).backgroundColor;
    return empty;
  };
  const isEdged = (node) => {
    const style = getComputedStyle(node);
    return parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none"
      && isDrawn(style.borderTopColor) && differs(style.borderTopColor, ground(node.parentElement));
  };
  const isFilled = (node) => differs(getComputedStyle(node).backgroundColor, ground(node.parentElement));

  const hasWords = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  for (const node of shown("body *:not(svg *)").filter(hasWords))
    if (!differs(getComputedStyle(node).color, ground(node), 4.5)) lost.push(`words on their colour: ${told(node)}`);
  for (const node of shown(edged)) if (!isEdged(node)) lost.push(`no edge: ${told(node)}`);
  for (const node of shown("a[href], button, summary")) {
    const drawings = shown("svg, img", node);
    const isSaid = node.innerText.trim() || drawings.length || shown("span", node).some(isEdged);
    if (!isSaid && !isEdged(node)) lost.push(`nothing to be seen: ${told(node)}`);
  }
  for (const node of shown("input[type=checkbox], input[type=radio]")) {
    const style = getComputedStyle(node);
    if (style.appearance === "none" || style.forcedColorAdjust === "none") lost.push(`not the system's: ${told(node)}`);
  }
  const look = (node) => {
    const style = getComputedStyle(node);
    const edge = parseFloat(style.borderTopWidth) ? style.borderTopColor : "";
    const filled = isDrawn(style.backgroundColor) ? style.backgroundColor : "";
    return [filled, edge, style.borderTopWidth, style.outlineStyle, style.textDecorationLine].join();
  };
  const now = "[aria-current]:not([aria-current=false]), [aria-selected=true], [aria-pressed=true]";
  for (const node of shown(now)) {
    const others = shown(node.classList[0] ? `.${node.classList[0]}:not(${now})` : node.tagName);
    if (others.length && others.every((other) => look(other) === look(node))) lost.push(`not marked: ${told(node)}`);
  }
  const done = document.querySelector(".step-bar > .done"), ahead = document.querySelector(".step-bar > :not(.done)");
  if (done && ahead && look(done) === look(ahead)) lost.push("steps look all alike");

  for (const node of shown("main svg :is(rect, path, circle, line, polyline)")) {
    if (node.closest(".qr")) continue;
    const style = getComputedStyle(node), behind = ground(node.closest("svg").parentElement);
    const inks = [style.fill, style.stroke].filter((paint) => isDrawn(paint));
    if (!inks.some((ink) => differs(ink, behind))) lost.push(`drawn in the colour of its ground: ${told(node)}`);
  }
  const [bar, before] = [".bar-now", ".bar-before"].map((selector) => document.querySelector(`rect${selector}`));
  if (bar && before && isShown(bar) && getComputedStyle(bar).fill === getComputedStyle(before).fill)
    lost.push("bars of two years look alike");
  for (const node of shown("span:is(.bar-now, .bar-before)"))
    if (!isEdged(node) && !isFilled(node)) lost.push(`a sample that is not seen: ${told(node)}`);
  return lost;
}
"""
#: A shadow is no ring there.
_IS_RING_SEEN = """
() => {
  const isRinged = (node) => {
    const style = getComputedStyle(node);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const isSeen = [focused, focused.closest("label"), focused.closest(".button")].some((node) => node && isRinged(node));
  return isSeen ? "" : focused.outerHTML.slice(0, 100);
}
"""
_LONGEST_WAY = 60


def lost_in_high_contrast(page: Page) -> list[str]:
    """Return what is not seen any more; the page already is in forced colours."""
    lost: list[str] = page.evaluate(_LOST, [_EDGED])
    return lost


def stops_without_a_ring(page: Page) -> list[str]:
    """Go through a page in forced colours by the keyboard; return where the focus is not seen."""
    unseen: list[str] = []
    for _ in range(_LONGEST_WAY):
        page.keyboard.press("Tab")
        said = page.evaluate(_IS_RING_SEEN)
        if said is None:
            break
        if said and said not in unseen:
            unseen.append(said)
    return unseen
