"""What goes wrong and when, and what is required of whoever heats meanwhile."""

from dataclasses import dataclass, field

from services.simhouse.bench.house import Hardware

KINDS: dict[str, dict[str, tuple[float, float]]] = {
    "sensor_silent": {},
    "sensor_stuck": {"value_c": (-200, 200)},
    "sensor_jump": {"by_k": (-50, 50)},
    "sensor_value": {"value_c": (-200, 200)},
    "sensor_fahrenheit": {},
    "relay_stuck_on": {},
    "relay_stuck_off": {},
    "heater_dead": {},
    "valve_stuck": {"share": (0, 1)},
    "broker_gone": {},
    "gateway_killed": {},
    "clock_jump": {"by_s": (-1e9, 1e9)},
    "model_nan": {},
    "setpoint": {},
    "window_open": {"w_per_k": (0, 10000)},
    "power_cut": {},
}
"""Each with its numbers and their bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """From minute `begin` to before minute `end` of the run. `every_min` is how often a wrong value comes between
    right ones, or a set-point is told. `line` is where a file says so."""

    kind: str
    begin: int
    end: int
    value: float | None = None
    values: tuple[object, ...] = ()
    every_min: float | None = None
    retained: bool = False
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One of these alarms is to be told within so many minutes, counted from the fault or the first demand for heat
    behind it."""

    any_of: tuple[str, ...]
    within_min: float
    counted_from: str = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`most` holds the limits that are asked for, by their names in the file."""

    id: str = ""
    start_day: int = 0
    days: int | None = None
    hardware: Hardware | None = None
    airing: bool | None = None
    faults: tuple[Fault, ...] = ()
    most: dict[str, float] = field(default_factory=dict)
    heard: Heard | None = None
    _by_kind: dict[str, list[Fault]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_kind: dict[str, list[Fault]] = {}
        for fault in self.faults:
            by_kind.setdefault(fault.kind, []).append(fault)
        object.__setattr__(self, "_by_kind", by_kind)

    def active(self, kind: str, minute: int) -> bool:
        """Asked several times a minute."""
        if kind not in self._by_kind:
            return False
        return any(fault.begin <= minute < fault.end for fault in self._by_kind[kind])


NO_FAULTS = Script()
