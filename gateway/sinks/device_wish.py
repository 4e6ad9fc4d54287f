"""A command as it goes on the wire to one device."""

from dataclasses import dataclass, replace

from gateway.errors import Refused
from gateway.sinks import climate_lease
from gateway.sinks.device_spec import DeviceSpec, Told
from gateway.types import Action, SetLevel, SetTemperature, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One command as it goes on the wire, and the state that will prove it. `answered` says whether the device
    has a topic that can. `before` is sent first: how long the device is to obey."""

    topic: str
    payload: str
    answered: bool
    before: climate_lease.Message | None = None
    on: bool | None = None
    level_pct: float | None = None
    tolerance_pct: float = 1.0

    def met_by(self, told: Told) -> bool:
        if self.on is not None:
            return told.on == self.on
        if self.level_pct is None or told.level_pct is None:
            return False
        return abs(told.level_pct - self.level_pct) <= self.tolerance_pct


def wish_of(spec: DeviceSpec, action: Action, lease_s: float | None = None) -> Wish:
    """Raises `Refused` ("action_not_supported", "level_out_of_range")."""
    if not spec.accepts(action):
        raise Refused("action_not_supported", target=spec.name)
    match action:
        case Switch(on=on):
            wish = _switch(spec, lease_s, on=on)
        case SetLevel(level_pct=level_pct):
            wish = _level_wish(spec, level_pct)
        case SetTemperature(temp_c=temp_c):
            wish = _temperature(spec, temp_c)
        case _:
            raise Refused("action_not_supported", target=spec.name)
    if spec.lease is None or lease_s is None:
        return wish
    return replace(wish, before=climate_lease.before(spec.lease, spec.command_topic, lease_s))


def _switch(spec: DeviceSpec, lease_s: float | None, *, on: bool) -> Wish:
    payload = spec.on_payload if on else spec.off_payload
    if on and spec.lease is not None and lease_s is not None:
        payload = climate_lease.within(spec.lease, payload, lease_s)
    return Wish(topic=spec.command_topic, payload=payload, on=on, answered=spec.state_topic is not None)


def _temperature(spec: DeviceSpec, temp_c: float) -> Wish:
    assert spec.temperature_command_topic is not None
    payload = spec.temperature_payload.replace("{temp_c}", f"{temp_c:.1f}")
    return Wish(topic=spec.temperature_command_topic, payload=payload, answered=False)


def _level_wish(spec: DeviceSpec, level_pct: float) -> Wish:
    assert spec.level_command_topic is not None
    if not 0.0 <= level_pct <= 100.0:
        raise Refused("level_out_of_range", target=spec.name)
    return Wish(
        topic=spec.level_command_topic,
        payload=str(round(level_pct / 100.0 * spec.level_scale)),
        level_pct=level_pct,
        answered=spec.level_state_topic is not None,
        tolerance_pct=max(1.0, 100.0 / spec.level_scale),
    )
