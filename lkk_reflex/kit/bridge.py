"""The one bridge from the event loop to blocking work (database, hashing, network, files)."""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from lkk_reflex.kit.db import reading, unit_of_work

P = ParamSpec("P")
T = TypeVar("T")

#: Bounded: a flood waits in the queue instead of opening ever more connections.
_pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="work")


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in a worker thread; context variables go along."""
    call = functools.partial(contextvars.copy_context().run, functools.partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool, call)


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
