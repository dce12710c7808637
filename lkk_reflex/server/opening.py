"""The moment the port answers: only then people are told the address and jobs speak to the portal itself."""

import asyncio
from contextlib import suppress

_TRIES, _PAUSE_SECONDS = 600, 0.05


async def until_it_answers(host: str, port: int) -> bool:
    """Wait until the portal answers on its port; False if it has not within half a minute."""
    for _ in range(_TRIES):
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /ping HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            answer = await reader.readline()
            writer.close()
            if b" 200" in answer:
                return True
        await asyncio.sleep(_PAUSE_SECONDS)
    return False
