"""What leaves climate control and what comes in from people: told to MQTT, the page and the log.

Temperatures in degC, durations in s, prices per kWh, duties 0..1. What stays inside is in `gateway.climate.words`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Trust(StrEnum):
    GOOD = "good"
    MISSING = "missing"
    """Never heard."""
    SILENT = "silent"
    """Not heard for longer than this sensor ever is quiet."""
    STUCK = "stuck"
    """Heard, and unmoved where it should have moved."""
    IMPLAUSIBLE = "implausible"
    """Heard, and not believable."""


class Mode(StrEnum):
    """What a person chose. AUTO follows the schedule, HEAT and COOL hold the set-point, OFF still guards from frost."""

    OFF = "off"
    AUTO = "auto"
    HEAT = "heat"
    COOL = "cool"


class Preset(StrEnum):
    FROST = "frost"
    AWAY = "away"
    ECO = "eco"
    SLEEP = "sleep"
    COMFORT = "comfort"
    BOOST = "boost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What people want of a room now. The room is comfortable at `target_c` - 0.5 and above. `why` is a clause such as
    "the schedule" or "set by hand until 22:00", `by_hand` whether somebody said so; `next_c` and `next_s` are the next
    change of the schedule and how far it is away; `ahead` is the target of each coming quarter of an hour, from now on
    (n,)."""

    mode: Mode
    target_c: float
    preset: Preset | None = None
    why: str = ""
    by_hand: bool = False
    next_c: float | None = None
    next_s: float | None = None
    ahead: tuple[float, ...] = ()


class Law(StrEnum):
    """Who decided the heat."""

    CLASSIC = "classic"
    PLAN = "plan"
    GUARD = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """What control asks of the actuators for the coming minutes. `duty` is the share of full power, negative to cool;
    a relay turns it into on and off, a valve opens so far, a boiler gets a flow temperature. `aim_c` is the room
    temperature that is aimed at now, where a plan differs from what is wanted. `why` is a clause for people."""

    duty: float
    law: Law
    why: str
    aim_c: float | None = None


class Alarm(StrEnum):
    """What a person must hear of, under the names of the published fault scripts."""

    SENSOR_LOST = "sensor_lost"
    SENSOR_STUCK = "sensor_stuck"
    SENSOR_IMPLAUSIBLE = "sensor_implausible"
    RELAY_STUCK_ON = "relay_stuck_on"
    HEATING_FAILURE = "heating_failure"
    VALVE_STUCK = "valve_stuck"
    LINK_LOST = "link_lost"
    CLOCK = "clock"
    MODEL_FAULT = "model_fault"
    SETPOINT_REJECTED = "setpoint_rejected"
    WINDOW_OPEN = "window_open"
    RESTARTED = "restarted"
    TOO_HOT = "too_hot"
    FROST = "frost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one actuator is to do until `lease_s` has passed; then it falls back to its own frost guard. A relay gets
    `on`, a valve `level_pct`, an OpenTherm boiler `flow_c`: exactly one is given."""

    target: str
    lease_s: float
    why: str
    on: bool | None = None
    level_pct: float | None = None
    flow_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where a room is going: `temp_c` and its spread (one standard deviation) at `ahead_s`, all (n,), and the heat
    planned for each step."""

    ahead_s: tuple[float, ...]
    temp_c: tuple[float, ...]
    spread_c: tuple[float, ...]
    duty: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomStatus:
    """What is told of a room after a tick: to MQTT, the page and the log. `why` explains in one sentence. `time` is
    when it was so, aware UTC, None while no clock can be believed."""

    room: str
    wanted: Wanted
    drive: Drive
    orders: tuple[Order, ...]
    temp_c: float | None
    trust: Trust
    humidity: float | None = None
    outdoor_c: float | None = None
    heating: bool = False
    cooling: bool = False
    window_open: bool = False
    occupied: float | None = None
    alarms: frozenset[Alarm] = frozenset()
    minutes_per_degree: float | None = None
    skill: Mapping[float, float] = field(default_factory=dict)
    """Hours ahead -> 1 - RMSE / RMSE of persistence over the last seven days."""
    forecast: Forecast | None = None
    price: float | None = None
    price_ahead: tuple[tuple[float, float], ...] = ()
    """POSIX time from which on a price holds, and the price, for a day; empty where it never changes."""
    why: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A person, an automation or Home Assistant wants something of a room; what is None stays. `for_s` limits it in
    time, else it holds until the next change of the schedule; away and frost hold until something else is asked.
    `retained` wishes are old and are ignored."""

    room: str
    mode: Mode | None = None
    preset: Preset | None = None
    target_c: float | None = None
    for_s: float | None = None
    retained: bool = False
