"""P9: notifications of the gateway until the money is on the account, against three statements and no questions."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx

from lkk_reflex.sandbox.bank_config import Shop
from lkk_reflex.sandbox.bank_server import RunningBank, running_bank
from tests.bench import http_load, population, servers
from tests.bench.bench import Bench
from tests.bench.measuring import percentile
from tests.bench.report import Row, judged
from tests.bench.servers import ROOT

_PAYMENTS = 200
_PAIRS = 3
_CONNECTIONS = 8
_PATIENCE_SECONDS = 120.0
_GATE = 0.3
_SHOP = Shop("100500", "test_the-bench-keeps-no-secrets")


def measure(bench: Bench) -> Iterator[Row]:
    """Measure the full path, then the floor, in turn."""
    ours, floor = [], []
    for _ in range(_PAIRS):
        ours.append(_ours(bench))
        floor.append(_floor(bench))
    settled = statistics.median(run["settled"] for run in ours)
    best = statistics.median(floor)
    yield Row(
        "P9",
        f"notifications credited, full path with questions to the sandbox bank ({_PAYMENTS} payments)",
        f"{settled:,.0f}/s",
        f"{best:,.0f}/s",
        settled / best,
        f">= {_GATE}",
        judged(settled / best >= _GATE),
    )
    accepted = statistics.median(run["accepted"] for run in ours)
    answered = statistics.median(run["p99_ms"] for run in ours)
    cpu = statistics.median(run["cpu_ms"] for run in ours)
    yield Row(
        "P9",
        f"the same: stored and answered 200 (p99 {answered:.0f} ms); {cpu:.1f} ms of our processor each in all",
        f"{accepted:,.0f}/s",
        f"{best:,.0f}/s",
        accepted / best,
    )


def _ours(bench: Bench) -> dict[str, float]:
    with (
        bench.room("webhooks") as room,
        population.sqlite_town(room, 1000) as town,
        running_bank(_SHOP) as bank,
    ):
        extra = {"LKK_YOOKASSA_API_URL": bank.api_url}
        environment = {**os.environ, **servers.portal_environment(room, town.database_url, 80), **extra}
        begun = _begin_payments(environment)
        bodies = _notifications(bank, begun["payments"])
        with servers.portal(room, town.database_url, extra) as portal:
            requests = [http_load.post(portal.address, f"/hooks/yookassa/{begun['token']}", body) for body in bodies]
            cpu, started = portal.meter.cpu_seconds(), time.perf_counter()
            taken = http_load.send_all(portal.address, requests, _CONNECTIONS)
            accepted = time.perf_counter() - started
            _wait_until_credited(room / "town.sqlite3")
            settled = time.perf_counter() - started
            cpu = portal.meter.cpu_seconds() - cpu
    return {
        "settled": _PAYMENTS / settled,
        "accepted": _PAYMENTS / accepted,
        "p99_ms": percentile(taken, 0.99) * 1000,
        "cpu_ms": cpu / _PAYMENTS * 1000,
    }


def _begin_payments(environment: dict[str, str]) -> dict[str, list[str]]:
    command = [sys.executable, "-m", "tests.bench.payments_process", _SHOP.shop_id, _SHOP.secret, str(_PAYMENTS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    begun: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return begun


def _notifications(bank: RunningBank, payments: list[str]) -> list[bytes]:
    """Pay everything at the bank and return the notifications it would send."""
    bodies = []
    with httpx.Client(auth=(_SHOP.shop_id, _SHOP.secret), trust_env=False) as client:
        for payment in payments:
            bank.pay(payment, method="sbp")
            content = client.get(f"{bank.api_url}/payments/{payment}").raise_for_status().json()
            notification = {"type": "notification", "event": "payment.succeeded", "object": content}
            bodies.append(json.dumps(notification, ensure_ascii=False).encode())
    return bodies


def _wait_until_credited(database: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with closing(sqlite3.connect(database)) as connection:
        while True:
            (credited,) = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()
            if credited == _PAYMENTS:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {credited} of {_PAYMENTS} payments were credited")
            time.sleep(0.05)


def _floor(bench: Bench) -> float:
    with bench.room("webhook-floor") as room:
        extra = {"BENCH_DATABASE": str(room / "floor.sqlite3")}
        with servers.starlette_app("webhook", room, extra) as floor:
            bodies = [
                json.dumps({"event": "payment.succeeded", "object": {"id": str(number), "note": "x" * 800}}).encode()
                for number in range(_PAYMENTS * 5)
            ]
            requests = [http_load.post(floor.address, "/hooks", body) for body in bodies]
            started = time.perf_counter()
            http_load.send_all(floor.address, requests, _CONNECTIONS)
            return len(requests) / (time.perf_counter() - started)
