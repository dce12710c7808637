"""The description of files of meters: its examples load, and it names every column and every option."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from lkk_reflex.cli_meters import meters_app
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters.exporting import HEADER
from lkk_reflex.meters.loading import load_meters
from lkk_reflex.meters.meter_file import COLUMNS
from lkk_reflex.meters.provider_file import folded
from lkk_reflex.meters.tariffs import load_tariffs
from tests.factories.accounts import make_account
from tests.meters.conftest import Flat, Write

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("meters.md", "meters.ru.md")


def _page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_can_be_loaded_as_they_stand(flat: Flat, write: Write, page: str) -> None:
    meters, tariffs = re.findall(r"```csv\n(.*?)```", _page(page), re.DOTALL)
    with unit_of_work() as session:
        for number in ("0012345", "0012346"):
            make_account(session, flat.provider, number=number)
        files = write(*meters.splitlines(), name="meters.csv"), write(*tariffs.splitlines(), name="tariffs.csv")
        loaded = load_meters(session, Viewer.system(), file=files[0], provider_code="water")
        priced = load_tariffs(session, Viewer.system(), file=files[1], provider_code="water")
    assert (loaded.meters_new, loaded.readings_new, loaded.rejected) == (3, 2, 0)
    assert (priced.read, priced.rejected) == (4, 0)


@pytest.mark.parametrize("page", PAGES)
def test_every_column_is_described(page: str) -> None:
    prose = re.sub(r"```.*?```", "", _page(page), flags=re.DOTALL)
    named = {COLUMNS.get(folded(name)) for name in re.findall(r"`([^`]+)`", prose)}
    assert set(COLUMNS.values()) <= named
    assert HEADER in _page(page)


def test_both_languages_have_the_same_parts() -> None:
    parts = [re.findall(r"^(#+|\|---.*|```\w*)", _page(page), re.MULTILINE) for page in PAGES]
    assert parts[0] == parts[1]


def test_every_rule_of_the_default_can_be_changed() -> None:
    policy = get_command(meters_app).commands["policy"]  # type: ignore[attr-defined]
    options = {parameter.name for parameter in policy.params}
    assert options >= {
        "window_from",
        "window_to",
        "outside",
        "zero",
        "rollover",
        "fraction",
        "alarm_percent",
        "expired",
    }
