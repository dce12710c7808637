"""A portal without a server: settings, secret and clock of one test, and what it has sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from passlib.context import CryptContext

from lkk_reflex.kit import clock, crypto, passwords
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.settings import get_settings

SECRET = "a-secret-of-the-tests-that-is-long-enough"


class HeldClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **duration: float) -> None:
        """Move on by `minutes=…`, `hours=…`, `days=…`."""
        self.now += timedelta(**duration)


@contextmanager
def configured(monkeypatch: pytest.MonkeyPatch, data_dir: Path, **settings: str) -> Iterator[None]:
    """Run with these settings (`password_profile="standard"`), a known secret, and nothing of the machine's own."""
    values = {"data_dir": str(data_dir), "secret_key": SECRET, "company_name": "Горводоканал", **settings}
    for name, value in values.items():
        monkeypatch.setenv(f"LKK_{name.upper()}", value)
    get_settings.cache_clear()
    crypto.bind(Keyring((values["secret_key"],)))
    yield
    get_settings.cache_clear()


@contextmanager
def held_clock() -> Iterator[HeldClock]:
    """Hold time at a Sunday noon in Moscow."""
    held = HeldClock()
    with clock.clock_from(held):
        yield held


class CountedHashing:
    """Argon2 with parameters that take no time, counting how often it is asked."""

    def __init__(self) -> None:
        self._context = CryptContext(
            schemes=["argon2"], argon2__type="ID", argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1
        )
        self.calls = 0

    def hash(self, secret: str) -> str:
        """Hash and count."""
        self.calls += 1
        return self._context.hash(secret)

    def verify(self, secret: str, digest: str) -> bool:
        """Compare and count."""
        self.calls += 1
        return bool(self._context.verify(secret, digest))

    def needs_update(self, digest: str) -> bool:
        """Tell whether the parameters of a hash are others than these."""
        return bool(self._context.needs_update(digest))


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> CountedHashing:
    """Replace the slow hashing; one test of the passwords themselves does without."""
    counted = CountedHashing()
    monkeypatch.setattr(passwords, "_context", counted)
    return counted


def sent_files(data_dir: Path) -> list[dict[str, str]]:
    """Return what the demo's senders have written, oldest first."""
    return [json.loads(path.read_text()) for path in sorted((data_dir / "outbox").glob("*.json"))]
