"""The description of registers: its example loads, and it names everything there is."""

import re
from pathlib import Path

import pytest

from lkk_reflex.accounts.register.presets import PRESETS, Column
from lkk_reflex.kit.money import Money
from tests.accounts.conftest import Load, Write

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("registers.md", "registers.ru.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_example_can_be_loaded_as_it_stands(load: Load, write: Write, page: str) -> None:
    example = re.search(r"```csv\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    assert example
    report = load(write(*example[1].splitlines()))
    assert (report.accepted_rows, report.accounts_total, report.total) == (3, 2, Money(1842_30))
    assert not report.notes


@pytest.mark.parametrize("page", PAGES)
def test_every_format_and_column_is_described(page: str) -> None:
    text = (DOCS / page).read_text()
    own = set(Column) - {Column.PERIOD_OR_SERVICE, Column.IGNORED}
    assert not [column for column in own if f"`{column}`" not in text]
    assert not [code for code in PRESETS if code != "own" and f"`{code}`" not in text]


def test_both_languages_have_the_same_parts() -> None:
    parts = [re.findall(r"^(#+|\|---.*|```\w*)", (DOCS / page).read_text(), re.MULTILINE) for page in PAGES]
    assert parts[0] == parts[1]
