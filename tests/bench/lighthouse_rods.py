"""P2: what Lighthouse says of the pages on its mobile settings."""

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench import Bench
from tests.bench.population import Person
from tests.bench.report import Row, judged, not_measured
from tests.bench.servers import CACHE
from tests.support.chromium import Chromium, ChromiumUnavailable

_PACKAGE = Path(__file__).with_name("lighthouse")
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_SECONDS = 180
#: A run takes a dozen seconds.
_RUNS = 3
_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
_LESS_THAN_FULL = 100


class LighthouseUnavailable(Exception):
    """Lighthouse could not be installed, or does not work with this browser."""


def measure(bench: Bench) -> Iterator[Row]:
    """Measure the page for everybody, the one behind the sign-in, and the blank app."""
    try:
        program, runs = _installed(), min(bench.visits, _RUNS)
        chromium = bench.chromium
        floor = _scores(program, chromium, f"{bench.lean.address}/", "", 1)
        sign_in = _scores(program, chromium, f"{bench.portal.address}/sign-in", "", runs)
        cabinet = _scores(program, chromium, f"{bench.portal.address}/cabinet", Person(1).cookie, runs)
    except (LighthouseUnavailable, ChromiumUnavailable) as lack:
        yield not_measured("P2", "Lighthouse", str(lack))
        return
    yield _row("/sign-in", sign_in, floor, performance=95, is_public=True)
    yield _row("/cabinet", cabinet, floor, performance=90, is_public=False)


def _row(path: str, ours: dict[str, float], floor: dict[str, float], *, performance: int, is_public: bool) -> Row:
    full = _CATEGORIES[1:] if is_public else _CATEGORIES[1:3]
    is_met = ours["performance"] >= performance and all(ours[name] >= _LESS_THAN_FULL for name in full)
    gate = f"perf >= {performance}, others 100" if is_public else f"perf >= {performance}, A11y and BP 100"
    return Row(
        "P2",
        f"Lighthouse mobile of {path}: perf, A11y, BP, SEO",
        _shown(ours),
        _shown(floor),
        ours["performance"] / floor["performance"],
        gate,
        judged(is_met),
    )


def _shown(scores: dict[str, float]) -> str:
    return " / ".join(f"{scores[name]:.0f}" for name in _CATEGORIES)


def _scores(program: Path, chromium: Chromium, url: str, cookie: str, times: int) -> dict[str, float]:
    """Return the median score of each category, 0 to 100."""
    runs = [_run(program, chromium, url, cookie) for _ in range(times)]
    return {name: statistics.median(run[name] for run in runs) for name in _CATEGORIES}


def _run(program: Path, chromium: Chromium, url: str, cookie: str) -> dict[str, float]:
    command = ["node", str(program), url, "--output=json", "--quiet", f"--chrome-flags={_FLAGS}"]
    command += [f"--only-categories={','.join(_CATEGORIES)}", "--no-enable-error-reporting"]
    # By default it runs at a simulated speed, as the public score does.
    command += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    environment = {**_node_environment(), **chromium.environment, "CHROME_PATH": str(chromium.executable)}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=True, cwd=CACHE
        )
    except subprocess.TimeoutExpired:
        raise LighthouseUnavailable(f"it did not finish within {_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise LighthouseUnavailable(f"it does not work with this browser: {error.stderr.strip()[-300:]}") from None
    report = json.loads(done.stdout)
    if report.get("runtimeError"):
        raise LighthouseUnavailable(report["runtimeError"]["message"])
    return {name: 100 * (report["categories"][name]["score"] or 0) for name in _CATEGORIES}


def _installed() -> Path:
    """Install the pinned package once and return its command."""
    lock = (_PACKAGE / "package-lock.json").read_bytes()
    home = CACHE / f"lighthouse-{hashlib.sha256(lock).hexdigest()[:12]}"
    program = home / "node_modules" / "lighthouse" / "cli" / "index.js"
    if (home / "ready").exists():
        return program
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PACKAGE / name, home)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=home, env=_node_environment(), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LighthouseUnavailable(f"it could not be installed: {getattr(error, 'stderr', error)}") from None
    (home / "ready").touch()
    return program


def _node_environment() -> dict[str, str]:
    search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": search}
