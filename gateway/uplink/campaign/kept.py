"""The book on the disk: every change is written down before it counts."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from gateway.errors import Corrupt
from gateway.uplink.campaign.book import Book, book_from, book_json

_KEY = "uplink/campaigns"

log = logging.getLogger(__name__)


class Memory(Protocol):
    """See `gateway.store.keyvalue.KeyValue`."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class KeptBook:
    """Methods raise what the memory raises; nothing has changed then."""

    def __init__(self, memory: Memory) -> None:
        self.book = Book()
        self._memory = memory
        self._writing = asyncio.Lock()
        self._loaded = False

    async def load(self) -> None:
        """Once; what cannot be read is forgotten."""
        if self._loaded:
            return
        text = await self._memory.get(_KEY)
        try:
            self.book = Book() if text is None else book_from(text)
        except Corrupt as error:
            log.error("what the hub offered is forgotten: %s", error)
        self._loaded = True

    async def change(self, change: Callable[[Book], Book]) -> None:
        async with self._writing:
            book = change(self.book)
            if book != self.book:
                await self._memory.set(_KEY, book_json(book))
                self.book = book
