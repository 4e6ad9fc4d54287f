"""Classic controllers, many at once: every variant heats its own copy of the house, a column each."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from services.simhouse.bench.course import Course
from services.simhouse.bench.laws import Aims, Flags, Hysteresis, Pulses
from services.simhouse.bench.sensing import noise
from services.simhouse.bench.thermal import START, worth_kwh_k
from services.simhouse.bench.variants import Floats, Variants
from services.simhouse.bench.verdict import BAND_K


@dataclass(slots=True)
class Tally:
    """Sums over the judged minutes, (n,) each: kWh, K.h below the band, price; and kWh in store when they begin, less
    those when they end."""

    kwh: Floats
    below: Floats
    cost: Floats
    carried: Floats


@dataclass(slots=True)
class Diary:
    """One run of one variant, minute by minute."""

    air: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    heat: list[float] = field(default_factory=list)
    switched: list[float] = field(default_factory=list)


def compete(course: Course, variants: Variants, window: slice, lived: Diary | None = None) -> Tally:
    """Every variant through the whole course, without its faults; what the first one does is written to `lived`."""
    house = course.house
    count = len(variants)
    aims = Aims(course, variants)
    tally = Tally(*(np.zeros(count) for _ in range(4)))
    x = np.repeat(np.array(START)[:, None], count, axis=1)
    pipe = np.zeros((max(1, house.heater.dead_min), count))
    law: Callable[[int, Floats, Floats], Flags] = Pulses(aims).on if variants.cycle_min else Hysteresis(aims).on
    told = x[3]
    readings = noise(course)
    worth = np.array(worth_kwh_k(house))
    begun = np.zeros(count)
    judged = range(*window.indices(len(course)))
    for minute in range(len(course)):
        if minute % house.sensor.period_min == 0:
            told = _rounded(x[3] + readings[minute // house.sensor.period_min], house.sensor.rounding_c)
        on = law(minute, told, aims.wanted(minute, told))
        heat = on.astype(np.float64)
        if house.heater.dead_min:
            place = minute % house.heater.dead_min
            heat, pipe[place] = pipe[place].copy(), heat
        if minute in judged:
            _count(tally, course, minute, x[0], heat)
            stored = worth @ x[:3]
            begun = stored if minute == judged[0] else begun
            tally.carried = begun - stored
        if lived is not None:
            lived.air.append(float(x[0, 0]))
            lived.stored.append(float(worth @ x[:3, 0]))
            lived.heat.append(float(heat[0]))
            lived.switched.append(float(on[0]))
        kind = course.kind[minute]
        x = course.state[kind] @ x + course.push[minute][:, None] + course.heat[kind][:, None] * heat
    return tally


def _count(tally: Tally, course: Course, minute: int, air: Floats, heat: Floats) -> None:
    kwh = heat * (course.house.heater.power_kw / 60)
    tally.kwh += kwh
    tally.cost += kwh * course.price[minute]
    tally.below += (course.setpoint[minute] - BAND_K - air).clip(0) / 60


def _rounded(values: Floats, to: float) -> Floats:
    return np.round(values / to) * to if to > 0 else values
