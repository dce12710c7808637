"""Who looks at the screens."""

from collections.abc import Callable

import pytest

from tests.support.people import DESKTOP, People
from tests.support.screens import Stage
from tests.support.town_bills import TownAccount


@pytest.fixture
def stage(people: People, indebted: Callable[..., TownAccount]) -> Stage:
    """Somebody at a desk."""
    return Stage(people(DESKTOP), indebted)
