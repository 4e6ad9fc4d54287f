"""What was promised is there after a power cut, or was counted as dropped; see `tests.unit.store.lost_writes`."""

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Counters
from gateway.store.outbox.outbox import Outbox
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Stream
from tests.unit.store.lost_writes import Disk, Power
from tests.unit.store.outbox.words import device, energy, outbox, policy, presence

POLICY = policy(devices=StreamPolicy(durability="normal"), energy=StreamPolicy(max_bytes=10_000))


@dataclass(slots=True)
class Promise:
    """`sure` has to be there after a cut, unless it is `leaving`; what was `given` out is never another thing."""

    sure: set[ParcelId] = field(default_factory=set)
    unsure: set[ParcelId] = field(default_factory=set)
    leaving: set[ParcelId] = field(default_factory=set)
    given: set[ParcelId] = field(default_factory=set)

    def kept(self) -> None:
        self.sure |= self.unsure
        self.unsure = set()


class Story:
    """Random operations on one outbox; after each of them the power is cut a few times, on copies."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.draw = random.Random(seed)
        self.folder = folder
        self.promise = Promise()
        self.cuts = 0
        self.synchronous = True

    async def live(self, operations: int) -> None:
        async with outbox(self.folder / "live", POLICY) as box:
            await box._office.database.run(lambda c: c.execute("PRAGMA wal_autocheckpoint = 12").fetchall())
            await box.put([presence(0)], None)
            await box._office.database.run(lambda c: c.set_trace_callback(self._trace))
            power = Power(self.folder / "live" / "outbox.db")
            for number in range(operations):
                sure, given = set(self.promise.sure), set(self.promise.given)
                if await self._operate(box, number):
                    self.promise.kept()
                for _ in range(3):
                    await self._check(power.kept.cut(power.now(), self.draw), sure, given)
                power.worked(synchronous=self.synchronous)
                await self._check(power.kept, self.promise.sure, self.promise.given)

    def _trace(self, statement: str) -> None:
        """Whether the disk is told to keep the next commit."""
        if statement.startswith("PRAGMA synchronous"):
            self.synchronous = statement.endswith("FULL")

    async def _operate(self, box: Outbox, number: int) -> bool:
        """One transaction. Whether all that was done by now has to be on the disk."""
        kind = self.draw.choice(("full", "full", "normal", "next", "settle"))
        if kind in {"full", "normal"}:
            make = device if kind == "normal" else self.draw.choice((presence, energy))
            ids = await box.put([make(number)] * self.draw.randint(1, 12), None)
            self.promise.unsure |= {one for one in ids if one is not None}
            return kind == "full"
        if kind == "next":
            self.promise.given |= {parcel.id for parcel in await box.next(40, 10**6)}
            return True
        some = self.draw.sample(sorted(self.promise.given), len(self.promise.given) // 2)
        self.promise.leaving |= set(some)
        await box.settle(some, {})
        return False

    async def _check(self, disk: Disk, sure: set[ParcelId], given: set[ParcelId]) -> None:
        self.cuts += 1
        folder = self.folder / "cut"
        disk.write(folder / "outbox.db")
        counters = Counters()
        async with outbox(folder, POLICY, counters=counters) as box:
            parcels = [parcel.id for parcel in await box.next(10_000, 10**9)]
            waiting = await box.waiting()
            (new,) = await box.put([device(0)], None)
            dropped = sum(drop.count for drop in await box.drops())
        assert counters.get("outbox.corrupt") == 0
        missing = sure - self.promise.leaving - set(parcels)
        assert len(missing) <= dropped, "what was promised is there, or was counted"
        assert {one.stream for one in missing} <= {Stream.ENERGY}
        assert len(parcels) == len(set(parcels)) == sum(one.rows for one in waiting.values())
        assert new not in given, "a number that left the house is never another thing"


@pytest.mark.parametrize("seed", range(3))
async def test_no_cut_takes_what_was_promised(seed: int, tmp_path: Path) -> None:
    story = Story(seed, tmp_path)
    await story.live(24)
    assert story.cuts > 90
