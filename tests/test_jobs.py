"""The background: jobs repeat, survive their faults, react to bells, and periodic ones are done once for all."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from lkk_reflex import jobs
from lkk_reflex.jobs import JOBS, Job, run_jobs, run_once, running
from lkk_reflex.kit import clock, crypto, lease, wake
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import unit_of_work
from tests.support import patience

LONG = timedelta(hours=1)
PATIENCE = patience.SECONDS


class Work:
    """Counts how often it is done; raises as told."""

    def __init__(self, fails: int = 0) -> None:
        self.done, self._fails = 0, fails
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.done += 1
            self._changed.notify_all()
        if self.done <= self._fails:
            raise ZeroDivisionError

    def reaches(self, times: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.done >= times, PATIENCE)


def test_a_job_repeats() -> None:
    work = Work()
    with running([Job("repeats", timedelta(milliseconds=10), work)]):
        assert work.reaches(3)


def test_a_fault_is_logged_and_the_job_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(fails=2)
    with running([Job("fails", timedelta(milliseconds=10), work)]):
        assert work.reaches(4)
    assert caplog.text.count("fault ") == 2


def test_a_bell_wakes_a_job_at_once() -> None:
    work = Work()
    with running([Job("woken", LONG, work)]):
        assert work.reaches(1)
        wake.ring("woken")
        assert work.reaches(2)


def test_a_bell_that_rings_during_the_work_is_not_lost() -> None:
    work = Work()

    def ring_once() -> None:
        work()
        if work.done == 1:
            wake.ring("rings itself")

    with running([Job("rings itself", LONG, ring_once)]):
        assert work.reaches(2)


@pytest.mark.usefixtures("engine")
def test_a_bell_rings_only_when_the_work_can_be_seen() -> None:
    bell = wake.bell("commit")
    bell.clear()
    with suppress(ZeroDivisionError), unit_of_work() as session:
        wake.ring_after_commit(session, "commit")
        raise ZeroDivisionError
    assert not bell.is_set()
    with unit_of_work() as session:
        wake.ring_after_commit(session, "commit")
        assert not bell.is_set()
    assert bell.is_set()


def test_the_end_does_not_wait_for_a_slow_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_STOP_SECONDS", 0.1)
    release = threading.Event()
    started = time.monotonic()
    with running([Job("slow", LONG, lambda: release.wait(PATIENCE))]):
        pass
    assert time.monotonic() - started < 1
    release.set()


async def test_jobs_run_beside_the_event_loop_until_they_are_told_to_stop() -> None:
    work, stop = Work(), asyncio.Event()
    task = asyncio.create_task(run_jobs(stop, [Job("beside", timedelta(milliseconds=10), work)]))
    assert await asyncio.to_thread(work.reaches, 2)
    stop.set()
    await task
    done = work.done
    await asyncio.sleep(0.05)
    assert work.done == done


@pytest.fixture
def pass_time() -> Iterator[Callable[[timedelta], None]]:
    moment = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def advance(duration: timedelta) -> None:
        nonlocal moment
        moment += duration

    with clock.clock_from(lambda: moment):
        yield advance


@pytest.mark.usefixtures("engine")
def test_a_daily_job_is_done_once_a_day(pass_time: Callable[[timedelta], None]) -> None:
    work = Work()
    job = Job("daily", timedelta(days=1), work, for_one=True)
    for _ in range(48):
        run_once(job)
        pass_time(timedelta(hours=1))
    assert work.done == 2


@pytest.mark.usefixtures("engine")
def test_of_many_processes_one_does_the_job(pass_time: Callable[[timedelta], None]) -> None:
    work, start = Work(), threading.Barrier(6)
    job = Job("once", LONG, work, for_one=True)

    def process(_: int) -> None:
        start.wait()
        run_once(job)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(process, range(6)))
    assert work.done == 1


@pytest.mark.usefixtures("engine")
def test_a_job_whose_process_died_is_done_by_another(pass_time: Callable[[timedelta], None]) -> None:
    work = Work()
    job = Job("died", timedelta(minutes=1), work, for_one=True)
    with unit_of_work() as session:
        assert lease.take(session, "died", period=job.period, longest=jobs._LONGEST)
    pass_time(timedelta(minutes=29))
    run_once(job)
    assert work.done == 0
    pass_time(timedelta(minutes=1))
    run_once(job)
    assert work.done == 1


@pytest.mark.usefixtures("engine")
def test_a_job_that_failed_gives_its_lease_back(pass_time: Callable[[timedelta], None]) -> None:
    work = Work(fails=1)
    job = Job("failed", timedelta(minutes=1), work, for_one=True)
    run_once(job)
    pass_time(timedelta(minutes=1))
    run_once(job)
    assert work.done == 2


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_of_the_table_works_on_an_empty_portal(
    job: Job, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    crypto.bind(Keyring(("a secret of this test run only, long enough",)))
    run_once(job)
    assert caplog.text == ""


def test_no_two_jobs_have_one_name() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
