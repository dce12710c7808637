"""What runs in the background: one table of jobs, their periods, who wakes them."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from lkk_reflex.accounts import guests
from lkk_reflex.cabinet import announcing, erasing
from lkk_reflex.identity import upkeep
from lkk_reflex.kit import lease, rate_limit, wake
from lkk_reflex.kit.db import bound_engine, reading, unit_of_work
from lkk_reflex.kit.log import report_fault
from lkk_reflex.meters import photos
from lkk_reflex.notifications import sending
from lkk_reflex.notifications.senders.chosen import senders_of
from lkk_reflex.outages import upkeep as outages_upkeep
from lkk_reflex.payments import alarms, inbox, messages, reconcile, routes, watch
from lkk_reflex.settings import get_settings
from lkk_reflex.support import attachments

logger = logging.getLogger(__name__)

#: How long an orderly stop waits for work that is going on; a killed process loses nothing either.
_STOP_SECONDS = 5.0
_LONGEST = timedelta(minutes=30)
#: A periodic job asks this often whether it is due, so that it runs soon after a restart.
_DUE_LOOK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that repeats.

    A job `for_one` is done by one process, once a period, whenever that period began; the others are safe to run
    in every process, because they take a lease on each thing they work on.
    """

    name: str
    period: timedelta
    work: Callable[[], object]
    for_one: bool = False


def _send_messages() -> None:
    senders = senders_of(get_settings())
    while sending.send_due(bound_engine(), senders):
        # What waits is sent at once; the pause is for when nothing does, or nothing can be handed over.
        pass


def _purge() -> None:
    for forget in (
        rate_limit.purge,
        upkeep.purge,
        sending.purge,
        attachments.purge,
        photos.purge,
        announcing.purge,
        outages_upkeep.purge,
        guests.purge,
    ):
        with unit_of_work() as session:
            forget(session)


def _raise_alarms() -> None:
    with reading() as session:
        alarms.report(session)


JOBS: tuple[Job, ...] = (
    Job(routes.INBOX_BELL, timedelta(seconds=5), inbox.work_on_due),
    Job("payments", timedelta(seconds=2), watch.advance_due),
    Job("messages", timedelta(seconds=3), _send_messages),
    Job("refusals", timedelta(minutes=1), messages.tell_of_refusals, for_one=True),
    Job("news", timedelta(seconds=5), announcing.announce),
    Job("alarms", timedelta(hours=1), _raise_alarms, for_one=True),
    Job("purge", timedelta(hours=1), _purge, for_one=True),
    Job("audit_addresses", timedelta(days=1), upkeep.blank_old_audit_addresses, for_one=True),
    Job("erase", timedelta(hours=1), erasing.erase_due, for_one=True),
    Job("reconcile", timedelta(days=1), reconcile.reconcile, for_one=True),
)


class Crew:
    """The threads that do the jobs, one for each."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs, self._ending = jobs, threading.Event()
        # Daemon threads, so that a question to a slow gateway does not hold up the end of the process.
        self._threads = [
            threading.Thread(target=_repeat, args=(job, self._ending), name=f"job {job.name}", daemon=True)
            for job in jobs
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the jobs, waiting a little for what is going on."""
        self._ending.set()
        for job in self._jobs:
            wake.ring(job.name)
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))


async def run_jobs(stop: asyncio.Event, jobs: Sequence[Job] = JOBS) -> None:
    """Run all jobs, each in a thread of its own, until `stop` is set; a job that fails goes on next time."""
    crew = Crew(jobs)
    try:
        await stop.wait()
    finally:
        # Not on the event loop: a job may be waiting for an answer of the demo's bank, which lives on it.
        await asyncio.to_thread(crew.stop)


@contextmanager
def running(jobs: Sequence[Job] = JOBS) -> Iterator[None]:
    """Run all jobs for the length of the block."""
    crew = Crew(jobs)
    try:
        yield
    finally:
        crew.stop()


def run_once(job: Job) -> None:
    """Do a job now, if it is this process's turn; a fault is logged and not raised."""
    try:
        if not job.for_one:
            job.work()
            return
        with unit_of_work() as session:
            is_ours = lease.take(session, job.name, period=job.period, longest=_LONGEST)
        if is_ours:
            try:
                job.work()
            finally:
                with unit_of_work() as session:
                    lease.give_back(session, job.name)
    except Exception as error:  # noqa: BLE001 - one fault must not end a job for ever.
        report_fault(logger, error)


def _repeat(job: Job, ending: threading.Event) -> None:
    bell = wake.bell(job.name)
    pause = min(job.period, _DUE_LOOK) if job.for_one else job.period
    while not ending.is_set():
        run_once(job)
        bell.wait(pause.total_seconds())
        bell.clear()
