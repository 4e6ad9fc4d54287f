"""A bounded, closable channel between two stages that counts what goes through and what it drops."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Policy(Enum):
    """What a full channel does with one more item."""

    BLOCK = "block"
    LATEST = "latest"


class Closed(Exception):
    """Nothing can be sent any more."""


class Channel(Generic[Item]):
    """First in, first out. `BLOCK` makes the sender wait; `LATEST` drops the oldest item and counts it.

    After `close` nothing is accepted and the receiver still gets everything that was sent: that is how the
    flow drains front to back. For one event loop; threads use `Slot`.
    """

    def __init__(self, name: str, size: int, policy: Policy = Policy.BLOCK) -> None:
        self.name = name
        self.sent = 0
        self.taken = 0
        self.dropped = 0
        self._size = size
        self._policy = policy
        self._items: deque[Item] = deque()
        self._senders = 0
        self._closed = False
        self._changed = asyncio.Condition()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        return self._closed

    async def send(self, item: Item) -> None:
        """Raises `Closed` once the channel is closed, also while waiting for room.

        A send that has begun is finished even when the sender is cancelled meanwhile: stopping loses nothing.
        """
        put = asyncio.ensure_future(self._put(item))
        try:
            await asyncio.shield(put)
        except asyncio.CancelledError:
            with suppress(Closed):
                await put
            raise

    async def _put(self, item: Item) -> None:
        async with self._changed:
            if self._policy is Policy.BLOCK:
                await self._changed.wait_for(lambda: self._closed or len(self._items) < self._size)
            if self._closed:
                raise Closed(self.name)
            if len(self._items) >= self._size:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
            self.sent += 1
            self._changed.notify_all()

    async def close(self) -> None:
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    @asynccontextmanager
    async def sender(self) -> AsyncGenerator["Channel[Item]", None]:
        """For one of several senders: the channel closes when the last of them leaves.

        All senders must have been announced with `expect` before the first one leaves."""
        try:
            yield self
        finally:
            self._senders -= 1
            if self._senders <= 0:
                await self.close()

    def expect(self, senders: int = 1) -> None:
        """Announce senders that will enter `sender`."""
        self._senders += senders

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        """Items until the channel is closed and empty. A receiver that leaves early closes the channel: with
        nobody left to take, its senders must not wait for ever."""
        drained = False
        try:
            while not drained:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._closed or bool(self._items))
                    drained = not self._items
                    if drained:
                        return
                    item = self._items.popleft()
                    self.taken += 1
                    self._changed.notify_all()
                yield item
        finally:
            if not drained:
                await self.close()
