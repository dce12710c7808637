"""The town of a worker is built anew before its debtors run out, however many files the worker is given."""

import shutil
from pathlib import Path

from lkk_reflex.sandbox import town
from tests.support.live_portal import stop_shared_portal
from tests.support.town_bills import debtors_left

#: No file of tests takes so many debtors of one provider.
_MOST_OF_A_FILE = 35


def has_debtors_for_a_file(directory: Path) -> bool:
    """Tell whether enough debtors are left of every provider; `directory` is that of the portal."""
    return all(debtors_left(directory, provider.code) >= _MOST_OF_A_FILE for provider in town.PROVIDERS)


def renew(directory: Path) -> None:
    """End the shared portal, and let whoever asks for it next have one with the town as it was at first."""
    stop_shared_portal(directory)
    for note in directory.glob("taken-*"):
        note.unlink()
    home = directory / "live"
    if (home / "portal.json").exists():
        (home / "portal.json").unlink()
        shutil.rmtree(home / "var")
        shutil.copytree(home / "town", home / "var")
