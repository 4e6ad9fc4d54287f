"""A heater lets go by itself: each way of telling it so, as it goes on the wire."""

import json

import pytest

from gateway.config.devices import Lease
from gateway.sinks.device_spec import DeviceKind, DeviceSpec
from gateway.sinks.device_wish import wish_of
from gateway.types import SetLevel, SetTemperature, Switch
from tests.unit.sinks.test_device import Bench, told, until

TASMOTA = Lease(kind="tasmota_pulsetime")
ON, OFF = Switch(on=True), Switch(on=False)


def heater(lease: Lease | None, topic: str = "cmnd/heater/POWER", on: str = "ON") -> DeviceSpec:
    return DeviceSpec(name="heater", kind=DeviceKind.HEATER, command_topic=topic, on_payload=on, lease=lease)


@pytest.mark.parametrize(
    ("topic", "lease_s", "before"),
    [
        ("cmnd/heater/POWER", 900.0, ("cmnd/heater/PulseTime", "1000")),
        ("cmnd/heater/Power2", 299.2, ("cmnd/heater/PulseTime2", "400")),
        ("cmnd/heater/POWER", 5.0, ("cmnd/heater/PulseTime", "112")),
    ],
)
def test_tasmota_counts_its_pulse_from_a_hundred(topic: str, lease_s: float, before: tuple[str, str]) -> None:
    assert wish_of(heater(TASMOTA, topic), ON, lease_s).before == before


@pytest.mark.parametrize("on", ["ON", '{"state": "ON"}'])
def test_zigbee2mqtt_is_told_within_the_command(on: str) -> None:
    spec = heater(Lease(kind="zigbee_on_time"), "zigbee2mqtt/heater/set", on)
    wish = wish_of(spec, ON, 300.0)
    assert json.loads(wish.payload) == {"state": "ON", "on_time": 300, "off_wait_time": 0}
    assert (wish.before, wish_of(spec, OFF, 300.0).payload, wish_of(spec, ON).payload) == (None, "OFF", on)


def test_any_topic_can_take_the_seconds_before_a_valve_opens() -> None:
    lease = Lease(kind="topic", topic="valve/hold", payload='{"s": {seconds}}')
    spec = DeviceSpec(
        name="valve", kind=DeviceKind.HEATER, command_topic="v/set", level_command_topic="v/level", lease=lease
    )
    wish = wish_of(spec, SetLevel(level_pct=40.0), 899.5)
    assert (wish.before, wish.topic, wish.payload) == (("valve/hold", '{"s": 900}'), "v/level", "40")


def test_a_flow_temperature_in_the_words_of_the_opentherm_gateway() -> None:
    spec = DeviceSpec(
        name="boiler",
        kind=DeviceKind.HEATER,
        command_topic="otgw/ch",
        temperature_command_topic="otgw/command",
        temperature_payload="CS={temp_c}",
        lease=Lease(kind="otgw"),
    )
    wish = wish_of(spec, SetTemperature(temp_c=45.25), 60.0)
    assert (wish.topic, wish.payload, wish.before) == ("otgw/command", "CS=45.2", None)


async def test_the_lease_is_sent_before_the_command() -> None:
    bench = Bench(DeviceSpec(name="lamp", kind=DeviceKind.HEATER, command_topic="cmnd/h/POWER", lease=TASMOTA))
    command = bench.climate_command(lease_s=900.0)
    assert told(await bench.sink.deliver(command)) == ("done", "unconfirmed")
    assert bench.sent == [("cmnd/h/PulseTime", b"1000"), ("cmnd/h/POWER", b"ON")]


async def test_only_climate_control_commands_what_it_drives() -> None:
    bench = Bench(DeviceSpec(name="lamp", kind=DeviceKind.HEATER, command_topic="h/set", reserved=True))
    assert told(await bench.sink.deliver(bench.command())) == ("refused", "device_reserved")
    assert bench.sent == []
    assert told(await bench.sink.deliver(bench.climate_command(lease_s=900.0))) == ("done", "unconfirmed")
    await until(lambda: bench.sent == [("h/set", b"ON")])
