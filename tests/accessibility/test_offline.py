"""Every page with the line to the server cut: it says so once, covers nothing, loses nothing, and all of it is reached.

The same walk looks in forced colours at where the focus stands, as no walk through the tables uses the keyboard.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.security.surface import Surface
from tests.support.accessible import obstacles_of_waiting
from tests.support.high_contrast import lost_in_high_contrast, stops_without_a_ring
from tests.support.patience import settled
from tests.support.people import DESKTOP, People, Person
from tests.support.residents import write_ticket
from tests.support.screen import until_alive
from tests.support.screens import is_at
from tests.support.town_bills import TownAccount, newest_period

pytestmark = pytest.mark.browser

#: So many tabs lose the server together: waiting for it costs the most.
_TABS = 8
#: Who has not just closed a cabinet is sent away from there.
_ON_THE_WAY = {"/closed"}
_STRIP = ".connection-strip"
_TYPED = "Проба 1"
_FIELDS = "main :is(input[type=text], input[type=email], input[type=search], input:not([type]), textarea)"

#: How often the strip has come: a reader says it each time.
_COUNT = """
() => {
  window.__said = 0;
  const strip = ".connection-strip";
  const isStrip = (node) => node.nodeType === 1 && (node.matches(strip) || node.querySelector(strip));
  new MutationObserver((changes) => {
    for (const change of changes) window.__said += [...change.addedNodes].filter(isStrip).length;
  }).observe(document.body, { subtree: true, childList: true });
}
"""
#: At its end the page has room for the strip; the bars keep theirs.
_COVERED = """
() => {
  window.scrollTo(0, document.documentElement.scrollHeight);
  const strip = document.querySelector(".connection-strip").getBoundingClientRect();
  const isUnder = (node) => {
    const box = node.getBoundingClientRect();
    return box.width && node.checkVisibility({ visibilityProperty: true })
      && box.bottom > strip.top + 1 && box.top < strip.bottom - 1 && box.right > strip.left && box.left < strip.right;
  };
  const ends = [...document.querySelectorAll(".sections, .site-footer, main > :last-child")].filter(isUnder);
  const over = document.elementFromPoint((strip.left + strip.right) / 2, (strip.top + strip.bottom) / 2);
  return [...ends.map((node) => `covers ${node.outerHTML.slice(0, 80)}`),
    ...(over.closest(".connection-strip") ? [] : [`is covered by ${over.outerHTML.slice(0, 80)}`])];
}
"""


def test_page_without_the_server_says_so_once_and_loses_nothing(
    people: People, surface: Surface, indebted: Callable[..., TownAccount]
) -> None:
    inhabitant, guest = people(DESKTOP), people(DESKTOP)
    parts = _settled(inhabitant, indebted("mezhraigaz"), indebted())
    for person in (inhabitant, guest):
        person.watch.expected += ["404", "ERR_", "WebSocket", "request:", "console:"]
    found, seen = [], set()
    pages = _opened(surface.pages, parts, inhabitant, guest)
    while batch := dict(islice(pages, _TABS)):
        found += _offline(batch, (inhabitant, guest))
        seen |= set(batch)
    assert not found, "\n".join(found)
    assert set(surface.pages) - seen == _ON_THE_WAY


def _settled(person: Person, *accounts: TownAccount) -> dict[str, str]:
    """Have accounts and a ticket; return what stands for the variable parts of addresses, by the page's beginning."""
    ticket = write_ticket(person.portal, person.settles(*accounts), "Почему так много?")
    link = person.link_ids[0]
    person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", link)
    return {
        "/support/[id]": f"/support/{ticket}",
        "[id]": link,
        "[account]": link,
        "[period]": str(newest_period().key),
        "[provider_code]": "gorvodokanal",
        "[payment]": str(uuid.uuid4()),
        "[token]": "no-such-link",
        "/index": "/",
        "/404": "/nothing-is-here",
    }


def _opened(patterns: Sequence[str], parts: dict[str, str], *persons: Person) -> Iterator[tuple[str, Page]]:
    """Open each page in a tab of the first person who is let in."""
    for pattern in patterns:
        path = pattern
        for part, value in parts.items():
            path = path.replace(part, value)
        for person in persons:
            page = person.context.new_page()
            page.goto(person.portal.address + path)
            until_alive(page)
            expect(page.locator("[aria-busy=true]").filter(visible=True)).to_have_count(0)
            if is_at(page.url, pattern):
                yield pattern, page
                break
            page.close()


def _offline(pages: dict[str, Page], persons: Sequence[Person]) -> list[str]:
    """Cut the line of all these tabs, look at each, and mend it; return what was wrong."""
    found = []
    for page in pages.values():
        page.evaluate(_COUNT)
        for field in _fields(page)[:1]:
            field.fill(_TYPED)
    for person in persons:
        person.line.cut()
    for pattern, page in pages.items():
        page.bring_to_front()
        expect(page.get_by_role("status").locator(_STRIP)).to_be_visible()
        found += [f"{pattern} {text}" for text in _lost(page)]
        found += obstacles_of_waiting(page, pattern, widths=(320,))
    for person in persons:
        person.line.mend()
    for pattern, page in pages.items():
        expect(page.locator(_STRIP)).to_have_count(0)
        found += [f"{pattern} afterwards {text}" for text in _forgotten(page)]
        if page.evaluate("window.__said") != 1:
            found.append(f"{pattern} says so {page.evaluate('window.__said')} times")
        page.close()
    return found


def _lost(page: Page) -> Iterator[str]:
    """Look at a page that has lost the server, on a phone, at a desk and in high contrast."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"{width}: the strip {text}" for text in page.evaluate(_COVERED))
    page.emulate_media(forced_colors="active")
    yield from (f"in high contrast: {text}" for text in lost_in_high_contrast(page))
    yield from (f"in high contrast no ring: {text}" for text in stops_without_a_ring(page))
    page.emulate_media(forced_colors="none")
    yield from _forgotten(page)


def _forgotten(page: Page) -> list[str]:
    """Return what stands in the place of what was typed."""
    # After the line is mended the page is drawn anew, and what was typed comes back a moment later.
    left = settled(lambda: [field.input_value() for field in _fields(page)[:1]], [_TYPED] if _fields(page) else [])
    return [f"has lost what was typed, there is {text!r}" for text in left if text != _TYPED]


def _fields(page: Page) -> list[Locator]:
    return page.locator(_FIELDS).filter(visible=True).all()
