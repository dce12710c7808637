"""Measures and prints the table; ends with 1 when a gate is missed: `python -m tests.bench --only P1,P3 --quick`."""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.bench import lighthouse_rods, page_rods, register_rods, sign_in_rods, socket_rods, webhook_rods
from tests.bench.bench import Bench
from tests.bench.report import Row, Verdict, machine, not_measured, table
from tests.support import processes


@dataclass(frozen=True, slots=True)
class Part:
    """Rods that are measured together."""

    rods: tuple[str, ...]
    measure: Callable[[Bench], Iterable[Row]]


PARTS = (
    Part(("P1", "P1b"), page_rods.weigh),
    Part(("P2",), lighthouse_rods.measure),
    Part(("P3",), page_rods.paint),
    Part(("P4",), page_rods.wait_for_data),
    Part(("P5",), socket_rods.handle),
    Part(("P6", "P6b"), socket_rods.open_cabinet),
    Part(("P10",), socket_rods.hold_sockets),
    Part(("P7", "P7b"), sign_in_rods.measure),
    Part(("P8", "P8b"), register_rods.measure),
    Part(("P9",), webhook_rods.measure),
)


def main() -> int:
    given = _arguments()
    processes.become_owner()
    # What is busy before the run is somebody else's.
    print(machine())
    began, rows = time.monotonic(), []
    with Bench(accounts=5_000, visits=1, big_register=0) if given.quick else Bench() as bench:
        for part in PARTS:
            wanted = [rod for rod in part.rods if not given.only or rod in given.only]
            if not wanted:
                continue
            print(f"{time.monotonic() - began:5.0f} s  {', '.join(wanted)}", file=sys.stderr, flush=True)
            rows += [row for row in _rows_of(part, bench) if row.rod in wanted]
    print(table(rows))
    print(f"{time.monotonic() - began:.0f} s")
    return int(any(row.verdict is Verdict.MISSED for row in rows))


def _rows_of(part: Part, bench: Bench) -> Iterable[Row]:
    """Yield what the part measures; a part that breaks must not cost the others their rows."""
    try:
        yield from part.measure(bench)
    except Exception as error:  # noqa: BLE001 - whatever broke, the row says it.
        traceback.print_exc()
        yield not_measured(part.rods[0], type(error).__name__, str(error).splitlines()[0] if str(error) else "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", type=lambda text: frozenset(text.upper().replace("B", "b").split(",")), help="rods, as P1,P8b"
    )
    parser.add_argument("--quick", action="store_true", help="a small town and single visits: to try the bench itself")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
