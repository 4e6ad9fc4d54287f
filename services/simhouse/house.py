"""The room as a value: `step` lets time pass, `obey` lets a command act, `messages` says what the devices tell."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gateway.errors import Invalid
from gateway.wire.payload import boolean_of, measure_of, text_of
from services.simhouse.physics import Fabric, Warmth, warm

HOLD_S = 60.0
"""How long the motion sensor stays on after it saw somebody."""

DOOR_S = 20.0
"""How long a visitor leaves the door open."""

DEVICES = ("lamp", "door", "motion", "temperature", "heater", "outdoor")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One room. `visit_every_s` is the time between visitors (0: nobody comes by themselves); `door_left_s` and
    `motion_left_s` say how long the door stays open and the motion sensor on. `lease_s` is how long the heater obeys
    one ON (0: for ever), `lease_left_s` what is left of it. `speed` is how many of these seconds those who send a lease
    live through in one of theirs."""

    fabric: Fabric = field(default_factory=Fabric)
    warmth: Warmth = field(default_factory=Warmth)
    time_s: float = 0.0
    lamp_on: bool = False
    brightness: int = 255
    heater_on: bool = False
    lease_s: float = 0.0
    lease_left_s: float = 0.0
    speed: float = 1.0
    door_open: bool = False
    door_left_s: float = 0.0
    motion_left_s: float = 0.0
    visit_every_s: float = 0.0
    visits: int = 0

    @property
    def power_w(self) -> float:
        """What the heater's plug measures."""
        return self.fabric.heater_kw * 1000.0 if self.heater_on else 0.0


def step(house: House, dt_s: float) -> House:
    """The house `dt_s` later; deterministic."""
    time_s = house.time_s + dt_s
    lease_left_s = max(0.0, house.lease_left_s - dt_s)
    door_left_s = max(0.0, house.door_left_s - dt_s)
    house = replace(
        house,
        time_s=time_s,
        warmth=warm(house.warmth, dt_s, heating=house.heater_on, fabric=house.fabric),
        heater_on=house.heater_on and (house.lease_left_s == 0.0 or lease_left_s > 0.0),
        lease_left_s=lease_left_s,
        motion_left_s=max(0.0, house.motion_left_s - dt_s),
        door_left_s=door_left_s,
        door_open=house.door_open and (house.door_left_s == 0.0 or door_left_s > 0.0),
    )
    visits = int(time_s // house.visit_every_s) if house.visit_every_s > 0 else house.visits
    return visit(replace(house, visits=visits)) if visits > house.visits else house


def visit(house: House) -> House:
    """Somebody comes in through the door."""
    return replace(house, door_open=True, door_left_s=DOOR_S, motion_left_s=HOLD_S)


def obey(house: House, command: str, payload: bytes) -> House:
    """The house after a command: `command` is the topic between the room and "/set".

    A lamp and a heater obey anybody; the door and the motion sensor are moved by the hand of a tester. Raises
    `Invalid` ("no_such_command" or a key of `gateway.wire.payload`).
    """
    text = text_of(payload)
    if command == "lamp/brightness":
        number, _ = measure_of(text)
        brightness = min(255, max(0, round(number)))
        return replace(house, brightness=brightness or house.brightness, lamp_on=brightness > 0)
    if command == "heater/lease":
        seconds, _ = measure_of(text)
        return replace(house, lease_s=max(0.0, seconds) * house.speed)
    if command not in ("lamp", "heater", "door", "motion"):
        raise Invalid("no_such_command")
    on = boolean_of(text)
    if command == "lamp":
        return replace(house, lamp_on=on)
    if command == "heater":
        return replace(house, heater_on=on, lease_left_s=house.lease_s if on else 0.0)
    if command == "door":
        return replace(house, door_open=on, door_left_s=0.0)
    return replace(house, motion_left_s=HOLD_S if on else 0.0)


def states(house: House) -> Mapping[str, str]:
    """Topic below the room -> payload of what is told at once and retained."""
    return MappingProxyType(
        {
            "lamp/state": _switch(house.lamp_on),
            "lamp/brightness/state": str(house.brightness),
            "door/state": _switch(house.door_open),
            "motion/state": _switch(house.motion_left_s > 0.0),
            "heater/state": _switch(house.heater_on),
        }
    )


def readings(house: House) -> Mapping[str, str]:
    """Topic below the room -> payload of what is told now and then, not retained: an old measurement is none."""
    return MappingProxyType(
        {
            "temperature/state": json.dumps({"temperature": round(house.warmth.sensor_c, 1)}),
            "heater/power": f"{house.power_w:.1f}",
            "outdoor/state": json.dumps({"temperature": round(house.warmth.outdoor_c, 1)}),
        }
    )


def _switch(on: bool) -> str:
    return "ON" if on else "OFF"
