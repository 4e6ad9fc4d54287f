"""In at one end, out at the other, and gone only when somebody said so."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

from gateway.config.uplink import StreamPolicy, Uplink
from gateway.store.outbox.leaving import Waiting
from gateway.testing.clock import FakeClock
from gateway.testing.conformance_outbox import check_outbox
from gateway.wire.envelope import ParcelId, load
from gateway.wire.summary import Stream
from tests.unit.store.outbox.words import GATEWAY, device, energy, outbox, policy, presence, said, wall


async def test_what_was_put_comes_out_as_an_envelope_and_stays(tmp_path: Path) -> None:
    clock = FakeClock()
    async with outbox(tmp_path, clock=clock) as box:
        ids = await box.put([presence(1), energy(2)], wall(clock))
        parcels = await box.next(10, 10_000)
        assert await box.next(10, 10_000) == parcels
        epoch = box.epoch
    assert set(ids) == {parcel.id for parcel in parcels}
    assert ids[0] == ParcelId(gateway=GATEWAY, stream=Stream.PRESENCE, epoch=epoch, seq=1)
    for parcel in parcels:
        envelope = load(parcel.body)
        assert (envelope.id, envelope.time) == (parcel.id, wall(clock))


async def test_a_stream_leaves_in_its_order_and_the_most_important_stream_first(tmp_path: Path) -> None:
    policies = policy(energy=StreamPolicy(priority=0), devices=StreamPolicy(priority=9))
    async with outbox(tmp_path, policies) as box:
        for number in range(3):
            await box.put([device(number), presence(number), energy(number)], None)
        out = said(await box.next(100, 100_000))
    assert out == [*map(energy, range(3)), *map(presence, range(3)), *map(device, range(3))]


async def test_no_more_is_given_than_asked_for_and_at_least_one(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(1), presence(2), energy(3)], None)
        every = await box.next(3, 100_000)
        sizes = [len(parcel.body) for parcel in every]
        assert await box.next(2, 100_000) == every[:2]
        assert await box.next(3, sizes[0] + sizes[1]) == every[:2]
        assert await box.next(3, sizes[0] + sizes[1] - 1) == every[:1]
        assert await box.next(3, 1) == every[:1]


async def test_only_what_is_settled_is_taken_off_and_once_is_enough(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        ids = await box.put([presence(number) for number in range(6)], None)
        kept = [one for one in ids if one is not None]
        await box.settle(kept[1:3], {})
        await box.settle([*kept[1:3], kept[4], kept[4]], {})
        assert said(await box.next(10, 100_000)) == [presence(0), presence(3), presence(5)]
        waiting = (await box.waiting())[Stream.PRESENCE]
        assert waiting.rows == 3
        assert waiting.bytes == sum(len(parcel.body) for parcel in await box.next(10, 100_000))
        assert await box.drops() == ()


async def test_the_receipts_of_others_change_nothing(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(1)], None)
        mine = ParcelId(gateway=GATEWAY, stream=Stream.PRESENCE, epoch=box.epoch, seq=1)
        neighbours = ParcelId(gateway="other", stream=mine.stream, epoch=mine.epoch, seq=1)
        former = ParcelId(gateway=GATEWAY, stream=mine.stream, epoch=mine.epoch - 1, seq=1)
        unborn = ParcelId(gateway=GATEWAY, stream=mine.stream, epoch=mine.epoch, seq=2)
        await box.settle([neighbours, former, unborn], {neighbours: "wrong", former: "wrong", unborn: "wrong"})
        assert [parcel.id for parcel in await box.next(10, 10_000)] == [mine]
        assert await box.drops() == ()


async def test_a_restart_keeps_rows_and_epoch_and_no_number_comes_twice(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        first = await box.put([presence(1), presence(2)], None)
        await box.settle([one for one in first if one is not None], {})
        epoch = box.epoch
    async with outbox(tmp_path) as box:
        assert box.epoch == epoch
        (second,) = await box.put([presence(3)], None)
        assert second is not None
        assert second.seq == 3
        assert said(await box.next(10, 10_000)) == [presence(3)]


async def test_a_page_can_look_at_what_waits(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(number) for number in range(5)], None)
        (first, second) = await box.peek(Stream.PRESENCE, 0, 2)
        assert said(await box.peek(Stream.PRESENCE, second.id.seq, 2)) == [presence(2), presence(3)]
        assert (first, second) == (await box.next(2, 10_000))
        assert await box.peek(Stream.ENERGY, 0, 2) == ()


async def test_a_stream_that_is_switched_off_neither_takes_nor_gives(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(1), energy(1)], None)
    async with outbox(tmp_path, policy(presence=StreamPolicy(enabled=False))) as box:
        ids = await box.put([presence(2), energy(2)], None)
        assert ids[0] is None
        assert said(await box.next(10, 10_000)) == [energy(1), energy(2)]
        assert await box.drops() == ()


async def test_somebody_is_told_that_something_came_in(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        waiting = asyncio.create_task(box.arrived())
        await asyncio.sleep(0)
        assert not waiting.done()
        await box.put([presence(1)], None)
        await waiting
        again = asyncio.create_task(box.arrived())
        await asyncio.sleep(0)
        assert not again.done()
        again.cancel()


async def test_the_age_of_the_oldest_is_told_within_a_boot_without_any_clock(tmp_path: Path) -> None:
    clock = FakeClock()
    async with outbox(tmp_path, clock=clock, believed=lambda _wall: None) as box:
        assert (await box.waiting())[Stream.PRESENCE] == Waiting()
        ids = await box.put([presence(1)], None)
        await clock.advance(90)
        await box.put([presence(2)], None)
        await clock.advance(10)
        assert (await box.waiting())[Stream.PRESENCE].oldest_s == 100
        await box.settle([one for one in ids if one is not None], {})
        assert (await box.waiting())[Stream.PRESENCE].oldest_s == 10


async def test_what_was_put_under_a_name_is_not_put_again_after_a_restart_either(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        (first,) = await box.put([presence(1)], None, once="hour/1")
        assert first is not None
        assert await box.put([presence(1), presence(2)], None, once="hour/1") == (None, None)
    async with outbox(tmp_path) as box:
        assert await box.put([presence(1)], None, once="hour/1") == (None,)
        for number in range(2, 102):
            assert None not in await box.put([presence(number)], None, once=f"hour/{number}")
        assert len(await box.next(1000, 10**6)) == 101
        assert await box.drops() == ()
        names = await box._office.database.run(lambda c: c.execute("SELECT count(*) FROM once").fetchone())
    assert names == (100,)


async def test_a_gateway_that_was_renamed_sends_what_waited_under_its_new_name(tmp_path: Path) -> None:
    clock = FakeClock()
    async with outbox(tmp_path, clock=clock) as box:
        await box.put([presence(1)], wall(clock))
    async with outbox(tmp_path, clock=clock, gateway="cottage") as box:
        (parcel,) = await box.next(10, 10_000)
        envelope = load(parcel.body)
        assert (parcel.id.gateway, envelope.id, envelope.time) == ("cottage", parcel.id, wall(clock))
        assert envelope.data == presence(1)
        assert await box.peek(Stream.PRESENCE, 0, 1) == (parcel,)
        await box.settle([parcel.id], {})
        assert await box.next(10, 10_000) == ()


async def test_what_is_put_while_others_look_is_on_the_disk_before_it_is_given(tmp_path: Path) -> None:
    """Also where no fsync was asked for, and both happen at once."""
    relaxed = policy(presence=StreamPolicy(durability="normal"))
    async with outbox(tmp_path, relaxed) as box:
        await box.next(1, 1)
        done: list[str] = []
        await box._office.database.run(lambda c: c.set_trace_callback(done.append))
        put = asyncio.create_task(box.put([presence(1)], None))
        looks = [asyncio.create_task(box.next(10, 10_000)) for _ in range(2)]
        given = await asyncio.gather(*looks)
        await put
        await box._office.database.run(lambda c: c.set_trace_callback(None))
    assert given == [given[0]] * 2
    assert said(given[0]) == [presence(1)]
    (written,) = [at for at, told in enumerate(done) if told.startswith("INSERT INTO parcels")]
    synced = [at for at, told in enumerate(done) if told.startswith("UPDATE life") and at > written]
    assert synced
    levels = [told for told in done[: synced[0]] if told.startswith("PRAGMA synchronous")]
    assert levels[-1] == "PRAGMA synchronous = FULL"


async def test_nothing_that_is_done_looks_at_every_row(tmp_path: Path) -> None:
    clock = FakeClock()
    done: list[str] = []
    small = policy(presence=StreamPolicy(max_bytes=10_000, max_age_days=1))
    async with outbox(tmp_path, small, clock=clock) as box:
        await box._office.database.run(lambda c: c.set_trace_callback(done.append))
        await box.put([presence(number) for number in range(100)], wall(clock))
        parcels = await box.next(10, 10_000)
        await box.settle([parcel.id for parcel in parcels[::2]], {parcels[1].id: "summary_invalid"})
        await clock.advance(100_000)
        await box.next(10, 10_000)
        await box.waiting()
        await box.peek(Stream.PRESENCE, 1, 10)
        await box.drops()
        await box._office.database.run(lambda c: c.set_trace_callback(None))
        asked = {told for told in done if "parcels" in told}
        plans = {told: await box._office.database.run(partial(_plan, told)) for told in asked}
    assert any(told.startswith("DELETE") for told in plans)
    assert any("parcels_by_time" in plan for plan in plans.values())
    assert [told for told, plan in plans.items() if "SCAN" in plan or "B-TREE" in plan] == []


def _plan(statement: str, connection: sqlite3.Connection) -> str:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    return "; ".join(detail for *_, detail in rows)


async def test_it_keeps_the_promises_that_the_drain_relies_on(tmp_path: Path) -> None:
    async with outbox(tmp_path, Uplink().policy) as box:
        await check_outbox(box)


async def test_many_callers_at_once_each_get_their_own_numbers(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        given = await asyncio.gather(*(box.put([presence(number)], None) for number in range(3000)))
        ids = [one for (one,) in given if one is not None]
        assert sorted(one.seq for one in ids) == list(range(1, 3001))
        by_id = {parcel.id: load(parcel.body).data for parcel in await box.next(3000, 10**9)}
        assert by_id == {one: presence(number) for number, one in enumerate(ids)}
