"""A clock that only moves when it is told to."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

from gateway.types import Stamp


class FakeClock:
    """`advance` moves time and wakes sleepers in order; with `auto=True` a sleep advances by itself at once."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, 0, tzinfo=UTC), *, auto: bool = False) -> None:
        self._start = start
        self._elapsed_ns = 0
        self._auto = auto
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def now(self) -> Stamp:
        wall = self._start + timedelta(microseconds=self._elapsed_ns // 1000)
        return Stamp(wall=wall, mono_ns=1_000_000_000_000 + self._elapsed_ns)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._auto:
            self._elapsed_ns += int(seconds * 1e9)
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_ns + int(seconds * 1e9), len(self.slept), future))
        await future

    async def advance(self, seconds: float) -> None:
        target = self._elapsed_ns + int(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= target:
            self._elapsed_ns, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await asyncio.sleep(0)
        self._elapsed_ns = target
        await asyncio.sleep(0)
