"""The example of settings: complete, and nothing in it that the portal does not know."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from lkk_reflex.settings import Mode, Settings, load_settings

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"
LISTED = dict(re.findall(r"^#LKK_(\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_every_setting_is_listed_and_every_listed_one_exists() -> None:
    assert set(LISTED) == {field.name.upper() for field in fields(Settings)}


def test_every_setting_has_its_meaning_above_it() -> None:
    described = False
    for line in EXAMPLE.read_text().splitlines():
        if line.startswith("# ") and not line.startswith("# ---"):
            described = True
        elif line.startswith("#LKK_"):
            assert described, line
        else:
            described = False


def test_values_shown_are_the_defaults(tmp_path: Path) -> None:
    bare = {"LKK_DATA_DIR": str(tmp_path)}
    shown = {f"LKK_{name}": value for name, value in LISTED.items()}
    assert vars_of(load_settings(shown | bare)) == vars_of(load_settings(bare))


def vars_of(settings: Settings) -> dict[str, object]:
    """Return the values by name."""
    # An empty line in the example takes away what the demo fills in for itself.
    own = {"support_phone", "support_email", "support_hours"}
    return {field.name: getattr(settings, field.name) for field in fields(Settings) if field.name not in own}


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_is_named_in_the_example(mode: Mode) -> None:
    assert f"# {mode} — " in EXAMPLE.read_text()
