"""P8: loading a register with every check and the report, against writing the same rows raw."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.bench import Bench
from tests.bench.report import Row, judged, not_measured
from tests.bench.servers import ROOT
from tests.support.postgres import PostgresUnavailable

_ROWS = 100_000
_PAIRS = 3
_SPEED_GATE, _MEMORY_GATE = 0.25, 1.2
_HEADER = "ЛС;ФИО;Адрес;Период;На начало;Начислено;Перерасчёт;Льгота;Пени;Оплачено;К оплате"


def measure(bench: Bench) -> Iterator[Row]:
    """Measure both databases, then the memory of a load ten times as big."""
    with bench.room("registers") as room:
        register = write_register(room / "register.csv", _ROWS)
        yield _speed(bench, register, "SQLite", "executemany")
        try:
            yield _speed(bench, register, "PostgreSQL", "COPY")
        except PostgresUnavailable as lack:
            yield not_measured("P8", "register import on PostgreSQL", str(lack))
        if bench.big_register:
            yield _memory(bench, register, write_register(room / "big.csv", bench.big_register))


def write_register(file: Path, rows: int) -> Path:
    """Write a register of one month with all its columns; every row is another account."""
    with file.open("w", encoding="utf-8") as stream:
        print(_HEADER, file=stream)
        for number in range(1, rows + 1):
            charged = 10_000 + number % 90_000
            amount = f"{charged // 100},{charged % 100:02}"
            print(
                f"{number:08};Иванов Иван Иванович;Заречный, Лесная улица, дом {number};10.2026;"
                f"0,00;{amount};0,00;0,00;0,00;0,00;{amount}",
                file=stream,
            )
    return file


def _speed(bench: Bench, register: Path, database: str, floor_name: str) -> Row:
    ours, floor = [], []
    for _ in range(_PAIRS):
        with _empty(bench, database) as url:
            ours.append(_ROWS / _run("ours", url, register)["seconds"])
        with _empty(bench, database) as url:
            floor.append(_ROWS / _run("floor", url, register)["seconds"])
    speed, best = statistics.median(ours), statistics.median(floor)
    ratio = speed / best
    return Row(
        "P8",
        f"register import, {_ROWS:,} rows, {database}",
        f"{speed:,.0f} rows/s",
        f"{best:,.0f} rows/s ({floor_name})",
        ratio,
        f">= {_SPEED_GATE}",
        judged(ratio >= _SPEED_GATE),
    )


def _memory(bench: Bench, small: Path, big: Path) -> Row:
    peaks = []
    for register in (big, small):
        with _empty(bench, "SQLite") as url:
            peaks.append(_run("ours", url, register)["peak_kib"] / 1024)
    ratio = peaks[0] / peaks[1]
    return Row(
        "P8b",
        f"peak memory of an import, {bench.big_register:,} rows (floor: {_ROWS:,})",
        f"{peaks[0]:.0f} MiB",
        f"{peaks[1]:.0f} MiB",
        ratio,
        f"<= {_MEMORY_GATE}",
        judged(ratio <= _MEMORY_GATE),
    )


@contextmanager
def _empty(bench: Bench, database: str) -> Iterator[str]:
    if database == "PostgreSQL":
        with bench.postgres.temporary() as url:
            yield url
        return
    with bench.room("load") as room:
        yield f"sqlite:///{room / 'portal.sqlite3'}"


def _run(side: str, url: str, register: Path) -> dict[str, float]:
    """Load in a process of its own, so that peaks of memory are of this load alone."""
    command = [sys.executable, "-m", "tests.bench.import_process", side, url, str(register)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
