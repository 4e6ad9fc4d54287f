"""Thread-safe entry into the event loop for things that happen rarely and must keep their order."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Any thread puts, one task iterates. When `size` items wait, the oldest is dropped and counted.

    After `close` the iteration ends once everything that was put has been taken.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        self.dropped = 0
        self._loop = loop
        self._size = size
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._closed = False
        self._woken = asyncio.Event()

    def put(self, item: Item) -> None:
        """From any thread; never blocks."""
        with self._lock:
            if len(self._items) >= self._size:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
        self._wake()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._wake()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:  # the loop is closed: nobody is left to wake
            return

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        while True:
            await self._woken.wait()
            self._woken.clear()
            with self._lock:
                items, closed = list(self._items), self._closed
                self._items.clear()
            for item in items:
                yield item
            if closed:
                return
