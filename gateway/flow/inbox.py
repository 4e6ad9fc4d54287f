"""Thread-safe entry into the event loop for things that happen rarely and must keep their order."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from gateway.flow.wake import Waker

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Any thread puts, one task iterates. When `size` items wait, the oldest is dropped and counted.

    After `close` the iteration ends once everything that was put has been taken.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        self.dropped = 0
        self._waker = Waker(loop)
        self._size = size
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._closed = False

    def put(self, item: Item) -> None:
        """From any thread; never blocks."""
        with self._lock:
            if len(self._items) >= self._size:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
        self._waker.wake()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._waker.wake()

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        while True:
            await self._waker.wait()
            with self._lock:
                items, closed = list(self._items), self._closed
                self._items.clear()
            for item in items:
                yield item
            if closed:
                return
