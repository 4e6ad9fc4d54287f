"""The power is cut at any instant: of what the disk was not yet told to keep, any sectors may be missing.

SQLite writes the journal, has it kept, and only then writes the database and has that kept. So a cut leaves either the
former database and any mixture of the former and the new journal, or the new journal and any mixture of databases. A
journal that is begun anew has its new header kept before anything else of it is written.
"""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Counters
from gateway.store.outbox.outbox import Outbox
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Stream
from tests.unit.store.outbox.words import device, energy, outbox, policy, presence

SECTOR = 512
HEADER = 32
POLICY = policy(devices=StreamPolicy(durability="normal"), energy=StreamPolicy(max_bytes=10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What both files hold."""

    database: bytes
    journal: bytes

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        return cls(database=(folder / "outbox.db").read_bytes(), journal=(folder / "outbox.db-wal").read_bytes())

    def write(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "outbox.db").write_bytes(self.database)
        (folder / "outbox.db-wal").write_bytes(self.journal)

    def cut(self, new: "Disk", draw: random.Random) -> "Disk":
        """What the power leaves on the way to `new`."""
        if new.database != self.database and draw.random() < 0.5:
            return Disk(database=_mixed(self.database, new.database, draw), journal=new.journal)
        header, rest = new.journal[:HEADER], self.journal[HEADER:]
        if header != self.journal[:HEADER] and draw.random() < 0.2:
            return self
        return Disk(database=self.database, journal=_mixed(header + rest, new.journal, draw))


def _mixed(former: bytes, new: bytes, draw: random.Random) -> bytes:
    """Sector by sector one of both; of what is only in one of them, some."""
    share, end = draw.choice((0.1, 0.5, 0.9)), draw.randint(*sorted((len(former), len(new))))
    sectors = []
    for at in range(0, max(len(former), len(new)), SECTOR):
        one, other = (new, former) if draw.random() < share else (former, new)
        sectors.append(one[at : at + SECTOR] or b"\0" * len(other[at : at + SECTOR]))
    return b"".join(sectors)[:end]


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
            kept = former = Disk.of(self.folder / "live")
            for number in range(operations):
                sure, given = set(self.promise.sure), set(self.promise.given)
                if await self._operate(box, number):
                    self.promise.kept()
                now = Disk.of(self.folder / "live")
                for _ in range(3):
                    await self._check(kept.cut(now, self.draw), sure, given)
                if (self.synchronous and now != former) or now.database != former.database:
                    kept = now
                former = now
                await self._check(kept, self.promise.sure, self.promise.given)

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
        disk.write(folder)
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
