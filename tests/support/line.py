"""The way of one visitor to the portal: an address of its own, and a plug that can be pulled.

Limits count by address, so visitors who share one would be each other's attackers. A browser is given a SOCKS proxy
(RFC 1928), which connects from the visitor's address out of 127.0.0.0/8 and leads to this machine only.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from functools import cache
from typing import Any, TypeVar

from tests.support import patience

T = TypeVar("T")

_CHUNK = 64 * 1024
_OWN_NAMES = ("localhost", "127.0.0.1")
_VERSION, _NO_PASSWORD, _GRANTED, _FORBIDDEN, _REFUSED = 5, 0, 0, 2, 5
_ANY_ADDRESS = b"\x00\x01" + bytes(6)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of all lines; the main thread belongs to the browser's."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="lines", daemon=True).start()
    return loop


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(patience.SECONDS)


def has_many_addresses() -> bool:
    """Tell whether this machine answers under every address of 127.0.0.0/8, as Linux does."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.200.0.1", 0))
        except OSError:
            return False
    return True


class Line:
    """The way of one visitor."""

    def __init__(self, address: str) -> None:
        """Come from this address."""
        self.address = address
        #: Hosts that the browser asked for and must not.
        self.foreign: list[str] = []
        self._is_whole = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def proxy(self) -> str:
        """Return the address of the proxy, for the browser."""
        if self._server is None:
            raise RuntimeError("the line is not laid yet")
        return f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection and let none through until `mend`."""
        self._is_whole = False
        _run(self._break())

    def mend(self) -> None:
        """Let connections through again."""
        self._is_whole = True

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        await self._break()

    async def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(bytes([_VERSION, _NO_PASSWORD]))
        host, port = await _wanted(reader)
        if host not in _OWN_NAMES:
            self.foreign.append(host)
            writer.write(bytes([_VERSION, _FORBIDDEN]) + _ANY_ADDRESS)
            return
        if not self._is_whole:
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(self.address, 0))
        except OSError:
            writer.write(bytes([_VERSION, _REFUSED]) + _ANY_ADDRESS)
            return
        self._writers.add(up_writer)
        try:
            writer.write(bytes([_VERSION, _GRANTED]) + _ANY_ADDRESS)
            await asyncio.gather(_pump(reader, up_writer), _pump(up_reader, writer))
        finally:
            self._writers.discard(up_writer)
            up_writer.close()


async def _wanted(reader: asyncio.StreamReader) -> tuple[str, int]:
    _, _, _, kind = await reader.readexactly(4)
    if kind == 1:
        host = socket.inet_ntoa(await reader.readexactly(4))
    elif kind == 3:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii")
    else:
        host = socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    (port,) = struct.unpack(">H", await reader.readexactly(2))
    return host, port


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@contextlib.contextmanager
def line(address: str) -> Iterator[Line]:
    """Lay a line for the length of the block."""
    laid = Line(address)
    _run(laid._open())
    try:
        yield laid
    finally:
        _run(laid._close())
