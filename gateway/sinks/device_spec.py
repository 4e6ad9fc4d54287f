"""How one switchable MQTT device is spoken to, and what its answer means."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.config.devices import Lease
from gateway.errors import Invalid
from gateway.types import Action, SetLevel, SetTemperature, Switch
from gateway.wire import payload as wire


class DeviceKind(StrEnum):
    LAMP = "lamp"
    SWITCH = "switch"
    HEATER = "heater"
    COVER = "cover"
    FAN = "fan"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """Topics and words of one device.

    `state_path` and `level_path` are dotted paths into a JSON state, None for plain text. `state_on` and
    `state_off` are the words of the answer where they differ from the command's. `level_scale` is the device's
    number for 100 %. `needs_ack` False: a device that never answers, DONE when the broker took the command.
    `echo` False: a device that does not repeat a state that did not change. `lease` is how it is made to let go by
    itself. `reserved`: only climate control commands it, because only the supervisor may make heat.
    """

    name: str
    kind: DeviceKind
    command_topic: str
    state_topic: str | None = None
    state_path: str | None = None
    on_payload: str = "ON"
    off_payload: str = "OFF"
    state_on: str | None = None
    state_off: str | None = None
    level_command_topic: str | None = None
    level_state_topic: str | None = None
    level_path: str | None = None
    level_scale: float = 100.0
    temperature_command_topic: str | None = None
    temperature_payload: str = "{temp_c}"
    availability_topic: str | None = None
    available_payload: str = "online"
    unavailable_payload: str = "offline"
    needs_ack: bool = True
    echo: bool = True
    lease: Lease | None = None
    reserved: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        """What has to be listened to."""
        told = (self.state_topic, self.level_state_topic, self.availability_topic)
        return tuple(dict.fromkeys(topic for topic in told if topic is not None))

    def accepts(self, action: Action) -> bool:
        match action:
            case Switch():
                return True
            case SetLevel():
                return self.level_command_topic is not None
            case SetTemperature():
                return self.temperature_command_topic is not None
            case _:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a device said of itself; None is "not in this message"."""

    on: bool | None = None
    level_pct: float | None = None
    available: bool | None = None


def told_by(spec: DeviceSpec, topic: str, payload: bytes) -> Told:
    """What a message on one of `spec.topics` says. Raises `Invalid` with a key of `gateway.wire.payload`."""
    text = wire.text_of(payload)
    available = on = level = None
    if topic == spec.availability_topic:
        available = wire.boolean_of(text, spec.available_payload, spec.unavailable_payload)
    if topic == spec.state_topic:
        on = _switched(spec, text)
    if topic == spec.level_state_topic:
        level = _level(spec, text)
    return Told(on=on, level_pct=level, available=available)


def _switched(spec: DeviceSpec, text: str) -> bool | None:
    if _absent(text, spec.state_path):
        return None
    value = text if spec.state_path is None else wire.field_of(text, spec.state_path)
    on = spec.on_payload if spec.state_on is None else spec.state_on
    return wire.boolean_of(value, on, spec.off_payload if spec.state_off is None else spec.state_off)


def _level(spec: DeviceSpec, text: str) -> float | None:
    if _absent(text, spec.level_path):
        return None
    value = text if spec.level_path is None else wire.field_of(text, spec.level_path)
    return wire.measure_of(value)[0] / spec.level_scale * 100.0


def _absent(text: str, path: str | None) -> bool:
    """A JSON state may leave a field out (Tasmota's RESULT carries only what changed): that is no fault."""
    if path is None:
        return False
    try:
        wire.field_of(text, path)
    except Invalid as error:
        if error.key == "path_missing":
            return True
        raise
    return False
