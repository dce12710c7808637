"""Who looks at the screens, and on which day."""

from collections.abc import Iterator

import pytest

from tests.security.surface import Surface, reflect
from tests.support import that_day
from tests.support.live_portal import LivePortal, fresh_portal
from tests.support.people import DESKTOP, People
from tests.support.screens import Stage
from tests.support.trees import APPROVE


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    """The day on which the portals live."""
    with that_day.lived():
        yield


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> Surface:
    """Everything that answers somebody."""
    return reflect(tmp_path_factory.mktemp("surface"))


@pytest.fixture(scope="module")
def portal_of_screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A portal for one table of screens: its town has not seen anybody else."""
    with fresh_portal(tmp_path_factory.mktemp("screens") / "var") as portal:
        yield portal


@pytest.fixture
def stage(people: People, portal_of_screens: LivePortal, request: pytest.FixtureRequest) -> Stage:
    """Somebody at a desk."""
    return Stage(people(DESKTOP, portal=portal_of_screens), approves=request.config.getoption(APPROVE))
