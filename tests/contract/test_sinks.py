"""One suite of promises, kept by the fake and by the real sinks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.flow.board import Board, Counters
from gateway.sinks.device import DeviceKind, DeviceSink, DeviceSpec
from gateway.sinks.notify import LogNotifySink
from gateway.testing.clock import FakeClock
from gateway.testing.conformance_sink import SinkCase, check_sink
from gateway.testing.link import FakeMqttLink
from gateway.testing.sink import RecordingSink
from gateway.types import Notify, Switch

SWITCHES = (Switch(on=True), Switch(on=False))


async def test_the_recording_sink() -> None:
    clock = FakeClock()
    sink = RecordingSink("lamp", clock=clock)
    await check_sink(
        SinkCase(sink=sink, clock=clock, target="lamp", actions=SWITCHES, carried_out=lambda: sink.carried_out)
    )


async def test_the_notifying_sink(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    await check_sink(
        SinkCase(
            sink=LogNotifySink(clock=clock),
            clock=clock,
            target="notify",
            actions=(Notify(title="the door is open"), Notify(title="the door is shut")),
            carried_out=lambda: caplog.records,
        )
    )


async def test_the_device_sink_with_an_answering_device() -> None:
    clock = FakeClock()
    link = FakeMqttLink()
    link.answer("lamp/set", lambda payload: link.inject("lamp/state", payload))
    async with running_sink(link, clock) as sink:
        await check_sink(
            SinkCase(sink=sink, clock=clock, target="lamp", actions=SWITCHES, carried_out=lambda: link.published)
        )
    assert {(p.topic, p.qos, p.retain) for p in link.published} == {("lamp/set", 1, False)}


@asynccontextmanager
async def running_sink(link: FakeMqttLink, clock: FakeClock) -> AsyncIterator[DeviceSink]:
    spec = DeviceSpec(name="lamp", kind=DeviceKind.LAMP, command_topic="lamp/set", state_topic="lamp/state")
    sink = DeviceSink(link, [spec], clock=clock, report=Board().report, counters=Counters())
    listening = asyncio.create_task(sink.run())
    try:
        yield sink
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
