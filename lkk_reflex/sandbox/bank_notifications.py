"""The courier: carries notifications to the shops until each is acknowledged with HTTP 200 or a day has passed."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta

import anyio.to_thread
import httpx

from lkk_reflex.sandbox.bank_clock import read_stamp, stamp
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_lifecycle import let_time_act
from lkk_reflex.sandbox.bank_storage import Notification

log = logging.getLogger(__name__)

#: Pauses before the next attempt; the last one repeats. YooKassa does not publish its own.
PAUSES_SECONDS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
_LIFETIME = timedelta(hours=24)
_IDLE_SECONDS = 0.5
_AT_ONCE = 8

Errand = tuple[Notification, str]


class Courier:
    """Delivers due notifications: in the background while `running`, or one round by `deliver_due`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._claiming = asyncio.Lock()
        self._carried: dict[int, asyncio.Event] = {}
        self._awake = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver in the background for the length of the block."""
        task = asyncio.create_task(self._work(), name="sandbox-bank-courier")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def wake(self) -> None:
        """Tell the courier, from the event loop, that something may be due."""
        self._awake.set()

    async def overtakes_answers(self) -> bool:
        """Say whether notifications are to be delivered before the request that caused them is answered."""
        return await anyio.to_thread.run_sync(self._before_answer)

    def _before_answer(self) -> bool:
        with self._core.storage.books() as books:
            return self._core.switches(books).before_answer

    async def deliver_due(self) -> int:
        """See one attempt through for every notification that is due, whoever makes it; return their number."""
        errands, underway = await self._claim_due()
        async with self._client() as client:
            await asyncio.gather(
                *(self._carry(client, errand) for errand in errands), *(arrival.wait() for arrival in underway)
            )
        return len(errands) + len(underway)

    async def _work(self) -> None:
        async with self._client() as client, asyncio.TaskGroup() as carriers:
            while True:
                self._awake.clear()
                try:
                    await anyio.to_thread.run_sync(let_time_act, self._core)
                    errands, _ = await self._claim_due()
                    for errand in errands:
                        carriers.create_task(self._carry(client, errand))
                except sqlite3.Error as failure:
                    log.error("The sandbox bank's courier could not read its storage: %s", type(failure).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), _IDLE_SECONDS)

    def _client(self) -> httpx.AsyncClient:
        # Neither proxy variables nor a redirect may lead a notification elsewhere; YooKassa accepts any
        # certificate of the shop, a self-signed one included.
        return httpx.AsyncClient(
            timeout=httpx.Timeout(self._core.config.notify_timeout_seconds, pool=None),
            limits=httpx.Limits(max_connections=_AT_ONCE),
            trust_env=False,
            follow_redirects=False,
            verify=False,  # noqa: S501
        )

    async def _claim_due(self) -> tuple[list[Errand], list[asyncio.Event]]:
        """Claim what is due; return it and the arrivals of what somebody else is carrying already."""
        async with self._claiming:
            due = await anyio.to_thread.run_sync(self._due)
            underway = [self._carried[note.seq] for note, _ in due if note.seq in self._carried]
            claimed = [errand for errand in due if errand[0].seq not in self._carried]
            self._carried.update((note.seq, asyncio.Event()) for note, _ in claimed)
            return claimed, underway

    def _due(self) -> list[Errand]:
        with self._core.storage.books() as books:
            now = self._core.clock.now()
            due = []
            for note in books.notifications("waiting", due_by=stamp(now)):
                shop = books.shop(note.shop_id)
                if now - read_stamp(note.event_at) > _LIFETIME or shop is None or not shop["notify_url"]:
                    books.move_notification(note.seq, "expired", note.due_at)
                else:
                    due.append((note, str(shop["notify_url"])))
            return due

    async def _carry(self, client: httpx.AsyncClient, errand: Errand) -> None:
        note, url = errand
        status, error = None, ""
        try:
            headers = {"Content-Type": "application/json"}
            status = (await client.post(url, content=note.body.encode(), headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = type(failure).__name__
        try:
            await anyio.to_thread.run_sync(self._record, note, status, error)
        except sqlite3.Error as failure:
            log.error("The sandbox bank's courier could not record an attempt: %s", type(failure).__name__)
        # Under the claim, so that a round that has read the queue meanwhile does not carry the same again.
        async with self._claiming:
            self._carried.pop(note.seq).set()

    def _record(self, note: Notification, status: int | None, error: str) -> None:
        with self._core.storage.books() as books:
            books.note_attempt(note, self._core.now(), status, error)
            if status == 200:
                books.move_notification(note.seq, "delivered", note.due_at)
                return
            pause = PAUSES_SECONDS[min(note.attempts, len(PAUSES_SECONDS) - 1)]
            books.move_notification(note.seq, "waiting", self._core.later(pause))
