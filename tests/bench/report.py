"""The table that a run ends with, and the machine it was measured on."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

import psutil


class Verdict(StrEnum):
    """What a row says of its gate."""

    OK = "ok"
    MISSED = "MISSED"
    NOT_MEASURED = "not measured"
    #: Printed for knowledge; no gate stands on it.
    SHOWN = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    rod: str
    measure: str
    ours: str
    floor: str = ""
    ratio: float | None = None
    gate: str = ""
    verdict: Verdict = Verdict.SHOWN


def judged(is_met: bool) -> Verdict:
    """Return the verdict of a gate that has been measured."""
    return Verdict.OK if is_met else Verdict.MISSED


def not_measured(rod: str, measure: str, why: str) -> Row:
    """Return the row of something this run could not measure."""
    return Row(rod, f"{measure}: {why}", "", verdict=Verdict.NOT_MEASURED)


_TITLES = ("rod", "measure", "ours", "floor", "ratio", "gate", "verdict")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table whose columns stand in line."""
    cells = [_TITLES, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TITLES))]
    lines = [_line(line, widths) for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """Return one line about the machine, the versions that matter and how busy it was lately."""
    processor = platform.processor() or platform.machine()
    names = Path("/proc/cpuinfo")
    if names.exists():
        models = [line.partition(":")[2].strip() for line in names.read_text().splitlines() if "model name" in line]
        processor = models[0] if models else processor
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Reflex {version('reflex')}, load {os.getloadavg()[1]:.1f}"
    )


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.rod, row.measure, row.ours, row.floor, ratio, row.gate, row.verdict)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
