"""The portal as it is measured: served by its own server on a database that stands ready. Run as a program."""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from lkk_reflex.server.run import run_portal
from lkk_reflex.settings import get_settings

#: Names the file for the statements that people cause; without it nothing is recorded.
STATEMENTS = "BENCH_STATEMENTS"
_WORKERS = "work"


def main() -> None:
    if STATEMENTS in os.environ:
        _record_statements(Path(os.environ[STATEMENTS]))
    run_portal(get_settings(), echo=lambda text: print(text, file=sys.stderr, flush=True))


def _record_statements(file: Path) -> None:
    """Write down each statement of a worker thread, with its values and its time; background jobs are left out."""
    stream = file.open("w", encoding="utf-8", buffering=1)
    began = threading.local()

    @event.listens_for(Engine, "before_cursor_execute")
    def begin(*_: Any) -> None:
        began.at = time.perf_counter()

    @event.listens_for(Engine, "after_cursor_execute")
    def end(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if threading.current_thread().name.startswith(_WORKERS):
            milliseconds = (time.perf_counter() - began.at) * 1000
            entry = {"statement": statement, "values": values, "milliseconds": milliseconds}
            print(json.dumps(entry, default=str), file=stream)


if __name__ == "__main__":
    main()
