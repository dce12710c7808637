"""P5, P6, P10: what one event, one opening of the cabinet and one idle socket cost, against the blank app."""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.bench import Bench
from tests.bench.population import Person, Town, people
from tests.bench.portal_process import STATEMENTS
from tests.bench.report import Row, judged, not_measured
from tests.bench.servers import Running, portal
from tests.bench.visitors import EVENTS_PER_VISIT, Visitor, answer_to, handler
from tests.support.postgres import PostgresUnavailable

_BATCHES = 5
_OPENS_PER_BATCH = 30
_SOCKETS = 200
_BILLED = "234,56"
_RENAME = handler("lkk_reflex.cabinet.account_state", "account_state", "rename")
_ADD = handler("lean.lean", "counter", "add")
_EVENT_GATE, _CPU_GATE = 3.0, 2.0
_OPENS_GATE, _QUERIES_GATE, _SQL_GATE_MS, _BIG_TABLE = 0.4, 4, 2.0, 10_000
_MEMORY_GATE = 1.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of many equal things took."""

    p50_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Statement:
    """One question to the database."""

    text: str
    values: Any
    milliseconds: float


def handle(bench: Bench) -> Iterator[Row]:
    """P5: saving a name (session, one write, one reading) against adding to a counter."""
    ours, floor = _in_turn(lambda: _save_names(bench.portal), lambda: _count(bench.lean))
    with bench.room("statements") as room:
        sql_ms = _usual_milliseconds(_recorded(bench.sqlite_town, room, _save_names)) / EVENTS_PER_VISIT
    yield Row(
        "P5",
        "an event that saves (account renamed), p50",
        f"{ours.p50_ms:.1f} ms",
        f"{floor.p50_ms:.1f} ms",
        ours.p50_ms / floor.p50_ms,
        f"<= {_EVENT_GATE}",
        judged(ours.p50_ms / floor.p50_ms <= _EVENT_GATE),
    )
    allowed = _CPU_GATE * floor.cpu_ms + sql_ms
    yield Row(
        "P5",
        f"the same, server processor per event (SQL {sql_ms:.1f} ms)",
        f"{ours.cpu_ms:.1f} ms",
        f"{floor.cpu_ms:.1f} ms",
        ours.cpu_ms / floor.cpu_ms,
        f"<= {_CPU_GATE} x + SQL = {allowed:.1f} ms",
        judged(ours.cpu_ms <= allowed),
    )


def open_cabinet(bench: Bench) -> Iterator[Row]:
    """P6 and P6b: connect, hydrate, load; on both databases."""
    yield from _opened(bench, "SQLite", bench.portal, bench.sqlite_town)
    try:
        town = bench.postgres_town
    except PostgresUnavailable as lack:
        yield not_measured("P6", "cabinet opens on PostgreSQL", str(lack))
        return
    with bench.room("portal-postgres") as room, portal(room, town.database_url) as running:
        yield from _opened(bench, "PostgreSQL", running, town)


def hold_sockets(bench: Bench) -> Iterator[Row]:
    """P10: the memory of a signed-in subscriber whose page is open and quiet."""
    ours = _memory_per_socket(bench.portal, "/cabinet", [person.cookie for person in people(_SOCKETS)])
    floor = _memory_per_socket(bench.lean, "/", [""] * _SOCKETS)
    yield Row(
        "P10",
        f"memory of an idle signed-in socket, {_SOCKETS} of them",
        f"{ours:.0f} KiB",
        f"{floor:.0f} KiB",
        ours / floor,
        f"<= {_MEMORY_GATE}",
        judged(ours / floor <= _MEMORY_GATE),
    )


def _opened(bench: Bench, database: str, running: Running, town: Town) -> Iterator[Row]:
    ours, floor = _in_turn(lambda: _open_all(running, "/cabinet", _BILLED), lambda: _open_all(bench.lean, "/rows", ""))
    speed, best = 1000 / ours.cpu_ms, 1000 / floor.cpu_ms
    yield Row(
        "P6",
        f"cabinet opens per second and core, {town.accounts:,} x 24 bills, {database} (p50 {ours.p50_ms:.0f} ms)",
        f"{speed:.0f}/s",
        f"{best:.0f}/s (p50 {floor.p50_ms:.0f} ms)",
        speed / best,
        f">= {_OPENS_GATE}",
        judged(speed / best >= _OPENS_GATE),
    )
    with bench.room("statements") as room:
        statements = _recorded(town, room, lambda recorded: _open_all(recorded, "/cabinet", _BILLED))
    queries, sql_ms = len(statements) / _OPENS_PER_BATCH, _usual_milliseconds(statements) / _OPENS_PER_BATCH
    scanned = _scanned_whole(town, statements)
    gate, is_met = f"<= {_QUERIES_GATE}", queries <= _QUERIES_GATE
    if scanned is not None:
        gate += f", <= {_SQL_GATE_MS:.0f} ms, no big table read whole"
        is_met = is_met and sql_ms <= _SQL_GATE_MS and not scanned
    yield Row(
        "P6b",
        f"queries of one open, {database}" + (f"; read whole: {', '.join(sorted(scanned))}" if scanned else ""),
        f"{queries:.1f}, {sql_ms:.2f} ms",
        gate=gate,
        verdict=judged(is_met),
    )


def _in_turn(ours: Callable[[], Cost], floor: Callable[[], Cost]) -> tuple[Cost, Cost]:
    ours(), floor()  # The first round warms up.
    pairs = [(ours(), floor()) for _ in range(_BATCHES)]
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    return _median(first), _median(second)


def _median(costs: Sequence[Cost]) -> Cost:
    # The system counts processor time in hundredths of a second, so a single batch is too coarse for a median.
    return Cost(statistics.median(cost.p50_ms for cost in costs), statistics.mean(cost.cpu_ms for cost in costs))


def _open_all(running: Running, path: str, text: str) -> Cost:
    cookies = [person.cookie for person in people(_OPENS_PER_BATCH)]

    def open_one(cookie: str) -> None:
        with Visitor(running.address, cookie=cookie, path=path) as visitor:
            if not visitor.shows(text):
                raise RuntimeError(f"{path} opened without its data: {visitor.opening}")

    return _cost(running, [partial(open_one, cookie) for cookie in cookies])


def _save_names(running: Running) -> Cost:
    person = Person(1)
    with Visitor(running.address, cookie=person.cookie, path=f"/account/{person.link}") as visitor:

        def save(number: int) -> None:
            update = answer_to(visitor, _RENAME, {"data": {"own_name": f"Дача {number}"}})
            if f"Дача {number}" not in json.dumps(update, ensure_ascii=False):
                raise RuntimeError(f"the name was not saved: {update}")

        return _cost(running, [partial(save, number) for number in range(EVENTS_PER_VISIT)])


def _count(running: Running) -> Cost:
    with Visitor(running.address) as visitor:
        one = [lambda: answer_to(visitor, _ADD, {"number": 1})]
        return _cost(running, one * EVENTS_PER_VISIT)


def _cost(running: Running, things: Sequence[Callable[[], object]]) -> Cost:
    cpu, taken = running.meter.cpu_seconds(), []
    for thing in things:
        began = time.perf_counter()
        thing()
        taken.append(time.perf_counter() - began)
    cpu = running.meter.cpu_seconds() - cpu
    return Cost(statistics.median(taken) * 1000, cpu / len(things) * 1000)


def _recorded(town: Town, room: Path, work: Callable[[Running], object]) -> list[Statement]:
    """Do the work with a portal that writes down what it asks of the database."""
    file = room / "statements"
    with portal(room, town.database_url, {STATEMENTS: str(file)}) as running:
        work(running)
        before = len(file.read_text().splitlines())
        work(running)
        entries = [json.loads(line) for line in file.read_text().splitlines()[before:]]
    statements = [Statement(entry["statement"], entry["values"], entry["milliseconds"]) for entry in entries]
    return [statement for statement in statements if not statement.text.startswith("BEGIN")]


def _usual_milliseconds(statements: Sequence[Statement]) -> float:
    """Return the time of all of them, each taken for the median of its kind: other work on the machine stays out."""
    kinds = defaultdict[str, list[float]](list)
    for statement in statements:
        kinds[statement.text].append(statement.milliseconds)
    return sum(statistics.median(times) * len(times) for times in kinds.values())


def _scanned_whole(town: Town, statements: Sequence[Statement]) -> set[str] | None:
    """Return the big tables that PostgreSQL would read from end to end; None for another database."""
    if not town.database_url.startswith("postgresql"):
        return None
    different = {entry.text: entry.values for entry in statements}
    with psycopg.connect(town.database_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'").fetchall()
        sizes: dict[str, float] = dict(tables)
        found = set[str]()
        for statement, values in different.items():
            plan = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
            found |= _sequential(plan[0][0]["Plan"] if plan else {})
    return {name for name in found if sizes[name] > _BIG_TABLE}


def _sequential(node: dict[str, object]) -> set[str]:
    below = node.get("Plans", [])
    found = set().union(*(_sequential(child) for child in below)) if isinstance(below, list) else set()
    return found | ({str(node["Relation Name"])} if node.get("Node Type") == "Seq Scan" else set())


def _memory_per_socket(running: Running, path: str, cookies: Sequence[str]) -> float:
    """Return KiB: the growth between a few sockets, which warm the process up, and all of them."""
    first = len(cookies) // 4
    with ExitStack() as stack:
        for cookie in cookies[:first]:
            stack.enter_context(Visitor(running.address, cookie=cookie, path=path))
        before = _quiet_memory(running)
        for cookie in cookies[first:]:
            stack.enter_context(Visitor(running.address, cookie=cookie, path=path))
        return (_quiet_memory(running) - before) / (len(cookies) - first)


def _quiet_memory(running: Running) -> float:
    time.sleep(1)
    return running.meter.resident_kib()
