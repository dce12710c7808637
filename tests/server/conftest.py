"""The small portal as a process of its own, so that its states stay out of the other tests."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support import patience
from tests.support.patience import until
from tests.support.ports import free_port
from tests.support.processes import is_running, start_owned, stop

ROOT = Path(__file__).resolve().parents[2]

_PAGE = b"<!doctype html><html><head><style>p{margin:0}</style></head><body><script>let a = 1;</script></body></html>"
_FILES = {
    "index.html": _PAGE,
    "404.html": b"<!doctype html><title>shell</title>",
    "__spa-fallback.html": b"<!doctype html><title>shell</title>",
    "sign-in/index.html": _PAGE.replace(b"let a", b"let b"),
    "sign-in.html": _PAGE,
    "assets/entry-abc.js": b"console.log('identity')",
    "assets/entry-abc.js.br": b"compressed by brotli",
    "assets/entry-abc.js.gz": b"compressed by gzip",
    "fonts/text.woff2": b"font",
}


@dataclass(frozen=True)
class Portal:
    """A running small portal."""

    address: str
    log: Path
    pid: int

    def until_nobody_is_there(self) -> None:
        """Wait until the sockets that have been closed have given their state trees back."""
        until(lambda: httpx.get(f"{self.address}/held", timeout=patience.SECONDS).text == "0")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle as a build leaves it, with files that tell themselves apart."""
    return make_bundle(tmp_path)


def make_bundle(folder: Path) -> Path:
    for name, content in _FILES.items():
        file = folder / "client" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One small portal for a module."""
    yield from run_small_portal(tmp_path_factory.mktemp("portal"))


def run_small_portal(folder: Path) -> Iterator[Portal]:
    port = free_port()
    log = folder / "portal.log"
    pid = start_owned(
        [sys.executable, ROOT / "tests" / "server" / "small_portal.py", str(port)],
        output=log,
        environment={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "REFLEX_WEB_WORKDIR": str(make_bundle(folder)),
            "LKK_MODE": "demo",
            "LKK_PORT": str(port),
            "LKK_DATA_DIR": str(folder / "var"),
        },
    )
    deadline = time.monotonic() + patience.SECONDS
    while "ready" not in log.read_text():
        if not is_running(pid) or time.monotonic() > deadline:
            pytest.fail(f"the small portal did not start:\n{log.read_text()}")
        time.sleep(0.05)
    yield Portal(f"http://127.0.0.1:{port}", log, pid)
    stop(pid)
