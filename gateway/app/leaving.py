"""What left the home is written down for its people to read."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.app.recorder import written
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.store.departures import Departure

COMPANY_S = 1.0


class Book(Protocol):
    async def add(self, left: Sequence[Departure]) -> None: ...


class Leaving:
    """`note` is called in the loop with whatever is handed over to leave; `run` writes it soon after, `flush` now."""

    def __init__(self, book: Book, *, clock: Clock, counters: Counters) -> None:
        self._book = book
        self._clock = clock
        self._counters = counters
        self._noted: list[Departure] = []
        self._news = asyncio.Event()

    def note(self, topic: str, body: bytes) -> None:
        self._noted.append(Departure(time=self._clock.now().wall, topic=topic, body=body))
        self._news.set()

    async def run(self, _beat: Callable[[], None]) -> None:
        """Until it is cancelled."""
        while True:
            await self._news.wait()
            await self._clock.sleep(COMPANY_S)
            await self.flush()

    async def flush(self) -> None:
        self._news.clear()
        noted, self._noted = self._noted, []
        if noted:
            await written("departures", self._book.add(noted), self._counters)
