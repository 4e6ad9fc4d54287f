"""Random operations, against a list a stream: what comes out, in which order, and what was dropped."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from gateway.config.uplink import StreamPolicy
from gateway.seams import Parcel
from gateway.store.outbox.outbox import Outbox
from gateway.store.outbox.shelf import ROW_BYTES
from gateway.testing.clock import FakeClock
from gateway.wire.envelope import ParcelId, load
from gateway.wire.summary import STREAM_OF, Dropped, DropReason, Stream, Summary
from tests.unit.store.outbox.words import always, device, energy, never, outbox, policy, presence, wall

DAY_S = 86_400
STREAMS = {
    "presence": StreamPolicy(priority=1, max_bytes=10_000, max_age_days=1),
    "energy": StreamPolicy(priority=2, max_bytes=10_000, max_age_days=3, on_full="reject_new"),
    "devices": StreamPolicy(priority=0, max_bytes=20_000, max_age_days=2, durability="normal"),
    "drops": StreamPolicy(priority=9),
}
MAKERS = (presence, energy, device)


class Model:
    """The promise, in lists: `waiting` in the order of their numbers, `dropped` as it has to be told in the end."""

    def __init__(self) -> None:
        self.waiting: dict[Stream, list[tuple[ParcelId, int, float | None, Summary]]] = {s: [] for s in Stream}
        self.dropped: Counter[tuple[Stream, DropReason]] = Counter()
        self.last: Counter[Stream] = Counter()

    def expire(self, stream: Stream, now_s: float | None) -> None:
        most_s = STREAMS[stream.value].max_age_days * DAY_S
        if now_s is None:
            return
        left = [row for row in self.waiting[stream] if row[2] is None or row[2] >= now_s - most_s]
        self.dropped[stream, DropReason.AGE] += len(self.waiting[stream]) - len(left)
        self.waiting[stream] = left

    def taken(self, summary: Summary, one: ParcelId | None, size: int, time_s: float | None) -> None:
        """Told what became of it, the model says whether that was right."""
        stream = STREAM_OF[summary.kind]
        rows, given = self.waiting[stream], STREAMS[stream.value]
        cost = sum(row[1] + ROW_BYTES for row in rows) + size + ROW_BYTES
        if given.on_full == "reject_new" and cost > given.max_bytes:
            assert one is None
            self.dropped[stream, DropReason.FULL] += 1
            return
        assert one is not None
        self.last[stream] += 1
        assert (one.stream, one.seq) == (stream, self.last[stream])
        while cost > given.max_bytes:
            cost -= rows.pop(0)[1] + ROW_BYTES
            self.dropped[stream, DropReason.FULL] += 1
        rows.append((one, size, time_s, summary))

    def order(self) -> list[ParcelId]:
        streams = sorted((Stream(name) for name in STREAMS), key=lambda stream: STREAMS[stream.value].priority)
        return [row[0] for stream in streams if stream is not Stream.DROPS for row in self.waiting[stream]]

    def gone(self, ids: set[ParcelId]) -> None:
        for stream, rows in self.waiting.items():
            self.waiting[stream] = [row for row in rows if row[0] not in ids]

    def refused(self, ids: set[ParcelId]) -> None:
        here = {row[0] for rows in self.waiting.values() for row in rows}
        for one in ids & here:
            self.dropped[one.stream, DropReason.REFUSED] += 1
        self.gone(ids)


class Play:
    """One random life; every operation is checked against the model at once."""

    def __init__(self, seed: int, path: Path) -> None:
        self.random = random.Random(seed)
        self.path = path
        self.clock = FakeClock()
        self.model = Model()
        self.believed = True

    def box(self) -> Outbox:
        return outbox(self.path, policy(**STREAMS), clock=self.clock, believed=always if self.believed else never)

    def now_s(self) -> float | None:
        return wall(self.clock).timestamp() if self.believed else None

    async def live(self) -> None:
        for _ in range(4):
            async with self.box() as box:
                for _ in range(40):
                    await self.random.choice((self.put, self.put, self.look, self.settle, self.wait))(box)
            self.believed = self.random.random() < 0.7
        self.believed = True
        async with self.box() as box:
            await self.end(box)

    async def put(self, box: Outbox) -> None:
        summaries = [self.random.choice(MAKERS)(self.random.randrange(100)) for _ in range(self.random.randrange(1, 9))]
        now_s = self.now_s()
        for stream in {STREAM_OF[one.kind] for one in summaries}:
            self.model.expire(stream, now_s)
        before = Counter(self.model.last)
        ids = await box.put(summaries, wall(self.clock) if self.believed else None)
        for summary, one in zip(summaries, ids, strict=True):
            before[STREAM_OF[summary.kind]] += 1
            self.model.taken(summary, one, await self._size(box, summary, one), now_s)

    async def _size(self, box: Outbox, summary: Summary, one: ParcelId | None) -> int:
        """As the model cannot know it: that of the row, or of one like it."""
        stream = STREAM_OF[summary.kind]
        after = self.model.last[stream] if one is None else one.seq - 1
        rows = await box.peek(stream, after, 1)
        return len(rows[0].body) if rows else 250

    async def look(self, box: Outbox) -> None:
        parcels = await self._all(box)
        assert [parcel.id for parcel in parcels] == self.model.order()

    async def _all(self, box: Outbox) -> list[Parcel]:
        for stream in STREAMS:
            self.model.expire(Stream(stream), self.now_s())
        return [one for one in await box.next(10_000, 10**9) if one.id.stream is not Stream.DROPS]

    async def settle(self, box: Outbox) -> None:
        parcels = await self._all(box)
        some = {parcel.id for parcel in self.random.sample(parcels, min(len(parcels), self.random.randrange(12)))}
        bad = {one for one in some if self.random.random() < 0.2}
        for _ in range(self.random.choice((1, 2))):
            await box.settle(some - bad, dict.fromkeys(bad, "summary_invalid"))
            self.model.refused(bad)
            self.model.gone(some)

    async def wait(self, _box: Outbox) -> None:
        await self.clock.advance(self.random.choice((60, 3600, DAY_S / 2)))

    async def end(self, box: Outbox) -> None:
        for parcel in await self._all(box):
            (row,) = [row for row in self.model.waiting[parcel.id.stream] if row[0] == parcel.id]
            assert load(parcel.body).data == row[3]
        await box.drops()
        told: Counter[tuple[Stream, DropReason]] = Counter()
        for parcel in await box.peek(Stream.DROPS, 0, 10_000):
            data = load(parcel.body).data
            assert isinstance(data, Dropped)
            told[data.stream, data.reason] += data.count
        assert told == +self.model.dropped


@pytest.mark.parametrize("seed", range(6))
async def test_a_random_life_is_that_of_the_model(seed: int, tmp_path: Path) -> None:
    await Play(seed, tmp_path).live()


async def test_two_lives_at_once_do_not_meet(tmp_path: Path) -> None:
    await asyncio.gather(Play(100, tmp_path / "a").live(), Play(101, tmp_path / "b").live())
