"""Sensors and devices end to end: our link, source and sink, a real Mosquitto, a simulated room as a real process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.flow.supervise import Backoff
from gateway.links.mqtt import MqttLink
from gateway.sinks.device import DeviceKind, DeviceSink, DeviceSpec
from gateway.sources.mqtt_sensors import MqttSensorSource, SensorSpec
from gateway.testing.conformance_sink import SinkCase, check_sink
from gateway.types import Action, Command, Origin, Outcome, Quality, Quantity, Reading, SetLevel, Stamp, Switch, new_id
from tests.integration.mosquitto import Mosquitto
from tests.services.simhouse.bench import simhouse

pytestmark = pytest.mark.integration

ROOM = "simhouse/hall"
LAMP = DeviceSpec(
    name="lamp",
    kind=DeviceKind.LAMP,
    command_topic=f"{ROOM}/lamp/set",
    state_topic=f"{ROOM}/lamp/state",
    level_command_topic=f"{ROOM}/lamp/brightness/set",
    level_state_topic=f"{ROOM}/lamp/brightness/state",
    level_scale=255.0,
    availability_topic=f"{ROOM}/status",
)
HEATER = DeviceSpec(
    name="heater",
    kind=DeviceKind.HEATER,
    command_topic=f"{ROOM}/heater/set",
    state_topic=f"{ROOM}/heater/state",
    availability_topic=f"{ROOM}/status",
)
SENSORS = (
    SensorSpec(
        device="hall",
        quantity=Quantity.TEMPERATURE,
        topic=f"{ROOM}/temperature/state",
        json_path="temperature",
        unit="°C",
        max_age_s=3.0,
    ),
    SensorSpec(device="heater", quantity=Quantity.POWER, topic=f"{ROOM}/heater/power", unit="W"),
    SensorSpec(device="door", quantity=Quantity.CONTACT, topic=f"{ROOM}/door/state"),
)


class Gateway:
    """The part of the gateway that talks to devices."""

    def __init__(self, broker: Mosquitto) -> None:
        self.clock = SystemClock()
        self.board = Board()
        self.counters = Counters()
        self.switched: list[Reading] = []
        self.readings: list[Reading] = []
        self.link = MqttLink(
            host="127.0.0.1",
            port=broker.port,
            identity="hearthgate-test",
            will=None,
            username=broker.username,
            password=broker.password,
            clock=self.clock,
            report=self.board.report,
            counters=self.counters,
            backoff=Backoff(first_s=0.1, most_s=0.5),
        )
        self.sink = DeviceSink(
            self.link,
            [LAMP, HEATER],
            clock=self.clock,
            report=self.board.report,
            counters=self.counters,
            on_reading=self.switched.append,
        )
        self.source = MqttSensorSource(
            self.link, SENSORS, clock=self.clock, report=self.board.report, counters=self.counters, tick_s=0.2
        )

    async def _sense(self) -> None:
        async with aclosing(self.source.stream()) as stream:
            async for reading in stream:
                self.readings.append(reading)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Gateway"]:
        tasks = [asyncio.create_task(work) for work in (self.link.run(), self.sink.run(), self._sense())]
        try:
            await asyncio.wait_for(self.link.wait_connected(), 20)
            yield self
        finally:
            await self.link.close()
            await asyncio.wait_for(tasks[0], 20)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def send(self, action: Action, target: str = "lamp", ttl_s: float = 10.0) -> Outcome:
        now = Stamp.now()
        return await self.sink.deliver(
            Command(
                id=new_id(),
                target=target,
                action=action,
                issued=now,
                ttl_s=ttl_s,
                origin=Origin.RULE,
                cause="test",
                trigger=now,
            )
        )

    def state(self, part: str) -> str | None:
        states = self.board.all()
        return states[part].key if part in states else None

    def last(self, quantity: Quantity) -> Reading | None:
        return next((r for r in reversed(self.readings) if r.quantity is quantity), None)


async def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Polls: what is waited for is told by several parts at once."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def house(directory: Path, *extra: str) -> AsyncIterator[tuple[Gateway, Mosquitto, asyncio.subprocess.Process]]:
    """Broker, simulated room and gateway, all up and aware of each other."""
    broker = Mosquitto(directory)
    await asyncio.to_thread(broker.start)
    try:
        async with simhouse(broker, directory, *extra) as process, Gateway(broker).running() as gateway:
            await until(lambda: gateway.state("device/lamp") == "running")
            yield gateway, broker, process
    finally:
        await asyncio.to_thread(broker.kill)


async def test_the_device_sink_keeps_every_promise_of_a_sink(tmp_path: Path) -> None:
    async with house(tmp_path) as (gateway, _, _):
        await check_sink(
            SinkCase(
                sink=gateway.sink,
                clock=gateway.clock,
                target="lamp",
                actions=(Switch(on=True), Switch(on=False)),
                carried_out=lambda: range(gateway.counters.get("mqtt.published")),
                ttl_s=10.0,
            )
        )


async def test_commands_change_the_room_and_the_sensors_see_it(tmp_path: Path) -> None:
    async with house(tmp_path, "--speed", "600") as (gateway, _, _):
        assert (await gateway.send(SetLevel(level_pct=40.0))).result == "done"
        assert (await gateway.send(Switch(on=True), "heater")).result == "done"
        await until(lambda: (power := gateway.last(Quantity.POWER)) and power.value == 1500.0)
        await until(lambda: (air := gateway.last(Quantity.TEMPERATURE)) and air.value > 21.0)
        warm = gateway.last(Quantity.TEMPERATURE)
        assert warm is not None
        assert (warm.unit, warm.quality) == ("degC", Quality.GOOD)
        await gateway.link.publish(f"{ROOM}/door/set", "ON")
        await until(lambda: (door := gateway.last(Quantity.CONTACT)) and door.value == 1.0)
        assert [r.value for r in gateway.switched if r.device == "heater"][-1] == 1.0


async def test_a_mute_lamp_times_out_and_the_heater_beside_it_answers(tmp_path: Path) -> None:
    async with house(tmp_path, "--mute", "lamp") as (gateway, _, _):
        lamp, heater = await asyncio.gather(
            gateway.send(Switch(on=True), ttl_s=1.0), gateway.send(Switch(on=True), "heater")
        )
        assert (lamp.result, lamp.detail) == ("timed_out", "no_answer")
        assert lamp.published is not None
        assert gateway.state("device/lamp") == "device_silent"
        assert heater.result == "done"


async def test_a_house_that_dies_is_unreachable_until_it_is_back(tmp_path: Path) -> None:
    async with house(tmp_path) as (gateway, broker, process):
        await until(lambda: gateway.last(Quantity.TEMPERATURE) is not None)
        process.kill()
        await until(lambda: gateway.state("device/lamp") == "device_offline")
        outcome = await gateway.send(Switch(on=True))
        assert (outcome.result, outcome.detail, outcome.published) == ("unreachable", "device_offline", None)
        await until(lambda: gateway.state("sensor/hall/temperature") == "sensor_silent")
        stale = gateway.last(Quantity.TEMPERATURE)
        assert stale is not None
        assert stale.quality is Quality.STALE
        async with simhouse(broker, tmp_path):
            await until(lambda: gateway.state("device/lamp") == "running")
            assert (await gateway.send(Switch(on=True))).result == "done"
            await until(lambda: gateway.state("sensor/hall/temperature") == "running")


async def test_a_broker_that_dies_is_unreachable_until_it_is_back(tmp_path: Path) -> None:
    async with house(tmp_path) as (gateway, broker, _):
        await asyncio.to_thread(broker.kill)
        await until(lambda: not gateway.link.connected)
        outcome = await gateway.send(Switch(on=True))
        assert (outcome.result, outcome.detail) == ("unreachable", "broker_unreachable")
        await asyncio.to_thread(broker.start)
        await until(lambda: gateway.link.connected)
        heard = len(gateway.switched)
        await until(lambda: len(gateway.switched) > heard)
        assert (await gateway.send(Switch(on=True))).result == "done"


async def test_nonsense_from_a_sensor_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path, "--nonsense", "temperature") as (gateway, _, _):
        reasons = ("payload_not_utf8", "payload_not_json", "not_finite", "not_a_number", "wrong_type", "payload_empty")
        await until(lambda: all(gateway.counters.get(f"sensor.invalid.{reason}") for reason in reasons))
        await until(lambda: gateway.counters.get("mqtt.oversized"))
        assert (await gateway.send(Switch(on=True))).result == "done"
        assert gateway.last(Quantity.TEMPERATURE) is None
        assert gateway.last(Quantity.POWER) is not None
