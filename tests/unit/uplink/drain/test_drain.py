"""The drain: everything leaves once there is a way out, most important first, and never faster than it may."""

import asyncio

import pytest

from gateway.errors import Refused, Transient
from gateway.seams import Parcel
from gateway.testing.clock import FakeClock
from gateway.testing.outbox import MemoryOutbox
from gateway.testing.transport import MemoryTransport
from gateway.types import Level
from gateway.wire.summary import Stream
from tests.unit.uplink.support import Bench, devices, presence, until


async def test_what_waits_leaves_in_batches_and_what_comes_later_too() -> None:
    transport = MemoryTransport()
    bench = Bench(transport, batch=10)
    await bench.box.put(devices(25), None)
    async with bench.running():
        await until(lambda: len(bench.box.kept) == 25)
        assert transport.batches == [10, 10, 5]
        await bench.box.put(devices(1, start=25), None)
        await until(lambda: len(bench.box.kept) == 26)
        assert bench.state.level is Level.OK
    assert [parcel.id.seq for parcel in transport.arrived] == list(range(1, 27))
    assert bench.keys == ["connecting", "running", "closed"]
    counted = {name: bench.counters.get(f"uplink.{name}") for name in ("sent", "kept", "resent", "refused")}
    assert counted == {"sent": 26, "kept": 26, "resent": 0, "refused": 0}
    assert bench.counters.get("uplink.bytes") == sum(len(parcel.body) for parcel in transport.arrived)


async def test_the_first_of_a_batch_waits_for_company_but_not_for_ever() -> None:
    clock, transport = FakeClock(), MemoryTransport()
    bench = Bench(transport, clock, batch=3, batch_s=5)
    async with bench.running():
        await until(lambda: bench.state.key == "running")
        await bench.box.put(devices(1), None)
        await until(lambda: clock.slept)
        await bench.box.put(devices(1), None)
        assert transport.arrived == []
        await clock.advance(5)
        await until(lambda: transport.batches == [2])
        clock.slept.clear()
        await bench.box.put(devices(1), None)
        await until(lambda: clock.slept)
        await bench.box.put(devices(2), None)
        await until(lambda: transport.batches == [2, 3], lambda: transport.batches)


async def test_the_most_important_leaves_first_after_an_outage() -> None:
    transport = MemoryTransport(broken=Transient("uplink_dns"))
    bench = Bench(transport, batch=5)
    bench.box = MemoryOutbox(priority={Stream.PRESENCE: 1})
    bench.drain._box = bench.box
    async with bench.running():
        await until(lambda: "uplink_dns" in bench.keys)
        assert bench.state.level is Level.DEGRADED
        await bench.box.put([*devices(5), *presence(5)], None)
        transport.broken = None
        await until(lambda: len(bench.box.kept) == 10)
    assert [parcel.id.stream for parcel in transport.arrived] == [Stream.PRESENCE] * 5 + [Stream.DEVICES] * 5


async def test_the_bandwidth_is_kept_over_any_time_longer_than_a_second() -> None:
    clock = FakeClock(auto=True)
    transport = MemoryTransport()
    bench = Bench(transport, clock, bandwidth_kbit_s=16.0, batch=100, batch_s=0)  # 2000 bytes/s
    began = clock.now()
    await bench.box.put(devices(200), None)
    async with bench.running():
        await until(lambda: len(bench.box.kept) == 200)
        took_s = clock.now().seconds_since(began)
    sent = bench.counters.get("uplink.bytes")
    assert sent / 2000 - 2.0 <= took_s <= sent / 2000 + 1.0
    assert max(transport.batches) < 15, "no burst of more than a second"


async def test_a_cloud_takes_so_many_messages_a_second_and_no_more() -> None:
    clock = FakeClock(auto=True)
    bench = Bench(MemoryTransport(), clock, profile="aws", batch=1000, batch_s=0)
    began = clock.now()
    await bench.box.put(devices(450), None)
    async with bench.running():
        await until(lambda: len(bench.box.kept) == 450)
        assert 450 / 100 - 2 < clock.now().seconds_since(began) < 450 / 90


