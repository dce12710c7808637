"""A portal to be attacked, and what it answers to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.surface import Surface, reflect
from tests.support import that_day
from tests.support.live_portal import LivePortal, own_portal


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    """The day on which the portals live."""
    with that_day.lived():
        yield


@pytest.fixture(scope="module")
def portal(town_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A portal of this module's own, because its limits are used up here; its log tells everything it can."""
    data_dir = tmp_path_factory.mktemp("portal") / "var"
    with own_portal(town_directory, data_dir, log_level="DEBUG") as running:
        yield running


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> Surface:
    """Everything that answers somebody."""
    return reflect(tmp_path_factory.mktemp("surface"))
