"""What is wrong with a screen, found by a script that watches the page from its first moment.

Nobody presses a button for it: words that no Russian reader knows, breaches of the content policy, shifts of the
layout, errors of scripts, and requests that failed.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

#: Latin on a Russian screen that is right: names of the gateway, of a code on the bill, of files, of scripts, of
#: browsers and of an application for codes.
_ALLOWED = {"Chrome", "Linux", "Google", "Authenticator"} | {
    *("Kassa", "kassa", "QR", "ST", "JavaScript"),
    *("PDF", "XLSX", "JPEG", "PNG", "WebP"),
}
_ADDRESSES = re.compile(r"[\w.+-]+@[\w.-]+|\b[\w-]+(?:\.[\w-]+)*\.ru\b|https?://\S+|(?<!\w)/[a-z]\S*")
#: Numbers of payments, references of faults, PINs of the demo.
_NUMBERS = re.compile(r"№\s\S+|\b[0-9A-F]{8}\b|\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b|\b[0-9A-Z]{4}-[0-9A-Z]{2}\b")
_UNNOTICED_SHIFT = 0.02
_WORDS = re.compile(r"[A-Za-z]{2,}")

_WATCH = """
(() => {
  if (window !== window.top) return;
  const tell = (kind, text) => window.__seen(kind, String(text).slice(0, 300));
  addEventListener("securitypolicyviolation", (event) =>
    tell("policy", `${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  const attributes = ["aria-label", "placeholder", "alt", "title"];
  let waiting = false;
  let before = "";
  const look = () => {
    waiting = false;
    if (!document.body) return;
    const named = [...document.querySelectorAll("[aria-label],[placeholder],[alt],[title]")];
    const texts = [document.title, document.body.innerText]
      .concat(named.flatMap((node) => attributes.map((name) => node.getAttribute(name) ?? "")));
    const now = texts.join("\\n");
    if (now !== before) window.__seen("text", now);
    before = now;
  };
  const soon = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(look, 60);
  };
  new MutationObserver(soon).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributes,
  });
  addEventListener("DOMContentLoaded", soon);
  window.__shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node }) => node?.className ?? node?.parentElement?.className);
      if (!entry.hadRecentInput) window.__shifts.push([location.pathname, entry.value, moved.join(" | ")]);
    }
  }).observe({ type: "layout-shift", buffered: true });
})();
"""


@dataclass
class Watch:
    """Everything wrong that one person's browser has seen."""

    #: Sentences, in the order of happening.
    complaints: list[str] = field(default_factory=list)
    #: Latin words that this person typed and may see again.
    own_words: set[str] = field(default_factory=set)
    #: What this journey breaks on purpose, as parts of complaints.
    expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a browser context."""
        context.expose_binding("__seen", self._seen)
        context.add_init_script(_WATCH)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complain("script", str(error.error)))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def unexpected(self) -> list[str]:
        """Return the complaints that no journey has announced."""
        return [text for text in self.complaints if not any(part in text for part in self.expected)]

    def _complain(self, kind: str, text: str) -> None:
        complaint = f"{kind}: {text}"
        if complaint not in self.complaints:
            self.complaints.append(complaint)

    def _seen(self, source: Any, kind: str, text: str) -> None:
        if kind != "text":
            self._complain(kind, f"{text} ({source['page'].url})")
            return
        if source["page"].url.startswith("chrome-error:"):
            return
        words = set(_WORDS.findall(_NUMBERS.sub(" ", _ADDRESSES.sub(" ", text)))) - _ALLOWED - self.own_words
        if words:
            self._complain("Latin words", f"{', '.join(sorted(words))} ({source['page'].url})")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain("console", f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left cancels what it was loading; that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self._complain("request", f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._complain("answer", f"{response.request.method} {response.url}: {response.status}")


def shifts(page: Page) -> list[str]:
    """Return what has moved by itself on the page that is open, if it was enough to be noticed (CLS above 0.02)."""
    seen: list[tuple[str, float, str]] = page.evaluate("window.__shifts.filter(([path]) => path === location.pathname)")
    if sum(value for _, value, _ in seen) <= _UNNOTICED_SHIFT:
        return []
    return [f"{path} {value:.4f}: {moved}" for path, value, moved in seen]


def until_alive(page: Page) -> None:
    """Wait until the scripts of the page answer: before that, a press of a button goes to nobody."""
    page.wait_for_function(
        "() => { const heading = document.querySelector('h1');"
        " return heading && Object.keys(heading).some((key) => key.startsWith('__react')); }"
    )
