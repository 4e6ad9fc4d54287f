"""Which bad minutes whoever heats could have prevented: the house lived through again, by somebody who knows all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.course import Course
from services.simhouse.bench.plant import Record
from services.simhouse.bench.thermal import START
from services.simhouse.bench.verdict import FROST_C, LIMIT_C, TOO_WARM_C

Floats = npt.NDArray[np.float64]

_CANNOT_COMMAND = (
    "relay_stuck_on", "relay_stuck_off", "heater_dead", "valve_stuck", "broker_gone", "gateway_killed", "power_cut",
)  # fmt: skip
_WARM_C = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """Minutes of frost that a heater always on below 7 C would have prevented wherever a command could arrive, and
    minutes over the limit that there would not have been without the heat that was commanded above 24 C: a room that
    was just warm enough when its relay welded is nobody's fault."""

    frost_minutes: int
    over_limit_minutes: int


def blame(course: Course, record: Record) -> Blame:
    air = np.asarray(record.air)
    frost, over = air < FROST_C, air > LIMIT_C
    if np.any(frost):
        frost &= _best(course, record) >= FROST_C
    if np.any(over):
        over &= _coolest(course, record) <= LIMIT_C
    return Blame(frost_minutes=int(np.sum(frost)), over_limit_minutes=int(np.sum(over)))


def _best(course: Course, record: Record) -> Floats:
    free = np.ones(len(course), np.bool_)
    for fault in course.script.faults:
        if fault.kind in _CANNOT_COMMAND:
            free[fault.begin : fault.end] = False
    return replay(course, lambda minute, air: float(air < _WARM_C) if free[minute] else record.heated[minute])[:, 0]


def _coolest(course: Course, record: Record) -> Floats:
    def heat(minute: int, air: float) -> float:
        return 0.0 if record.commanded[minute] and air > TOO_WARM_C else record.heated[minute]

    return replay(course, heat)[:, 0]


def replay(course: Course, heat: Callable[[int, float], float]) -> Floats:
    """Air, envelope and emitter of each minute (n, 3) where `heat(minute, air)` tells what the emitter gets, 0..1."""
    states = np.empty((len(course), 3))
    x = np.array(START)
    for minute in range(len(course)):
        states[minute] = x[:3]
        kind = course.kind[minute]
        x = course.state[kind] @ x + course.push[minute] + course.heat[kind] * heat(minute, float(x[0]))
    return states
