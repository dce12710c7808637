"""The day of all journeys."""

from collections.abc import Iterator

import pytest

from tests.support import that_day


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    """The day on which the portals live."""
    with that_day.lived():
        yield
