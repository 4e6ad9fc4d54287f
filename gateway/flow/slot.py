"""The latest value of one thread, handed to the event loop: no backlog is possible."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Generic, TypeVar

from gateway.flow.wake import Waker

Item = TypeVar("Item")


class Slot(Generic[Item]):
    """One producer thread puts, one task iterates. A value that was not taken in time is overwritten and counted
    in `dropped`; `keep(old, new)` may choose or merge instead of plainly taking the new one.

    The loop is woken only when no wake-up is pending, so a fast producer costs the loop nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, keep: Callable[[Item, Item], Item] | None = None) -> None:
        self.dropped = 0
        self._waker = Waker(loop)
        self._keep = keep or (lambda _old, new: new)
        self._lock = threading.Lock()
        self._item: Item | None = None
        self._end: BaseException | None = None
        self._ended = False

    def put(self, item: Item) -> None:
        """From the producer's thread; never blocks."""
        with self._lock:
            pending = self._item is not None
            if self._item is not None:
                self.dropped += 1
                item = self._keep(self._item, item)
            self._item = item
        if not pending:
            self._waker.wake()

    def end(self, error: BaseException | None = None) -> None:
        """No more values; `error` is raised to the consumer after the last one."""
        with self._lock:
            self._ended, self._end = True, error
        self._waker.wake()

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        while True:
            await self._waker.wait()
            with self._lock:
                item, self._item = self._item, None
                ended, error = self._ended, self._end
            if item is not None:
                yield item
            if ended:
                if error is not None:
                    raise error
                return
