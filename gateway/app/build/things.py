"""Devices and sensors: what is heard and what is switched."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields

from gateway.app.build.base import Base
from gateway.app.commander import Commander
from gateway.config.devices import Device
from gateway.config.settings import Settings
from gateway.errors import Invalid
from gateway.flow.board import Board
from gateway.links.mqtt import MqttLink
from gateway.sinks.device import DeviceKind, DeviceSink, DeviceSpec
from gateway.sinks.dispatch import Dispatcher
from gateway.sinks.notify import LogNotifySink
from gateway.sources.mqtt_sensors import MqttSensorSource
from gateway.sources.sensor import SensorSpec
from gateway.types import Action, Level, Outcome, Quantity, Reading, World
from gateway.web.parts import Device as Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """`sensors` is None where none is configured."""

    sink: DeviceSink
    dispatcher: Dispatcher
    sensors: MqttSensorSource | None


def build_things(settings: Settings, base: Base, link: MqttLink, heard: Callable[[Reading], None]) -> Things:
    """`heard` gets the states that devices tell of themselves."""
    sink = DeviceSink(
        link,
        [device_spec(device, reserved=device.name in settings.climate.driven) for device in settings.devices],
        clock=base.clock,
        report=base.board.report,
        counters=base.counters,
        on_reading=heard,
    )
    sensors = [
        SensorSpec(**{f.name: getattr(sensor, f.name) for f in fields(SensorSpec)}) for sensor in settings.sensors
    ]
    return Things(
        sink=sink,
        dispatcher=Dispatcher([sink, LogNotifySink(clock=base.clock)], clock=base.clock, counters=base.counters),
        sensors=MqttSensorSource(link, sensors, clock=base.clock, report=base.board.report, counters=base.counters)
        if sensors
        else None,
    )


def device_spec(device: Device, *, reserved: bool = False) -> DeviceSpec:
    """The settings use the same names; `kind` becomes the enum."""
    same = {f.name: getattr(device, f.name) for f in fields(DeviceSpec) if f.name not in {"kind", "reserved"}}
    return DeviceSpec(kind=DeviceKind(device.kind), reserved=reserved, **same)


class Switchboard:
    """What the page shows of the devices, and a person's hand on them."""

    def __init__(
        self,
        devices: Sequence[Device],
        *,
        reserved: Collection[str],
        world: Callable[[], World],
        board: Board,
        commander: Commander,
    ) -> None:
        self._reserved = reserved
        self._devices = {device.name: device for device in devices}
        self._world = world
        self._board = board
        self._commander = commander

    def all(self) -> Sequence[Shown]:
        readings, states = self._world().readings, self._board.all()
        shown = []
        for name, device in self._devices.items():
            state, told = states.get(f"device/{name}"), readings.get((name, Quantity.SWITCH))
            shown.append(
                Shown(
                    id=name,
                    name=device.title or name,
                    kind=device.kind,
                    on=None if told is None else told.value > 0,
                    available=state is None or state.level is Level.OK,
                    detail="" if state is None or state.level is Level.OK else state.key,
                    reserved=name in self._reserved,
                )
            )
        return shown

    async def command(self, target: str, action: Action) -> Outcome:
        """Raises `Invalid("device_unknown")`."""
        if target not in self._devices:
            raise Invalid("device_unknown", status=404)
        return await self._commander.by_hand(target, action)
