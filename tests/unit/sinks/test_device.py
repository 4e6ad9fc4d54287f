import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.flow.board import Board, Counters
from gateway.sinks.device import DeviceKind, DeviceSink, DeviceSpec
from gateway.testing.clock import FakeClock
from gateway.testing.link import FakeMqttLink
from gateway.types import Action, Command, Origin, Outcome, Quality, Quantity, Reading, SetLevel, Switch, new_id

LAMP = DeviceSpec(
    name="lamp",
    kind=DeviceKind.LAMP,
    command_topic="lamp/set",
    state_topic="lamp/state",
    level_command_topic="lamp/brightness/set",
    level_state_topic="lamp/brightness",
    level_scale=255.0,
    availability_topic="lamp/status",
)
ON, OFF = Switch(on=True), Switch(on=False)


class Bench:
    """A DeviceSink on a fake link and a fake clock."""

    def __init__(self, spec: DeviceSpec = LAMP) -> None:
        self.link = FakeMqttLink()
        self.clock = FakeClock()
        self.board = Board()
        self.counters = Counters()
        self.readings: list[Reading] = []
        self.sink = DeviceSink(
            self.link,
            [spec],
            clock=self.clock,
            report=self.board.report,
            counters=self.counters,
            on_reading=self.readings.append,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Bench"]:
        task = asyncio.create_task(self.sink.run())
        await until(lambda: self.link.inboxes)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def command(self, action: Action = ON, ttl_s: float = 5.0) -> Command:
        now = self.clock.now()
        return Command(
            id=new_id(),
            target="lamp",
            action=action,
            issued=now,
            ttl_s=ttl_s,
            origin=Origin.RULE,
            cause="test",
            trigger=now,
        )

    def climate_command(self, lease_s: float) -> Command:
        return replace(self.command(), origin=Origin.CLIMATE, lease_s=lease_s)

    def begin(self, action: Action = ON, ttl_s: float = 5.0) -> asyncio.Task[Outcome]:
        return asyncio.create_task(self.sink.deliver(self.command(action, ttl_s)))

    @property
    def sent(self) -> list[tuple[str, bytes]]:
        return [(p.topic, p.payload) for p in self.link.published]


async def until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never held")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def told(outcome: Outcome) -> tuple[str, str]:
    return outcome.result.value, outcome.detail


async def test_done_when_the_device_tells_the_wished_state() -> None:
    async with Bench().running() as bench:
        task = bench.begin()
        await until(lambda: bench.sent)
        bench.link.inject("lamp/state", "OFF")
        await settle()
        assert not task.done()
        await bench.clock.advance(0.25)
        bench.link.inject("lamp/state", "ON")
        outcome = await task
    assert told(outcome) == ("done", "")
    assert outcome.took_s == pytest.approx(0.25)
    assert outcome.published is not None
    assert bench.sent == [("lamp/set", b"ON")]


async def test_a_retained_state_answers_nobody() -> None:
    async with Bench().running() as bench:
        task = bench.begin()
        await until(lambda: bench.sent)
        bench.link.inject("lamp/state", "ON", retained=True)
        await settle()
        assert not task.done()
        await bench.clock.advance(5.0)
        assert told(await task) == ("timed_out", "no_answer")


async def test_a_mute_device_times_out_within_what_is_left_of_the_ttl() -> None:
    async with Bench().running() as bench:
        command = bench.command(ttl_s=5.0)
        await bench.clock.advance(4.0)
        task = asyncio.create_task(bench.sink.deliver(command))
        await until(lambda: bench.sent)
        await settle()
        await bench.clock.advance(1.0)
        outcome = await task
    assert told(outcome) == ("timed_out", "no_answer")
    assert outcome.took_s == pytest.approx(1.0)
    assert bench.board.all()["device/lamp"].key == "device_silent"


async def test_a_broker_that_does_not_acknowledge_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stalled(topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None:
        await asyncio.Event().wait()

    async with Bench().running() as bench:
        monkeypatch.setattr(bench.link, "publish", stalled)
        task = bench.begin()
        await settle()
        await bench.clock.advance(5.0)
        outcome = await task
    assert (told(outcome), outcome.published) == (("timed_out", "broker_silent"), None)


async def test_unreachable_without_a_broker_and_nothing_is_kept_for_later() -> None:
    async with Bench().running() as bench:
        bench.link.connected = False
        command = bench.command()
        assert told(await bench.sink.deliver(command)) == ("unreachable", "broker_unreachable")
        assert bench.sent == []
        bench.link.connected = True
        bench.link.answer("lamp/set", lambda payload: bench.link.inject("lamp/state", payload))
        assert told(await bench.sink.deliver(command)) == ("done", "")


@pytest.mark.parametrize("retained", [True, False])
async def test_unreachable_when_the_device_is_known_to_be_offline(retained: bool) -> None:
    async with Bench().running() as bench:
        bench.link.inject("lamp/status", "offline", retained=retained)
        await until(lambda: "device/lamp" in bench.board.all())
        assert bench.board.all()["device/lamp"].key == "device_offline"
        outcome = await bench.begin()
        assert (told(outcome), outcome.published, bench.sent) == (("unreachable", "device_offline"), None, [])
        bench.link.inject("lamp/status", "online")
        bench.link.answer("lamp/set", lambda payload: bench.link.inject("lamp/state", payload))
        await settle()
        assert told(await bench.begin()) == ("done", "")


async def test_a_device_that_vanishes_meanwhile_ends_the_wait() -> None:
    async with Bench().running() as bench:
        task = bench.begin()
        await until(lambda: bench.sent)
        bench.link.inject("lamp/status", "offline")
        assert told(await task) == ("unreachable", "device_offline")


async def test_a_newer_wish_goes_out_at_once_and_ends_the_older_one() -> None:
    async with Bench().running() as bench:
        older, newer = bench.begin(ON), bench.begin(OFF)
        await until(lambda: len(bench.sent) == 2)
        assert bench.sent == [("lamp/set", b"ON"), ("lamp/set", b"OFF")]
        bench.link.inject("lamp/state", "OFF")
        assert told(await older) == ("timed_out", "superseded")
        assert told(await newer) == ("done", "")


async def test_a_switch_does_not_supersede_a_level() -> None:
    async with Bench().running() as bench:
        level, switch = bench.begin(SetLevel(level_pct=50.0)), bench.begin(ON)
        await until(lambda: len(bench.sent) == 2)
        bench.link.inject("lamp/state", "ON")
        assert told(await switch) == ("done", "")
        assert not level.done()
        bench.link.inject("lamp/brightness", "128")
        assert told(await level) == ("done", "")
    assert bench.sent[0] == ("lamp/brightness/set", b"128")


async def test_a_device_without_echo_is_already_there_only_when_it_said_so() -> None:
    spec = DeviceSpec(name="lamp", kind=DeviceKind.LAMP, command_topic="lamp/set", state_topic="lamp/state", echo=False)
    async with Bench(spec).running() as bench:
        unknown = bench.begin(ON)
        await until(lambda: bench.sent)
        await settle()
        await bench.clock.advance(5.0)
        assert told(await unknown) == ("timed_out", "no_answer")
        bench.link.inject("lamp/state", "ON", retained=True)
        await settle()
        assert told(await bench.begin(ON)) == ("done", "already")
    assert len(bench.sent) == 2


async def test_a_device_that_never_answers_is_unconfirmed() -> None:
    async with Bench(DeviceSpec(name="lamp", kind=DeviceKind.SWITCH, command_topic="c")).running() as bench:
        assert told(await bench.begin()) == ("done", "unconfirmed")


@pytest.mark.parametrize("level_pct", [-1.0, 100.1, float("nan")])
async def test_a_level_out_of_range_is_refused(level_pct: float) -> None:
    async with Bench().running() as bench:
        assert told(await bench.begin(SetLevel(level_pct=level_pct))) == ("refused", "level_out_of_range")
    assert bench.sent == []


async def test_a_switch_that_cannot_dim_does_not_accept_a_level() -> None:
    bench = Bench(DeviceSpec(name="lamp", kind=DeviceKind.SWITCH, command_topic="c"))
    command = bench.command(SetLevel(level_pct=10.0))
    assert not bench.sink.accepts(command)
    assert told(await bench.sink.deliver(command)) == ("refused", "action_not_supported")


async def test_a_time_to_live_that_is_no_number_is_expired() -> None:
    async with Bench().running() as bench:
        assert told(await bench.begin(ttl_s=float("nan"))) == ("refused", "expired")


async def test_states_are_offered_as_readings_and_nonsense_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with Bench().running() as bench:
            bench.link.inject("lamp/state", "ON", retained=True)
            for nonsense in (b"\xff", b"perhaps", b"perhaps", b"x" * 100_000):
                bench.link.inject("lamp/state", nonsense)
            bench.link.inject("lamp/state", "OFF")
            await until(lambda: len(bench.readings) == 2)
    assert [(r.device, r.quantity, r.value, r.quality) for r in bench.readings] == [
        ("lamp", Quantity.SWITCH, 1.0, Quality.STALE),
        ("lamp", Quantity.SWITCH, 0.0, Quality.GOOD),
    ]
    assert bench.counters.all() == {
        "device.invalid.payload_not_utf8": 1,
        "device.invalid.not_a_boolean": 2,
        "device.invalid.payload_too_large": 1,
    }
    assert len(caplog.records) == 3


async def test_json_states_of_a_tasmota_relay_and_what_they_leave_out() -> None:
    spec = DeviceSpec(
        name="lamp",
        kind=DeviceKind.SWITCH,
        command_topic="cmnd/plug/POWER",
        state_topic="stat/plug/RESULT",
        state_path="POWER",
        availability_topic="tele/plug/LWT",
        available_payload="Online",
        unavailable_payload="Offline",
    )
    async with Bench(spec).running() as bench:
        bench.link.inject("tele/plug/LWT", "Online", retained=True)
        task = bench.begin()
        await until(lambda: bench.sent)
        bench.link.inject("stat/plug/RESULT", '{"Dimmer":40}')
        bench.link.inject("stat/plug/RESULT", '{"POWER":"ON"}')
        assert told(await task) == ("done", "")
    assert bench.counters.all() == {}


async def test_a_cancelled_delivery_is_not_carried_out_again() -> None:
    async with Bench().running() as bench:
        command = bench.command()
        task = asyncio.create_task(bench.sink.deliver(command))
        await until(lambda: bench.sent)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert told(await bench.sink.deliver(command)) == ("timed_out", "interrupted")
    assert len(bench.sent) == 1
