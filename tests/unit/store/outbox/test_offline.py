"""A month without a way out, and what the disk has of it."""

from datetime import timedelta
from pathlib import Path

from gateway.config.uplink import StreamPolicy
from gateway.seams import Parcel
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.wire.summary import HOUR_S, Stream
from tests.unit.store.outbox.month import DAYS, DISK_BYTES, HOURS, ORDER, POLICY, hour, is_what_may_be_left
from tests.unit.store.outbox.words import outbox, policy, presence, said, wall


async def _drained(box: Outbox) -> list[Parcel]:
    found: list[Parcel] = []
    while parcels := await box.next(100, 100_000):
        found += parcels
        await box.settle([parcel.id for parcel in parcels], {})
    return found


async def test_a_month_offline_is_bounded_as_configured_and_drains_in_order(tmp_path: Path) -> None:
    clock, sizes = FakeClock(), []
    for day in range(DAYS):
        async with outbox(tmp_path, POLICY, clock=clock) as box:
            for number in range(day * 24, day * 24 + 24):
                await clock.advance(HOUR_S)
                await box.put(hour(number), wall(clock))
            await box.drops()
        sizes.append((tmp_path / "outbox.db").stat().st_size)
    assert max(sizes) <= DISK_BYTES
    async with outbox(tmp_path, POLICY, clock=clock) as box:
        assert (await box.waiting())[Stream.ENERGY].oldest_s == (HOURS - 1) * HOUR_S
        parcels = await _drained(box)
        left = tuple(parcel.id.stream for parcel in parcels)
        assert list(dict.fromkeys(left)) == ORDER
        assert [parcel.id for parcel in parcels] == sorted(
            (p.id for p in parcels), key=lambda i: (left.index(i.stream), i)
        )
        while await box.drops():
            parcels += await _drained(box)
        is_what_may_be_left(said(tuple(parcels)))
    assert (tmp_path / "outbox.db").stat().st_size <= 100 * 4096


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
