"""Messages for one subscriber: bounded, oldest dropped first, every drop counted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from paho.mqtt.client import topic_matches_sub

from gateway.flow.board import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttMessage:
    """`payload` is as received: check it before use. `retained` says that it was published before we listened."""

    topic: str
    payload: bytes
    retained: bool = False


class Subscription:
    """Iterate it from one task. `close` ends the iteration after what is already waiting."""

    def __init__(
        self,
        filters: tuple[str, ...],
        size: int,
        counters: Counters,
        on_close: Callable[["Subscription"], None] = lambda _closed: None,
    ) -> None:
        self.filters = filters
        self.dropped = 0
        self._size = size
        self._counters = counters
        self._on_close = on_close
        self._waiting: deque[MqttMessage] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, message: MqttMessage) -> None:
        """Take `message` if it matches; never blocks."""
        if self._closed or not any(topic_matches_sub(name, message.topic) for name in self.filters):
            return
        if len(self._waiting) >= self._size:
            self._waiting.popleft()
            self.dropped += 1
            self._counters.add("mqtt.dropped")
        self._waiting.append(message)
        self._changed.set()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._changed.set()
            self._on_close(self)

    def __aiter__(self) -> AsyncIterator[MqttMessage]:
        return self

    async def __anext__(self) -> MqttMessage:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()
