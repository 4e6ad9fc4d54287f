"""An hour goes out once, whatever happens to the gateway at its end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.app.summary_stage import SummaryStage
from gateway.flow.board import Counters
from gateway.testing.clock import FakeClock
from gateway.types import Event, Kind, Level, Stamp
from gateway.uplink.privacy.counts import PrivateCounts
from gateway.uplink.privacy.ledger import Ledger
from gateway.uplink.summaries.summariser import Summariser
from gateway.uplink.summaries.vitals import Now
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Dropped, EventCount, Summary

START = datetime(2027, 1, 15, 12, 50, tzinfo=UTC)
NOW = Now(version="0.1.0", uptime_s=1, cpu_s=1, rss_mb=1, disk_free_mb=1)


@dataclass
class FakeOutgoing:
    """Takes each name once, as the outbox does; `killed` dies after the commit."""

    told: list[Summary] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    killed: bool = False

    async def put(
        self, summaries: Sequence[Summary], time: datetime | None, *, once: str | None = None
    ) -> tuple[ParcelId | None, ...]:
        if once is not None and once not in self.names:
            self.names.add(once)
            self.told += summaries
        if self.killed:
            raise asyncio.CancelledError
        return ()

    async def drops(self) -> tuple[Dropped, ...]:
        return ()

    @property
    def counts(self) -> list[int]:
        return [one.count for one in self.told if isinstance(one, EventCount)]


@dataclass
class Memory:
    values: dict[str, str] = field(default_factory=dict)
    sealed: bool = False
    """Nothing is written any more: the power is cut."""

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        if not self.sealed:
            self.values[key] = value


@dataclass
class Home:
    """Lives of one gateway, one after the other, over the same memory and outbox."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    outgoing: FakeOutgoing = field(default_factory=FakeOutgoing)
    memory: Memory = field(default_factory=Memory)
    believed: bool = True
    epsilon: float | None = None

    def stage(self) -> SummaryStage:
        ledger = None if self.epsilon is None else Ledger(self.epsilon)
        private = None if ledger is None else PrivateCounts(ledger)
        summariser = Summariser(look=lambda: NOW, level=lambda _device: Level.OK, power_w={}, private=private)
        return SummaryStage(
            summariser,
            self.outgoing,
            remember=self.memory,
            clock=self.clock,
            believed=lambda wall: wall if self.believed else None,
            counters=Counters(),
            ledger=ledger,
        )

    async def live(self, seconds: float, events: int = 0) -> None:
        stage = self.stage()
        task = asyncio.create_task(stage.run(lambda: None))
        await self.clock.advance(0)
        for _ in range(5):
            await asyncio.sleep(0)
        for _ in range(events):
            stamp = Stamp(wall=self.clock.now().wall, mono_ns=1)
            stage.summariser.hear(Event(id="x", kind=Kind.MOTION_BEGAN, stamp=stamp, began=stamp, source="door"))
        for _ in range(round(seconds / 10)):
            await self.clock.advance(10)
            for _ in range(5):
                await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_an_hour_goes_out_when_it_is_over() -> None:
    home = Home()
    await home.live(540, events=3)
    assert home.outgoing.told == []
    await home.live(120, events=2)
    assert home.outgoing.counts == [5]


async def test_killed_after_it_was_put_and_before_that_was_remembered_it_is_not_told_twice() -> None:
    home = Home()
    await home.live(540, events=3)
    home.memory.sealed = home.outgoing.killed = True
    await home.live(120)
    home.memory.sealed = home.outgoing.killed = False
    await home.live(120)
    assert home.outgoing.counts == [3]


async def test_a_power_cut_costs_the_last_minutes_at_most() -> None:
    home = Home()
    await home.live(310, events=3)
    home.memory.sealed = True
    await home.live(100, events=2)
    home.memory.sealed = False
    await home.live(300)
    assert home.outgoing.counts == [3]


async def test_what_privacy_cost_is_remembered() -> None:
    home = Home(epsilon=24.0)
    await home.live(900)
    assert len(home.outgoing.counts) == len(Kind)
    ledger = home.memory.values["uplink/summaries"]
    assert '"ledger": {}' not in ledger


async def test_without_a_clock_nothing_goes_out() -> None:
    home = Home(believed=False)
    await home.live(7200, events=3)
    assert home.outgoing.told == []


async def test_garbage_that_was_remembered_is_forgotten() -> None:
    for garbage in ("{", "[]", '{"summaries": 3, "ledger": []}'):
        home = Home()
        home.memory.values["uplink/summaries"] = garbage
        await home.live(900, events=1)
        assert home.outgoing.counts == [1]
