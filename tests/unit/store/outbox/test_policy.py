"""How much is kept, for how long, and what becomes of the rest: nothing is dropped that is not counted."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Counters
from gateway.store.outbox import drops
from gateway.store.outbox.outbox import Outbox
from gateway.store.outbox.shelf import ROW_BYTES
from gateway.testing.clock import FakeClock
from gateway.types import Stamp
from gateway.wire.envelope import load
from gateway.wire.summary import HOUR_S, Dropped, DropReason, Stream
from tests.unit.store.outbox.words import HOUR, always, energy, never, outbox, policy, presence, said, wall

SMALL = StreamPolicy(max_bytes=10_000)
REJECTING = StreamPolicy(max_bytes=10_000, on_full="reject_new")
DAY_S = 86_400


async def _dropped(box: Outbox) -> Counter[tuple[Stream, DropReason]]:
    found: Counter[tuple[Stream, DropReason]] = Counter()
    for drop in await box.drops():
        found[drop.stream, drop.reason] += drop.count
    return found


async def _rooms(box: Outbox) -> list[str]:
    return [one.room for one in said(await box.peek(Stream.PRESENCE, 0, 10_000)) if one.kind == "presence"]


async def test_a_full_stream_loses_its_oldest(tmp_path: Path) -> None:
    counters = Counters()
    async with outbox(tmp_path, policy(presence=SMALL), counters=counters) as box:
        for number in range(100):
            (taken,) = await box.put([presence(number)], None)
            assert taken is not None
        rooms = await _rooms(box)
        assert rooms == [f"r{number}" for number in range(100 - len(rooms), 100)]
        waiting = (await box.waiting())[Stream.PRESENCE]
        cost = waiting.bytes + waiting.rows * ROW_BYTES
        assert 10_000 - 2 * cost // waiting.rows < cost <= 10_000
        assert counters.get("outbox.dropped") == 100 - len(rooms)
        assert await _dropped(box) == {(Stream.PRESENCE, DropReason.FULL): 100 - len(rooms)}


async def test_a_full_stream_refuses_the_newest_where_that_was_wished(tmp_path: Path) -> None:
    counters = Counters()
    async with outbox(tmp_path, policy(presence=REJECTING), counters=counters) as box:
        taken = await box.put([presence(number) for number in range(100)], None)
        kept = [number for number, one in enumerate(taken) if one is not None]
        assert kept == list(range(len(kept)))
        assert 0 < len(kept) < 100
        assert await _rooms(box) == [f"r{number}" for number in kept]
        assert counters.get("outbox.dropped") == 100 - len(kept)
        await box.settle([one for one in taken[:2] if one is not None], {})
        (again,) = await box.put([presence(1)], None)
        assert again is not None
        assert again.seq == len(kept) + 1
        assert await _dropped(box) == {(Stream.PRESENCE, DropReason.FULL): 100 - len(kept)}


async def test_one_full_stream_costs_no_other(tmp_path: Path) -> None:
    async with outbox(tmp_path, policy(presence=SMALL)) as box:
        await box.put([energy(number) for number in range(50)], None)
        await box.put([presence(number) for number in range(500)], None)
        assert (await box.waiting())[Stream.ENERGY].rows == 50


async def test_a_smaller_limit_is_kept_to_bit_by_bit_after_the_start(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(number) for number in range(2000)], None)
    async with outbox(tmp_path, policy(presence=SMALL)) as box:
        await box.next(1, 1)
        some = (await box.waiting())[Stream.PRESENCE].rows
        assert 1000 < some < 2000
        dropped = await _dropped(box)
        rooms = await _rooms(box)
        assert rooms == [f"r{number}" for number in range(2000 - len(rooms), 2000)]
        assert len(rooms) < 50
        assert dropped == {(Stream.PRESENCE, DropReason.FULL): 2000 - len(rooms)}


async def test_what_is_too_old_is_dropped_also_behind_what_has_no_time(tmp_path: Path) -> None:
    clock = FakeClock()
    policies = policy(presence=StreamPolicy(max_age_days=1))
    async with outbox(tmp_path, policies, clock=clock) as box:
        await box.put([presence(1)], None)
        await box.put([presence(2)], wall(clock))
        await clock.advance(DAY_S)
        await box.put([presence(3)], wall(clock))
        assert await _rooms(box) == ["r1", "r2", "r3"]
        await clock.advance(2)
        assert said(await box.next(10, 10_000)) == [presence(1), presence(3)]
        assert await _dropped(box) == {(Stream.PRESENCE, DropReason.AGE): 1}


async def test_nothing_is_too_old_for_a_clock_that_is_not_believed(tmp_path: Path) -> None:
    clock = FakeClock()
    policies = policy(presence=StreamPolicy(max_age_days=1))
    async with outbox(tmp_path, policies, clock=clock) as box:
        await box.put([presence(1)], wall(clock))
    await clock.advance(400 * DAY_S)
    async with outbox(tmp_path, policies, clock=clock, believed=never) as box:
        await box.put([presence(2)], None)
        assert said(await box.next(10, 10_000)) == [presence(1), presence(2)]
        assert await box.drops() == ()
        assert (await box.waiting())[Stream.PRESENCE].oldest_s == 400 * DAY_S
    async with outbox(tmp_path, policies, clock=clock) as box:
        assert said(await box.next(10, 10_000)) == [presence(2)]


async def test_a_drop_is_told_once_by_hour_and_survives_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    policies = policy(presence=REJECTING)
    async with outbox(tmp_path, policies, clock=clock) as box:
        await box.put([presence(0)] * 100, wall(clock))
        await clock.advance(HOUR_S)
        await box.put([presence(0)] * 10, wall(clock))
        size = len((await box.peek(Stream.PRESENCE, 0, 100))[-1].body)
    async with outbox(tmp_path, policies, clock=clock) as box:
        told = await box.drops()
        rows = (await box.waiting())[Stream.PRESENCE].rows
        assert [(one.hour, one.count) for one in told] == [(HOUR, 100 - rows), (HOUR + HOUR_S, 10)]
        assert {(one.stream, one.reason) for one in told} == {(Stream.PRESENCE, DropReason.FULL)}
        assert {one.bytes / one.count for one in told} == {size}
        assert said(await box.peek(Stream.DROPS, 0, 10)) == list(told)
    async with outbox(tmp_path, policies, clock=clock) as box:
        assert await box.drops() == ()
        assert said(await box.peek(Stream.DROPS, 0, 10)) == list(told)


async def test_drops_wait_for_a_clock_to_be_told_with(tmp_path: Path) -> None:
    clock = FakeClock()
    policies = policy(presence=REJECTING)
    async with outbox(tmp_path, policies, clock=clock, believed=never) as box:
        taken = await box.put([presence(0)] * 100, None)
        assert await box.drops() == ()
    await clock.advance(HOUR_S)
    async with outbox(tmp_path, policies, clock=clock) as box:
        (told,) = await box.drops()
        assert (told.hour, told.count) == (HOUR + HOUR_S, taken.count(None))


async def test_drops_are_told_of_a_plausible_hour_where_nothing_keeps_the_clock_right(tmp_path: Path) -> None:
    clock = FakeClock()
    policies = policy(presence=REJECTING)
    async with outbox(tmp_path, policies, clock=clock, believed=never, plausible=always) as box:
        taken = await box.put([presence(0)] * 100, None)
        await clock.advance(HOUR_S)
        (told,) = await box.drops()
        assert (told.hour, told.count) == (HOUR + HOUR_S, taken.count(None))
        (parcel,) = await box.peek(Stream.DROPS, 0, 10)
        assert load(parcel.body).time is None, "nothing grows old by it"
        assert await box.drops() == ()


async def test_what_the_other_end_refuses_is_dropped_and_told(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        ids = [one for one in await box.put([presence(1), energy(1), energy(2)], None) if one is not None]
        await box.settle([ids[1]], {ids[0]: "summary_invalid", ids[1]: "summary_invalid"})
        await box.settle([], {ids[0]: "summary_invalid"})
        assert said(await box.next(10, 10_000)) == [energy(2)]
        assert await _dropped(box) == {(Stream.PRESENCE, DropReason.REFUSED): 1}


@pytest.mark.parametrize("on_full", ["drop_oldest", "reject_new"])
async def test_telling_of_drops_drops_nothing_and_loses_no_count(
    tmp_path: Path, on_full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drops, "_UNTOLD", 20)
    clock = FakeClock()
    tight = StreamPolicy.model_validate({"max_bytes": 10_000, "on_full": on_full})
    async with outbox(tmp_path, policy(presence=REJECTING, drops=tight), clock=clock) as box:
        taken = await box.put([presence(0)] * 100, wall(clock))
        rejected, told = taken.count(None), 0
        for _ in range(100):
            await clock.advance(HOUR_S)
            rejected += (await box.put([presence(0)] * 2, wall(clock))).count(None)
            told += len(await box.drops())
        assert 0 < told < 40
        (untold,) = await box._office.database.run(lambda c: c.execute("SELECT count(*) FROM drops").fetchone())
        assert 0 < untold <= 20
        arrived = 0
        for _ in range(5):
            parcels = await box.next(50, 100_000)
            gone = [one for one in said(parcels) if isinstance(one, Dropped)]
            assert {one.stream for one in gone} <= {Stream.PRESENCE}
            arrived += sum(one.count for one in gone)
            await box.settle([parcel.id for parcel in parcels if parcel.id.stream is Stream.DROPS], {})
            await box.drops()
        assert arrived == rejected


async def test_drops_are_not_told_where_that_stream_is_switched_off(tmp_path: Path) -> None:
    policies = policy(presence=REJECTING, drops=StreamPolicy(enabled=False))
    async with outbox(tmp_path, policies) as box:
        await box.put([presence(0)] * 100, None)
        assert await box.drops() == ()
        assert (await box.waiting())[Stream.DROPS].rows == 0


class AnotherBoot(FakeClock):
    def now(self) -> Stamp:
        return replace(super().now(), boot="another")


async def test_the_age_over_a_boot_needs_two_clocks_that_are_believed(tmp_path: Path) -> None:
    clock = FakeClock()
    async with outbox(tmp_path, clock=clock) as box:
        await box.put([presence(1)], wall(clock))
        await box.put([energy(1)], None)
    later = AnotherBoot(wall(clock) + timedelta(hours=1))
    for believed, age_s in ((always, 3600.0), (never, None)):
        async with outbox(tmp_path, clock=later, believed=believed) as box:
            waiting = await box.waiting()
            assert (waiting[Stream.PRESENCE].oldest_s, waiting[Stream.ENERGY].oldest_s) == (age_s, None)


def test_an_hour_of_a_fake_clock_is_what_the_words_say() -> None:
    assert FakeClock().now().wall == datetime.fromtimestamp(HOUR, tz=FakeClock().now().wall.tzinfo)
