"""The latest value of one thread, handed to the event loop: no backlog is possible."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Slot(Generic[Item]):
    """One producer thread puts, one task iterates. A value that was not taken in time is overwritten and counted
    in `dropped`; `keep(old, new)` may choose or merge instead of plainly taking the new one.

    The loop is woken only when no wake-up is pending, so a fast producer costs the loop nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, keep: Callable[[Item, Item], Item] | None = None) -> None:
        self.dropped = 0
        self._loop = loop
        self._keep = keep or (lambda _old, new: new)
        self._lock = threading.Lock()
        self._item: Item | None = None
        self._end: BaseException | None = None
        self._ended = False
        self._woken = asyncio.Event()

    def put(self, item: Item) -> None:
        """From the producer's thread; never blocks."""
        with self._lock:
            pending = self._item is not None
            if self._item is not None:
                self.dropped += 1
                item = self._keep(self._item, item)
            self._item = item
        if not pending:
            self._wake()

    def end(self, error: BaseException | None = None) -> None:
        """No more values; `error` is raised to the consumer after the last one."""
        with self._lock:
            self._ended, self._end = True, error
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
                item, self._item = self._item, None
                ended, error = self._ended, self._end
            if item is not None:
                yield item
            if ended:
                if error is not None:
                    raise error
                return
