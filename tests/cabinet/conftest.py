"""Rooms in which the use cases of the cabinet's pages are tried."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.pay_desk import PayRoom, pay_room


@pytest.fixture
def room(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PayRoom]:
    """A debt, its payer, a gateway and a clock."""
    with pay_room(engine, monkeypatch, tmp_path) as made:
        yield made
