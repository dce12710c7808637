"""A client that costs little, because it shares the cores with servers: prepared requests over a few connections."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit


def post(address: str, path: str, body: bytes, kind: str = "application/json") -> bytes:
    """Return the bytes of one request."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {urlsplit(address).netloc}\r\ncontent-type: {kind}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(address: str, requests: Sequence[bytes], connections: int) -> list[float]:
    """Send every request once and return how long each answer took, in seconds.

    Raises:
        RuntimeError: for an answer that is not 200.
    """
    return asyncio.run(_send_all(address, iter(requests), connections))


async def _send_all(address: str, requests: Iterator[bytes], connections: int) -> list[float]:
    parts, taken = urlsplit(address), list[float]()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for request in requests:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200" not in head.partition(b"\r\n")[0]:
                raise RuntimeError(head.decode("latin-1"))
            await reader.readexactly(_length(head))
            taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(connections)))
    return taken


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
