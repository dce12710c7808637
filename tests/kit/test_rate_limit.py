"""Limits of attempts, counted in the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.kit import rate_limit
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.rate_limit import Limit, RateCounter, Scope, TooManyAttempts, Wait, address_keys, in_words
from tests.support.portal import HeldClock, configured, held_clock

MINUTE = timedelta(minutes=1)
THREE = Limit("guess", Scope.SUBJECT, 3, 15 * MINUTE)
GROWING = Limit("grow", Scope.SUBJECT, 3, timedelta(hours=4), Wait.GROWING)
EVERYBODY = Limit("guess", Scope.GLOBAL, 5, MINUTE)
IVAN, ANNA = {Scope.SUBJECT: "ivan"}, {Scope.SUBJECT: "anna"}


@pytest.fixture
def held(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    with configured(monkeypatch, tmp_path), held_clock() as held:
        yield held


def take(limit: Limit, keys: dict[Scope, str] = IVAN) -> str:
    """Take one attempt; return how long to wait, or nothing."""
    try:
        with unit_of_work() as session:
            rate_limit.take(session, [limit], keys)
    except TooManyAttempts as refusal:
        return str(refusal.params["wait"])
    return ""


def left(limit: Limit, keys: dict[Scope, str] = IVAN) -> int:
    with reading() as session:
        return rate_limit.left(session, limit, keys)


def test_attempts_are_taken_until_none_are_left(held: HeldClock) -> None:
    assert [left(THREE), take(THREE), left(THREE), take(THREE), take(THREE), left(THREE)] == [3, "", 2, "", "", 0]
    assert take(THREE) == "15 мин"


def test_window_begins_with_the_first_attempt(held: HeldClock) -> None:
    for _ in range(3):
        take(THREE)
        held.pass_(minutes=4)
    assert take(THREE) == "3 мин"
    held.pass_(minutes=3)
    assert take(THREE) == ""
    assert left(THREE) == 2


def test_subjects_are_counted_apart(held: HeldClock) -> None:
    for _ in range(3):
        take(THREE)
    assert take(THREE, ANNA) == ""


def test_global_limit_counts_everybody(held: HeldClock) -> None:
    for keys in (IVAN, ANNA, IVAN, ANNA, IVAN):
        assert take(EVERYBODY, keys) == ""
    assert take(EVERYBODY, ANNA)


def test_each_further_failure_doubles_the_wait_up_to_an_hour(held: HeldClock) -> None:
    for _ in range(3):
        take(GROWING)
    waits = []
    for _ in range(9):
        with reading() as session:
            wait = rate_limit.wait(session, GROWING, IVAN)
        waits.append(int(wait.total_seconds()))
        held.pass_(seconds=waits[-1])
        assert take(GROWING) == ""
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_refused_attempt_does_not_lengthen_the_wait(held: HeldClock) -> None:
    for _ in range(3):
        take(GROWING)
    assert [take(GROWING) for _ in range(5)] == ["30 с"] * 5


def test_forgiven_subject_starts_anew(held: HeldClock) -> None:
    for _ in range(3):
        take(THREE)
    with unit_of_work() as session:
        rate_limit.forgive(session, [THREE], IVAN)
    assert left(THREE) == 3
    assert take(THREE) == ""


def test_forgiving_gives_back_one_attempt_of_a_shared_counter(held: HeldClock) -> None:
    for _ in range(5):
        take(EVERYBODY)
    with unit_of_work() as session:
        rate_limit.forgive(session, [EVERYBODY], IVAN)
    assert [take(EVERYBODY), bool(take(EVERYBODY))] == ["", True]


def test_refusal_keeps_what_was_counted(held: HeldClock) -> None:
    """An attempt counted against the first limit stays counted when the second refuses."""
    for _ in range(5):
        take(EVERYBODY, ANNA)
    with pytest.raises(TooManyAttempts), unit_of_work() as session:
        rate_limit.take(session, [THREE, EVERYBODY], IVAN)
    assert left(THREE) == 2


def test_parallel_attempts_get_no_more_than_there_are(held: HeldClock) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: take(THREE), range(40)))
    assert answers.count("") == 3


def test_keys_are_stored_as_hashes(held: HeldClock) -> None:
    take(THREE, {Scope.SUBJECT: "ivan@mail.ru"})
    with reading() as session:
        (row,) = session.exec(select(RateCounter)).all()
    assert "ivan" not in row.key_hash


def test_old_counters_are_forgotten(held: HeldClock) -> None:
    take(THREE)
    held.pass_(days=401)
    take(THREE, ANNA)
    with unit_of_work() as session:
        rate_limit.purge(session)
        assert len(session.exec(select(RateCounter)).all()) == 1


@pytest.mark.parametrize(
    ("address", "near", "wide"),
    [
        ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("", "unknown", "unknown"),
        ("testclient", "unknown", "unknown"),
    ],
)
def test_addresses_are_counted_by_what_one_person_has(address: str, near: str, wide: str) -> None:
    assert address_keys(address) == {Scope.ADDRESS: near, Scope.NETWORK: wide}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 с"),
        (0.2, "1 с"),
        (45, "45 с"),
        (119, "119 с"),
        (120, "2 мин"),
        (121, "3 мин"),
        (7200, "2 ч"),
        (7201, "3 ч"),
    ],
)
def test_wait_is_said_in_words_and_rounded_up(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
