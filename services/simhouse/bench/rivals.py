"""Classic controllers, many at once: every variant heats its own copy of the house, a column each.

What they are told is what any thermostat knows: its thermometer, the schedule ahead, and the outside for TPI.
`lead_min` starts towards the next rise of the set-point so long before it; `rate_min_k` as long before as that many
minutes a kelvin ask for, as optimum start does with a heat-up rate that it has learned.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.calendar import over_the_week
from services.simhouse.bench.course import Course
from services.simhouse.bench.sensing import noise
from services.simhouse.bench.thermal import START
from services.simhouse.bench.verdict import BAND_K

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAST_MIN = 2.0
"""Shorter pulses are left out, and as short pauses filled."""

COLUMNS = ("lead_min", "rate_min_k", "offset_k", "band_k", "kp", "per_ti_h", "ce", "kd_h")

_LONGEST_LEAD_MIN = 360
_WEEK = 10080


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Parameters (n,) each. Duty = kp e + integral of e over ti + ce (SP - Tout) - kd dT/dt, given as pulses of one in
    each `cycle_min`; where `cycle_min` is 0 the relay has hysteresis of `band_k` to both sides instead."""

    lead_min: Floats
    rate_min_k: Floats
    offset_k: Floats
    band_k: Floats
    kp: Floats
    per_ti_h: Floats
    ce: Floats
    kd_h: Floats
    cycle_min: int
    setback: bool = True

    def __len__(self) -> int:
        return len(self.offset_k)

    def chosen(self, number: int) -> dict[str, float]:
        return {"cycle_min": self.cycle_min, **{name: float(getattr(self, name)[number]) for name in COLUMNS}}

    def only(self, number: int) -> "Variants":
        columns = {name: getattr(self, name)[number : number + 1] for name in COLUMNS}
        return Variants(cycle_min=self.cycle_min, setback=self.setback, **columns)


@dataclass(slots=True)
class Tally:
    """Sums over the judged minutes, (n,) each: kWh, K.h below the band, price."""

    kwh: Floats
    below: Floats
    cost: Floats


@dataclass(slots=True)
class Lived:
    """One run of one variant, minute by minute."""

    air: list[float] = field(default_factory=list)
    heat: list[float] = field(default_factory=list)
    switched: list[float] = field(default_factory=list)


def compete(course: Course, variants: Variants, window: slice, lived: Lived | None = None) -> Tally:
    """Every variant through the whole course, without its faults; what the first one does is written to `lived`."""
    house = course.house
    count = len(variants)
    aims = _Aims(course, variants)
    tally = Tally(*(np.zeros(count) for _ in range(3)))
    x = np.repeat(np.array(START)[:, None], count, axis=1)
    pipe = np.zeros((max(1, house.heater.dead_min), count))
    law: Callable[[int, Floats, Floats], Flags] = _Pulses(aims).on if variants.cycle_min else _Hysteresis(aims).on
    told = x[3]
    readings = noise(course)
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
        if lived is not None:
            lived.air.append(float(x[0, 0]))
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


class _Aims:
    """The set-point that each variant heats towards."""

    def __init__(self, course: Course, variants: Variants) -> None:
        self.course = course
        self.variants = variants
        week = over_the_week(course.house.schedule)
        ahead = (course.week_minute[-1] + 1 + np.arange(_WEEK)) % _WEEK
        self._setpoint = np.concatenate([course.setpoint, week[ahead]])
        if not variants.setback:
            self._setpoint[:] = np.max(week)
        self._next_c, self._next_min = _next_rise(self._setpoint)
        self._moves = bool(np.any(variants.lead_min) or np.any(variants.rate_min_k))

    def wanted(self, minute: int, told: Floats) -> Floats:
        now, after = self._setpoint[minute], self._next_c[minute]
        left = self._next_min[minute]
        if not self._moves or left > _LONGEST_LEAD_MIN or after <= now:
            return np.asarray(now + self.variants.offset_k)
        lead = np.maximum(self.variants.lead_min, self.variants.rate_min_k * (after - told))
        return np.asarray(np.where(left <= lead, after, now) + self.variants.offset_k)


def _next_rise(setpoint: Floats) -> tuple[Floats, Floats]:
    """The value behind the next rise and the minutes until then, from each minute on."""
    places = np.flatnonzero(np.diff(setpoint) > 0) + 1
    minutes = np.arange(len(setpoint))
    if not len(places):
        return setpoint, np.full(len(setpoint), np.inf)
    following = np.searchsorted(places, minutes, side="right")
    last = following == len(places)
    at = places[following.clip(max=len(places) - 1)]
    return setpoint[at], np.where(last, np.inf, at - minutes)


class _Hysteresis:
    def __init__(self, aims: _Aims) -> None:
        self._band = aims.variants.band_k
        self._on = np.zeros(len(aims.variants), np.bool_)

    def on(self, _minute: int, told: Floats, wanted: Floats) -> Flags:
        away = wanted - told
        self._on = (away > self._band - 1e-9) | (self._on & (away > -self._band + 1e-9))
        return self._on


class _Pulses:
    """A duty, worked out once a cycle. The integral stands still while the duty is at an end (anti-windup)."""

    def __init__(self, aims: _Aims) -> None:
        self._v = aims.variants
        self._outdoor = aims.course.outdoor
        self._integral = np.zeros(len(self._v))
        self._on_min = np.zeros(len(self._v))
        self._before: Floats | None = None

    def on(self, minute: int, told: Floats, wanted: Floats) -> Flags:
        place = minute % self._v.cycle_min
        if place == 0:
            self._begin(minute, told, wanted)
        return np.asarray(place < self._on_min)

    def _begin(self, minute: int, told: Floats, wanted: Floats) -> None:
        v, hours = self._v, self._v.cycle_min / 60
        away = wanted - told
        slope = np.zeros(len(v)) if self._before is None else (told - self._before) / hours
        self._before = told
        fixed = v.kp * away + v.ce * (wanted - self._outdoor[minute]) - v.kd_h * slope
        grown = self._integral + v.kp * v.per_ti_h * away * hours
        free = ((fixed + grown < 1) | (away < 0)) & ((fixed + grown > 0) | (away > 0))
        self._integral = np.where(free, grown, self._integral).clip(-0.2, 1.0)
        minutes = (fixed + self._integral).clip(0, 1) * v.cycle_min
        minutes[minutes < LEAST_MIN] = 0
        minutes[minutes > v.cycle_min - LEAST_MIN] = v.cycle_min
        self._on_min = np.round(minutes)


def variants(cycle_min: int, columns: Mapping[str, Any], *, setback: bool = True) -> Variants:
    """Every combination of the given values; what is left out is 0."""
    grid = np.meshgrid(
        *(np.atleast_1d(np.asarray(columns.get(name, 0.0), np.float64)) for name in COLUMNS), indexing="ij"
    )
    flat = {name: values.ravel() for name, values in zip(COLUMNS, grid, strict=True)}
    return Variants(cycle_min=cycle_min, setback=setback, **flat)
