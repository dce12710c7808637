"""Turns: what one key asks for is done one after another, so that who asks much waits for nobody but oneself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Keeps those in line who share a key; of a key that nobody asks for any more nothing is remembered."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._askers: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait until nobody else of this key is at it."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._askers[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._askers[key] -= 1
            if not self._askers[key]:
                del self._askers[key], self._locks[key]
