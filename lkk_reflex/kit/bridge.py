"""The one bridge from the event loop to blocking work (database, hashing, network, files)."""

import asyncio
import contextvars
import functools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.log import report_fault

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Bounded: a flood waits in the queue instead of opening ever more connections.
_pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="work")
#: Threads of their own, so that a slow gateway does not keep pages from the database.
_outside_pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="outside")


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in a worker thread; context variables go along."""
    return await _submitted(_pool, functools.partial(function, *args, **kwargs))


async def outside(call: Callable[[], T], *, patience: float) -> T | None:
    """Run work that asks the outside world; None if it takes longer than `patience` seconds.

    What takes longer goes on to its end by itself; a fault of it is logged then.
    """
    running = asyncio.ensure_future(_submitted(_outside_pool, call))
    done, _ = await asyncio.wait({running}, timeout=patience)
    if done:
        return running.result()
    running.add_done_callback(_report_late_fault)
    return None


def _submitted(pool: ThreadPoolExecutor, call: Callable[[], T]) -> asyncio.Future[T]:
    in_context = functools.partial(contextvars.copy_context().run, call)
    return asyncio.get_running_loop().run_in_executor(pool, in_context)


def _report_late_fault(finished: asyncio.Future[T]) -> None:
    error = None if finished.cancelled() else finished.exception()
    if isinstance(error, Exception) and not isinstance(error, PortalError):
        report_fault(logger, error)


async def write(use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one use case in one unit of work in a worker thread."""

    def work() -> T:
        with unit_of_work() as session:
            return use_case(session, *args, **kwargs)

    return await in_thread(work)


async def read(query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one reading use case in a worker thread."""

    def work() -> T:
        with reading() as session:
            return query(session, *args, **kwargs)

    return await in_thread(work)
