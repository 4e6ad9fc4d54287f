"""A month without a way out, and what the disk has of it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from gateway.config.uplink import StreamPolicy
from gateway.seams import Parcel
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.types import Level
from gateway.wire.envelope import load
from gateway.wire.summary import HOUR_S, STREAM_OF, DeviceHealth, Dropped, Energy, Presence, Stream, Summary
from tests.unit.store.outbox.words import HOUR, outbox, policy, presence, said, wall

DAYS = 30
ROOMS = 8
OLDEST = StreamPolicy(priority=2, max_bytes=200_000, durability="normal")
NEWEST = StreamPolicy(priority=1, max_bytes=100_000, durability="normal", on_full="reject_new")
WEEK = StreamPolicy(priority=3, max_age_days=7, durability="normal")
DROPS = StreamPolicy(priority=0, max_bytes=200_000)
POLICY = policy(presence=OLDEST, energy=NEWEST, devices=WEEK, drops=DROPS)
DISK_BYTES = 2 * (200_000 + 100_000 + 7 * 24 * 400 + 200_000)
"""The file may be twice what is kept."""


def _hour(number: int) -> list[Summary]:
    hour = HOUR + number * HOUR_S
    return [
        *(Presence(hour=hour, room=f"room-{room}", minutes=room) for room in range(ROOMS)),
        *(Energy(hour=hour, thing=f"heater-{thing}", kwh=1, metered=True) for thing in range(4)),
        DeviceHealth(hour=hour, device="lamp", readings=number, level=Level.OK),
    ]


async def _drained(box: Outbox) -> list[Parcel]:
    found: list[Parcel] = []
    while parcels := await box.next(100, 100_000):
        found += parcels
        await box.settle([parcel.id for parcel in parcels], {})
    return found


async def test_a_month_offline_is_bounded_as_configured_and_drains_in_order(tmp_path: Path) -> None:
    clock, put, sizes = FakeClock(), Counter[Stream](), []
    for day in range(DAYS):
        async with outbox(tmp_path, POLICY, clock=clock) as box:
            for number in range(day * 24, day * 24 + 24):
                await clock.advance(HOUR_S)
                summaries = _hour(number)
                put.update(STREAM_OF[one.kind] for one in summaries)
                await box.put(summaries, wall(clock))
            await box.drops()
        sizes.append((tmp_path / "outbox.db").stat().st_size)
    assert max(sizes) <= DISK_BYTES
    async with outbox(tmp_path, POLICY, clock=clock) as box:
        assert (await box.waiting())[Stream.ENERGY].oldest_s == (DAYS * 24 - 1) * HOUR_S
        parcels = await _drained(box)
        left = tuple(parcel.id.stream for parcel in parcels)
        assert list(dict.fromkeys(left)) == [Stream.DROPS, Stream.ENERGY, Stream.PRESENCE, Stream.DEVICES]
        assert [parcel.id for parcel in parcels] == sorted(
            (p.id for p in parcels), key=lambda i: (left.index(i.stream), i)
        )
        out = Counter(left)
        _oldest_hours(parcels, Stream.ENERGY, first=0)
        _newest_hours(parcels, Stream.PRESENCE)
        _newest_hours(parcels, Stream.DEVICES)
        assert out[Stream.DEVICES] == 7 * 24 + 1
        while await box.drops():
            parcels += await _drained(box)
        assert {stream: put[stream] - out[stream] for stream in put} == _dropped(parcels)
    assert (tmp_path / "outbox.db").stat().st_size <= 100 * 4096


def _hours(parcels: list[Parcel], stream: Stream) -> list[int]:
    return [(load(p.body).data.hour - HOUR) // HOUR_S for p in parcels if p.id.stream is stream]


def _oldest_hours(parcels: list[Parcel], stream: Stream, *, first: int) -> None:
    hours = _hours(parcels, stream)
    assert set(hours) == set(range(first, max(hours) + 1))
    assert max(hours) < DAYS * 24 - 1


def _newest_hours(parcels: list[Parcel], stream: Stream) -> None:
    hours = _hours(parcels, stream)
    assert set(hours) == set(range(min(hours), DAYS * 24))
    assert min(hours) > 0


def _dropped(parcels: list[Parcel]) -> dict[Stream, int]:
    found: Counter[Stream] = Counter()
    for one in said(tuple(parcels)):
        if isinstance(one, Dropped):
            found[one.stream] += one.count
    return dict(found)


async def test_the_file_shrinks_with_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    async with outbox(tmp_path) as box:
        for start in range(0, 6000, 500):
            await box.put([presence(number) for number in range(start, start + 500)], None)
    full = path.stat().st_size
    async with outbox(tmp_path) as box:
        for _ in range(12):
            for _ in range(5):
                parcels = await box.next(100, 10**6)
                await box.settle([parcel.id for parcel in parcels], {})
            waiting = (await box.waiting())[Stream.PRESENCE]
            (pages,) = await box._office.database.run(lambda c: c.execute("PRAGMA page_count").fetchone())
            assert pages * 4096 <= 2 * full * (waiting.rows + 500) / 6000 + 64 * 4096
    assert path.stat().st_size <= 80 * 4096
    assert full > 6000 * 250


async def test_a_clock_that_comes_right_at_last_drops_what_had_a_time_and_was_too_old(tmp_path: Path) -> None:
    late = FakeClock()
    async with outbox(tmp_path, policy(presence=StreamPolicy(max_age_days=7)), clock=late) as box:
        await box.put([presence(1)], wall(late))
        await box.put([presence(2)], None)
        await late.advance(timedelta(days=8).total_seconds())
        await box.put([presence(3)], wall(late))
        assert said(await box.next(10, 10_000)) == [presence(2), presence(3)]
