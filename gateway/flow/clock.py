"""Time as a dependency: what waits takes a Clock, so that tests own the time."""

import asyncio
from typing import Protocol

from gateway.types import Stamp


class Clock(Protocol):
    def now(self) -> Stamp: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Stamp:
        return Stamp.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
