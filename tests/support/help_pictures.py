"""Takes the pictures of the help page anew: `python -m tests.support.help_pictures`.

The journeys of the instruction see every screen that the help shows; here they are walked once more with a camera.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from lkk_reflex.help.chapters import CHAPTERS
from tests.support.people import SCREENSHOTS

_ROOT = Path(__file__).resolve().parents[2]
_PICTURES = _ROOT / "assets" / "help"
_JOURNEYS = _ROOT / "tests" / "journeys" / "instruction"
#: Whoever walks over every page would miss a picture that is not there yet.
_WALKED = "(phone or pictures) and not every_page"
_PREFIX = "help-"
_MOST_BYTES = 40 * 1024
#: A screen has few colours, so a palette and no loss keep its letters crisp in fewer bytes than any quality would.
#: A picture takes the first that makes it small enough.
_COLOURS = (64, 48, 32, 24)


class PicturesFailed(Exception):
    """The pictures were not taken; the text says why."""


def main() -> int:
    """Walk the journeys, and keep what they have seen as small files."""
    with tempfile.TemporaryDirectory(prefix="lkk-pictures-") as folder:
        taken = Path(folder)
        try:
            _walk(taken)
            for name in _wanted(taken):
                _keep(taken / f"{_PREFIX}{name}.png", _PICTURES / f"{name}.webp")
        except PicturesFailed as failure:
            print(f"{failure}.", file=sys.stderr)
            return 1
    return 0


def _walk(taken: Path) -> None:
    """Go through the journeys at a phone.

    Raises:
        PicturesFailed: when one of them has failed.
    """
    arguments = ["pytest", str(_JOURNEYS), "-q", "-k", _WALKED]
    environment = {**os.environ, SCREENSHOTS: str(taken)}
    walked = subprocess.run([sys.executable, "-m", *arguments], cwd=_ROOT, env=environment, check=False)
    if walked.returncode:
        raise PicturesFailed("A journey has failed, so the old pictures stay")


def _wanted(taken: Path) -> list[str]:
    """Return the names of the pictures that the help shows.

    Raises:
        PicturesFailed: when the journeys have not seen one of them.
    """
    names = [chapter.picture for chapter in CHAPTERS if chapter.picture]
    if missing := [name for name in names if not (taken / f"{_PREFIX}{name}.png").exists()]:
        raise PicturesFailed(f"No journey took: {', '.join(missing)}")
    return names


def _keep(shot: Path, picture: Path) -> None:
    """Write a screenshot as the best picture that is small enough.

    Raises:
        PicturesFailed: when none is.
    """
    picture.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(shot) as opened:
        for colours in _COLOURS:
            drawn = opened.convert("RGB").quantize(colours, dither=Image.Dither.NONE).convert("RGB")
            drawn.save(picture, "WEBP", lossless=True, quality=100, method=6)
            if picture.stat().st_size <= _MOST_BYTES:
                print(f"{picture.relative_to(_ROOT)}: {picture.stat().st_size // 1024} KB, {colours} colours")
                return
    raise PicturesFailed(f"{picture.name} does not become small enough")


if __name__ == "__main__":
    sys.exit(main())
