"""P1, P3, P4: what a first visit weighs and how long it takes to see something, against the blank app."""

import statistics
from collections.abc import Iterator, Sequence

from playwright.sync_api import Browser

from tests.bench.bench import Bench
from tests.bench.latency_proxy import LatencyProxy
from tests.bench.population import Person
from tests.bench.report import Row, judged, not_measured
from tests.bench.servers import starlette_app
from tests.bench.visiting import Visit, seconds_until, visit
from tests.support.chromium import ChromiumUnavailable

_WEIGHT_GATE, _WEIGHT_LIMIT = 1.10, 195
_CABINET_GATE, _CABINET_LIMIT = 1.25, 220
_LCP_GATE, _LCP_LIMIT, _SHIFT_LIMIT, _BLOCKED_LIMIT = 1.25, 1.8, 0.02, 0.2
_DATA_GATE, _DATA_LIMIT = 2.5, 3.0
#: What stands on every bill of the town.
_BILLED = "1\N{NO-BREAK SPACE}234,56"
_PERSON = Person(1)


def weigh(bench: Bench) -> Iterator[Row]:
    """P1: bytes over the wire, without any slowing down."""
    try:
        launched = bench.chromium.launched()
    except ChromiumUnavailable as lack:
        yield not_measured("P1", "weight of a first visit", str(lack))
        return
    with launched as browser:
        floor = visit(browser, f"{bench.lean.address}/", is_slowed=False)
        sign_in = visit(browser, f"{bench.portal.address}/sign-in", is_slowed=False)
        yield _weight("P1", "/sign-in", sign_in, floor, _WEIGHT_GATE, _WEIGHT_LIMIT)
        cabinet = visit(browser, f"{bench.portal.address}/cabinet", cookie=_PERSON.cookie, is_slowed=False)
        yield _weight("P1b", "/cabinet", cabinet, floor, _CABINET_GATE, _CABINET_LIMIT)


def paint(bench: Bench) -> Iterator[Row]:
    """P3: the largest paint, shifts and blocking on a slow phone."""
    try:
        launched = bench.chromium.launched()
    except ChromiumUnavailable as lack:
        yield not_measured("P3", "first paint on a slow phone", str(lack))
        return
    with launched as browser:
        yield _painted(bench, browser, "/sign-in", "", "/")
        yield _painted(bench, browser, "/cabinet", _PERSON.cookie, "/rows")


def wait_for_data(bench: Bench) -> Iterator[Row]:
    """P4: through a proxy that delays everything, sockets too."""
    try:
        launched = bench.chromium.launched()
    except ChromiumUnavailable as lack:
        yield not_measured("P4", "time until data are seen", str(lack))
        return
    database = bench.sqlite_town.database_url.removeprefix("sqlite:///")
    with (
        launched as browser,
        bench.room("page-floor") as room,
        starlette_app("page", room, {"BENCH_DATABASE": database}) as page,
        LatencyProxy(bench.portal.address) as ours,
        LatencyProxy(page.address) as floor,
    ):
        times = [
            (
                seconds_until(browser, f"{ours.address}/cabinet", _BILLED, cookie=_PERSON.cookie),
                seconds_until(browser, f"{floor.address}/account/{_PERSON.number}", _BILLED),
            )
            for _ in range(bench.visits)
        ]
    waited, best = (statistics.median(pair[side] for pair in times) for side in (0, 1))
    yield Row(
        "P4",
        "time until the sums are seen, 75 ms each way, 200 KB/s, CPU x4 (floor: Starlette + Jinja)",
        f"{waited:.2f} s",
        f"{best:.2f} s",
        waited / best,
        f"<= {_DATA_GATE} and <= {_DATA_LIMIT} s",
        judged(waited / best <= _DATA_GATE and waited <= _DATA_LIMIT),
    )


def _weight(rod: str, path: str, ours: Visit, floor: Visit, gate: float, limit_kb: int) -> Row:
    ratio = ours.wire_bytes / floor.wire_bytes
    return Row(
        rod,
        f"bytes of a first visit of {path} ({ours.requests} requests, {', '.join(sorted(ours.codings)) or 'plain'})",
        f"{ours.wire_bytes / 1000:.1f} KB",
        f"{floor.wire_bytes / 1000:.1f} KB ({', '.join(sorted(floor.codings)) or 'plain'})",
        ratio,
        f"<= {gate:.2f} and <= {limit_kb} KB",
        judged(ratio <= gate and ours.wire_bytes <= limit_kb * 1000),
    )


def _painted(bench: Bench, browser: Browser, path: str, cookie: str, floor_path: str) -> Row:
    pairs = [
        (
            visit(browser, bench.portal.address + path, cookie=cookie),
            visit(browser, bench.lean.address + floor_path),
        )
        for _ in range(bench.visits)
    ]
    ours, floor = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    lcp, best = _median_lcp(ours), _median_lcp(floor)
    shift, blocked = max(seen.shift for seen in ours), statistics.median(seen.blocked for seen in ours)
    is_met = lcp / best <= _LCP_GATE and lcp <= _LCP_LIMIT and shift <= _SHIFT_LIMIT and blocked <= _BLOCKED_LIMIT
    return Row(
        "P3",
        f"largest paint of {path} on a slow phone (150 ms, 1.6 Mbit/s, CPU x4)",
        f"{lcp:.2f} s, shift {shift:.3f}, blocked {blocked * 1000:.0f} ms",
        f"{best:.2f} s, shift {max(seen.shift for seen in floor):.3f}, "
        f"blocked {statistics.median(seen.blocked for seen in floor) * 1000:.0f} ms",
        lcp / best,
        f"<= {_LCP_GATE}, <= {_LCP_LIMIT} s, shift <= {_SHIFT_LIMIT}, blocked <= {_BLOCKED_LIMIT * 1000:.0f} ms",
        judged(is_met),
    )


def _median_lcp(visits: Sequence[Visit]) -> float:
    return statistics.median(seen.lcp for seen in visits)
