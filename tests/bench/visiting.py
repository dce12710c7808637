"""Opening a page in a real browser as a first visitor does, and what the browser says of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page

#: The mobile network and processor of Lighthouse's devtools mode: 150 ms, 1.6 Mbit/s down, 0.75 up, four times slower.
_LATENCY_MS, _DOWN, _UP, _SLOWER = 150, 1_600_000 / 8, 750_000 / 8, 4
_SETTLE_SECONDS = 1.5
_PHONE = {"width": 390, "height": 844}

_OBSERVE = """
window.bench = {lcp: 0, cls: 0, tasks: [], fcp: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) bench.lcp = e.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) bench.cls += e.value; })
  .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) bench.tasks.push([e.startTime, e.duration]); })
  .observe({type: "longtask", buffered: true});
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (e.name === "first-contentful-paint") bench.fcp = e.startTime;
}).observe({type: "paint", buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as the browser saw it; seconds, and bytes as they came over the wire, headers included."""

    wire_bytes: int
    requests: int
    codings: frozenset[str]
    lcp: float
    shift: float
    blocked: float


@contextmanager
def stranger(browser: Browser, address: str, cookie: str = "") -> Iterator[Page]:
    """Yield a page of a browser that has been nowhere before, with these cookies."""
    context = browser.new_context(viewport=_PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    pairs = [pair.partition("=") for pair in cookie.split("; ") if pair]
    context.add_cookies([{"name": name, "value": value, "url": address} for name, _, value in pairs])
    try:
        yield context.new_page()
    finally:
        context.close()


def visit(browser: Browser, url: str, *, cookie: str = "", is_slowed: bool = True) -> Visit:
    """Open a page for the first time, wait until it is at rest, report."""
    with stranger(browser, url, cookie) as page:
        wire = _Wire(page.context.new_cdp_session(page), is_slowed=is_slowed)
        page.add_init_script(_OBSERVE)
        page.goto(url, wait_until="load")
        _rest(page)
        seen = page.evaluate("bench")
    blocked = sum(max(0.0, duration - 50) for start, duration in seen["tasks"] if start + duration > seen["fcp"])
    return Visit(wire.size, wire.requests, frozenset(wire.codings), seen["lcp"] / 1000, seen["cls"], blocked / 1000)


def seconds_until(browser: Browser, url: str, text: str, *, cookie: str = "") -> float:
    """Return how long a first visitor with a slow processor waits until a text stands on the page."""
    with stranger(browser, url, cookie) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.get_by_text(text).first.wait_for(state="visible", timeout=20_000)
        return time.perf_counter() - began


class _Wire:
    """Counts what the network brings."""

    def __init__(self, devtools: CDPSession, *, is_slowed: bool) -> None:
        self.size = self.requests = 0
        self.codings: set[str] = set()
        devtools.on("Network.loadingFinished", self._finished)
        devtools.on("Network.responseReceived", self._received)
        devtools.send("Network.enable")
        if is_slowed:
            limits = {"latency": _LATENCY_MS, "downloadThroughput": _DOWN, "uploadThroughput": _UP}
            devtools.send("Network.emulateNetworkConditions", {"offline": False, **limits})
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})

    def _finished(self, event: dict[str, float]) -> None:
        self.size += int(event["encodedDataLength"])
        self.requests += 1

    def _received(self, event: dict[str, dict[str, dict[str, str]]]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if "content-encoding" in headers:
            self.codings.add(headers["content-encoding"])


def _rest(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(_SETTLE_SECONDS * 1000)