async def test_without_an_acknowledgement_the_connection_is_made_anew_and_all_is_sent_again() -> None:
    transport = MemoryTransport()
    transport.mute = True
    bench = Bench(transport, batch=10)
    await bench.box.put(devices(10), None)
    async with bench.running():
        await until(lambda: transport.opened >= 3)
        assert "uplink_stalled" in bench.keys
        assert not bench.box.kept
        transport.mute = False
        await until(lambda: len(bench.box.kept) == 10)
        await until(lambda: bench.state.key == "running")
    assert bench.counters.get("uplink.resent") >= 20
    assert bench.counters.get("uplink.kept") == 10


async def test_a_connection_lost_while_nothing_waits_is_made_anew() -> None:
    transport = MemoryTransport()
    bench = Bench(transport)
    async with bench.running():
        await until(lambda: bench.state.key == "running")
        transport.lose()
        await until(lambda: transport.opened == 2)
        await until(lambda: bench.state.key == "running")
    assert "uplink_unreachable" in bench.keys


async def test_a_refusal_is_told_and_tried_again_much_later() -> None:
    clock = FakeClock(auto=True)
    transport = MemoryTransport(broken=Refused("uplink_refused"))
    bench = Bench(transport, clock)
    async with bench.running():
        await until(lambda: bench.keys.count("uplink_refused"))
        assert bench.state.level is Level.DOWN
        transport.broken = None
        await until(lambda: bench.state.key == "running")
    assert 0.1 in clock.slept


async def test_what_the_hub_never_takes_is_given_up_and_does_not_stop_the_rest() -> None:
    box = MemoryOutbox()
    bad, *_ = await box.put(devices(5), None)
    assert bad is not None
    bench = Bench(MemoryTransport(refuses=[bad]))
    bench.drain._box = bench.box = box
    async with bench.running():
        await until(lambda: not len(box))
    assert box.refused == {bad: "summary_invalid"}
    assert len(box.kept) == 4
    assert bench.counters.get("uplink.refused") == 1


async def test_at_the_end_what_waits_is_sent_without_waiting_for_company() -> None:
    clock, transport = FakeClock(), MemoryTransport()
    bench = Bench(transport, clock, batch=10, batch_s=3600)
    async with bench.running():
        await until(lambda: bench.state.key == "running")
        await bench.box.put(devices(3), None)
        await until(lambda: clock.slept)
    assert len(bench.box.kept) == 3


@pytest.mark.parametrize("broken", [Transient("uplink_dns"), Refused("uplink_refused")])
async def test_without_a_way_out_the_end_comes_at_once(broken: Transient | Refused) -> None:
    bench = Bench(MemoryTransport(broken=broken), FakeClock())
    await bench.box.put(devices(3), None)
    async with bench.running():
        await until(lambda: broken.key in bench.keys)
    assert len(bench.box) == 3


async def test_a_second_gateway_under_our_id_is_told_while_everything_goes_on() -> None:
    transport = MemoryTransport()
    bench = Bench(transport)
    async with bench.running():
        await until(lambda: bench.state.key == "running")
        bench.drain.noticed("uplink_duplicate")
        await bench.box.put(devices(3), None)
        await until(lambda: len(bench.box.kept) == 3)
        assert (bench.state.level, bench.state.key) == (Level.DEGRADED, "uplink_duplicate")


async def test_a_bug_goes_through() -> None:
    bench = Bench(MemoryTransport())

    async def broken(limit: int, most_bytes: int) -> tuple[Parcel, ...]:
        raise ValueError("a bug")

    bench.box.next = broken  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="a bug"):
        await bench.drain.run()


async def test_it_beats_while_it_waits() -> None:
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    bench = Bench(MemoryTransport())
    task = asyncio.create_task(bench.drain.run(beat))
    await until(lambda: beats >= 2)
    bench.drain.end()
    await task
