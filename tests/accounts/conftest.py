"""A portal on either database, with a held clock and one provider."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.accounts.register.report import ImportReport
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from tests.factories.accounts import make_provider
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

Load = Callable[..., ImportReport]
Write = Callable[..., Path]


@pytest.fixture
def held() -> Iterator[HeldClock]:
    """Time that stands still."""
    with held_clock() as held:
        yield held


@pytest.fixture
def portal(engine: Engine, held: HeldClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    """A portal with its secret, on either database."""
    hash_quickly(monkeypatch)
    with configured(monkeypatch, tmp_path / "data"):
        yield engine


@pytest.fixture
def session(portal: Engine) -> Iterator[Session]:
    """A unit of work for a test that needs only one."""
    with unit_of_work() as session:
        yield session


@pytest.fixture
def water(portal: Engine) -> str:
    """Store a provider and return its code."""
    with unit_of_work() as session:
        return make_provider(session, code="water", inn="7707083893").code


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a register file."""

    def write(*lines: str, name: str = "register.csv", encoding: str = "utf-8", end: str = "\r\n") -> Path:
        file = tmp_path / name
        file.write_bytes("".join(line + end for line in lines).encode(encoding))
        return file

    return write


@pytest.fixture
def load(water: str, tmp_path: Path) -> Load:
    """Load a register file as the owner of the server."""

    def load(file: Path, **order: Any) -> ImportReport:
        given: dict[str, Any] = {"provider_code": water, "rejects_dir": tmp_path / "rejects"}
        with unit_of_work() as session:
            return import_register(session, Viewer.system(), order=ImportOrder(file, **(given | order)))

    return load
