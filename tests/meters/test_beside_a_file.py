"""Subscribers send readings while a long file of the provider is being loaded: on PostgreSQL, where both go on at once.

SQLite has one writer at a time, so there the file comes first.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters import repository
from lkk_reflex.meters.errors import MetersBusy
from lkk_reflex.meters.loading import load_meters
from lkk_reflex.meters.submitting import withdraw
from tests.meters.conftest import Flat, Write
from tests.meters.test_loading import HEADER

_LONG = 30.0


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """Only the database in which two may write at once."""
    return postgresql_url


@contextmanager
def loading(write: Write, *lines: str) -> Iterator[ThreadPoolExecutor]:
    """Load lines that are not committed yet; yield who does something else meanwhile."""
    with ThreadPoolExecutor(1) as others, unit_of_work() as session:
        load_meters(session, Viewer.system(), file=write(HEADER, *lines), provider_code="water")
        yield others


def line(flat: Flat, *, verified_until: str = "", value: str = "105", day: str = "31.10.2026") -> str:
    """Return the line of a file about the meter."""
    return f"{flat.account.number};{flat.meter.serial};ХВС;;;;;{verified_until};;{value};;;{day}"


def test_a_reading_is_accepted_while_a_file_adds_readings_of_the_same_meter(flat: Flat, write: Write) -> None:
    with loading(write, line(flat)) as others:
        assert others.submit(flat.sent, "110").result(_LONG).saved
        assert others.submit(flat.sent, "111").result(_LONG).saved


def test_who_cannot_wait_for_a_file_is_told_so_and_the_same_form_is_taken_afterwards(
    flat: Flat, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_PATIENCE", timedelta(milliseconds=100))
    with loading(write, line(flat, verified_until="01.02.2030")) as others:
        refusal = others.submit(flat.sent, "110", intent_id="click").exception(_LONG)
        assert isinstance(refusal, MetersBusy)
    assert flat.sent("110", intent_id="click").saved


def test_nothing_is_withdrawn_while_a_file_counts_it(flat: Flat, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = flat.sent("110").saved
    assert sent
    monkeypatch.setattr(repository, "_PATIENCE", timedelta(milliseconds=100))

    def take_back() -> None:
        with unit_of_work() as session:
            withdraw(session, flat.owner, link_id=flat.owner_link, number=sent.number)

    with loading(write, line(flat, value="110", day="20.11.2026")) as others:
        assert isinstance(others.submit(take_back).exception(_LONG), MetersBusy)


def test_two_submissions_of_an_account_still_take_turns(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "_PATIENCE", timedelta(milliseconds=100))
    with ThreadPoolExecutor(1) as others, unit_of_work() as session:
        assert repository.lock(session, flat.account.id or 0)
        assert isinstance(others.submit(flat.sent, "110").exception(_LONG), MetersBusy)
