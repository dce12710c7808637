"""Clocks and meters: medians of interleaved runs, processor time and memory of a process as the system counts them."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil


def interleaved(ours: Callable[[], float], floor: Callable[[], float], times: int) -> tuple[float, float]:
    """Run both in turn, so that a noisy moment hits both, and return the two medians."""
    pairs = [(ours(), floor()) for _ in range(times)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Meter:
    """Watches a process and all that it started."""

    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time used so far (/proc/PID/stat counts in hundredths of a second)."""
        total = 0.0
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def resident_kib(self) -> float:
        """Return the memory held at the moment."""
        total = 0.0
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss / 1024
        return total

    def _family(self) -> list[psutil.Process]:
        root = psutil.Process(self.pid)
        return [root, *root.children(recursive=True)]
