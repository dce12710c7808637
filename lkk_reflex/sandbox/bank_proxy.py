"""A TCP proxy that can do what no ASGI application can: reset the connection instead of answering."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

from lkk_reflex.sandbox.bank_faults import RESET_HEADER

_CHUNK = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultProxy:
    """Passes bytes to the bank and back; an answer marked by a reset rule ends in RST, without a byte of it."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen for the length of the block; port 0 takes a free one. Yields the port."""
        server = await asyncio.start_server(self._serve, host, port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        except OSError:
            _reset(writer)
            return
        sending = asyncio.create_task(_pass_on(reader, up_writer))
        try:
            await _answer(up_reader, writer)
        finally:
            sending.cancel()
            up_writer.close()
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            # The bank writes the head of a marked answer at once, so the mark is never split.
            if RESET_HEADER + b": reset" in chunk:
                _reset(writer)
                return
            writer.write(chunk)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
