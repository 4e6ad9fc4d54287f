"""What the tests of the uplink share."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from gateway.config.uplink import Uplink
from gateway.flow.board import Board, Counters
from gateway.flow.clock import Clock
from gateway.flow.supervise import Backoff
from gateway.seams import Transport
from gateway.testing.clock import FakeClock
from gateway.testing.outbox import MemoryOutbox
from gateway.types import Level, State
from gateway.uplink.drain.drain import Drain
from gateway.wire.summary import DeviceHealth, Presence, Summary

QUICK = Backoff(first_s=0.02, most_s=0.1, refused_s=0.1)
PATIENCE_S = 30.0


def devices(count: int, start: int = 0) -> list[Summary]:
    return [DeviceHealth(hour=3600, device="lamp", readings=start + n, level=Level.OK) for n in range(count)]


def presence(count: int) -> list[Summary]:
    return [Presence(hour=3600, room="hall", minutes=n % 60) for n in range(count)]


def settings(**changes: Any) -> Uplink:
    """Of a hub on this machine; `stalled_s` may be shorter than a person may set it."""
    stalled = changes.pop("stalled_s", 60.0)
    made = Uplink.model_validate({"host": "localhost", "bandwidth_kbit_s": 1e6, **changes})
    return made.model_copy(update={"stalled_s": stalled})


async def until(condition: Callable[[], object], told: Callable[[], object] = lambda: "") -> None:
    """Let others run until it holds."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - what is looked at tells nobody of its changes
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(f"it never held: {told()}") from None


class Bench:
    """A drain between an outbox in memory and `transport`, and what it told."""

    def __init__(self, transport: Transport, clock: Clock | None = None, **changes: Any) -> None:
        self.clock = clock or FakeClock(auto=True)
        self.board = Board()
        self.states: list[State] = []
        self.board.listen(self.states.append)
        self.counters = Counters()
        self.box = MemoryOutbox()
        self.drain = Drain(
            box=self.box,
            transport=transport,
            settings=settings(**changes),
            clock=self.clock,
            report=self.board.report,
            counters=self.counters,
            backoff=QUICK,
        )

    @property
    def keys(self) -> list[str]:
        return [state.key for state in self.states]

    @property
    def state(self) -> State:
        return self.board.all()["uplink"]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Afterwards it is ended in good order."""
        task = asyncio.create_task(self.drain.run())
        try:
            await until(lambda: self.states)
            yield
            self.drain.end()
            async with asyncio.timeout(PATIENCE_S):
                await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
