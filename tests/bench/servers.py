"""Starting what is measured: the portal, the blank app of the same framework, small Starlette floors."""

import hashlib
import os
import shutil
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from lkk_reflex.server.build import ensure_front_end
from lkk_reflex.settings import load_settings
from tests.bench.measuring import Meter
from tests.support.processes import is_running, start_owned, stop

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"
#: The same secret for every run, so that prepared databases stay readable.
SECRET = "a secret of the bench that protects invented people only"
_LEAN_SOURCES = Path(__file__).with_name("floors") / "lean_app"
#: The portal builds its pages first, if nobody has done so.
_START_SECONDS = 300.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    address: str
    meter: Meter
    log: Path


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def portal(folder: Path, database_url: str, extra: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run the portal on a migrated database, in a folder of its own, as a demo without demo data."""
    port = free_port()
    environment = portal_environment(folder, database_url, port) | dict(extra or {})
    command = [sys.executable, "-m", "tests.bench.portal_process"]
    with _serving(command, folder, ROOT, environment, port) as running:
        yield running


def portal_environment(folder: Path, database_url: str, port: int) -> dict[str, str]:
    """Return the settings of a portal under measurement."""
    return {
        "LKK_MODE": "demo",
        "LKK_PORT": str(port),
        "LKK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LKK_DATA_DIR": str(folder / "var"),
        "LKK_DATABASE_URL": database_url,
        "LKK_SECRET_KEY": SECRET,
        "LKK_LOG_LEVEL": "WARNING",
    }


@contextmanager
def lean_app(folder: Path) -> Iterator[Running]:
    """Run the blank app by the framework's own means, from a front end built once for these sources."""
    project = _built_lean_app()
    port = free_port()
    environment = {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", "lean.lean:app"]
    with _serving(command, folder, project, environment, port) as running:
        yield running


@contextmanager
def starlette_app(name: str, folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run one module of `tests.bench.floors` by the same server as the portal's, in one process."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", f"tests.bench.floors.{name}:app"]
    with _serving(command, folder, ROOT, dict(extra or {}), port) as running:
        yield running


def _built_lean_app() -> Path:
    digest = hashlib.sha256()
    sources = [*sorted(_LEAN_SOURCES.rglob("*.py")), ROOT / "requirements.lock"]
    for file in sources:
        digest.update(file.read_bytes())
    project = CACHE / f"lean-{digest.hexdigest()[:12]}"
    ready = project / "ready"
    if not ready.exists():
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(_LEAN_SOURCES, project, ignore=shutil.ignore_patterns("__pycache__"))
        with _on_python_path():
            ensure_front_end(load_settings({"LKK_SECRET_KEY": SECRET}), echo=lambda _: None, project=project)
        ready.touch()
    return project


@contextmanager
def _on_python_path() -> Iterator[None]:
    """Let the build of the blank app find the portal's package in the checkout, installed or not."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@contextmanager
def _serving(
    command: list[str], folder: Path, directory: Path, environment: Mapping[str, str], port: int
) -> Iterator[Running]:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    log.unlink(missing_ok=True)
    # Nothing of the developer's own installation may leak into a measurement.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LKK_", "REFLEX_"))}
    started = ["env", "-C", str(directory), *command]
    watcher = start_owned(started, output=log, environment={**inherited, "PYTHONPATH": str(ROOT), **environment})
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(address, watcher, log)
        (process,) = psutil.Process(watcher).children()
        yield Running(address, Meter(process.pid), log)
    finally:
        stop(watcher)


def _wait_until_it_answers(address: str, watcher: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        with suppress(OSError), opener.open(f"{address}/ping", timeout=5):
            return
        if not is_running(watcher) or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")
        time.sleep(_POLL_SECONDS)
