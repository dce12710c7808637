"""Makes loopback as slow as a phone's network, for websockets too, which the browser's own slowing spares."""

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_DELAY_SECONDS = 0.075
_BYTES_PER_SECOND = 200_000
_CHUNK = 4096


class LatencyProxy:
    """Stands before one server; use it as a context manager."""

    def __init__(self, address: str) -> None:
        self._target = urlsplit(address)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="latency proxy", daemon=True)
        self.address = ""
        # All connections of the visitor share one line.
        self._line_is_free_at = {"up": 0.0, "down": 0.0}

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._connect, "127.0.0.1", 0), self._loop
        ).result()
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A handshake takes one way there and one back before the first byte.
        await asyncio.sleep(2 * _DELAY_SECONDS)
        far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        # The visitor leaves without a word; what is still under way then is dropped.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(self._carry(reader, far_writer, "up"), self._carry(far_reader, writer, "down"))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await under_way.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not chunk:
                    break
                writer.write(chunk)
            with suppress(OSError):
                writer.close()

        delivering = asyncio.create_task(deliver())
        while True:
            try:
                chunk = await reader.read(_CHUNK)
            except OSError:
                chunk = b""
            begins = max(loop.time(), self._line_is_free_at[way])
            self._line_is_free_at[way] = begins + len(chunk) / _BYTES_PER_SECOND
            under_way.put_nowait((self._line_is_free_at[way] + _DELAY_SECONDS, chunk))
            if not chunk:
                break
            # A sender is told to wait when the line is full.
            await asyncio.sleep(max(0.0, self._line_is_free_at[way] - loop.time() - 0.5))
        await delivering
