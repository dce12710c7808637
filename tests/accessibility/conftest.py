"""Who looks at the screens, and on which day."""

from collections.abc import Iterator

import pytest

from tests.security.surface import Surface, reflect
from tests.support import that_day
from tests.support.live_portal import LivePortal
from tests.support.people import DESKTOP, People
from tests.support.screens import Stage
from tests.support.trees import APPROVE


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> Surface:
    """Everything that answers somebody."""
    return reflect(tmp_path_factory.mktemp("surface"))


@pytest.fixture(scope="module")
def portal_of_screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A portal for one table of screens, on that day: its town has not seen anybody else."""
    with that_day.portal(tmp_path_factory.mktemp("screens") / "var") as portal:
        yield portal


@pytest.fixture
def stage(people: People, portal_of_screens: LivePortal, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Somebody at a desk; the test lives on that day as the portal does."""
    with that_day.shifted(that_day.seconds_ahead()):
        yield Stage(people(DESKTOP, portal=portal_of_screens), approves=request.config.getoption(APPROVE))
