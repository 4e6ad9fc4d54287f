"""What classic controllers do, many at once: arrays are (n,), one place for each variant."""

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.calendar import over_the_week
from services.simhouse.bench.course import Course
from services.simhouse.bench.variants import Floats, Variants

Flags = npt.NDArray[np.bool_]

LEAST_MIN = 2.0
"""Shorter pulses are left out, and as short pauses filled."""

_LONGEST_LEAD_MIN = 360
_WEEK = 10080


class Aims:
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


class Hysteresis:
    def __init__(self, aims: Aims) -> None:
        self._band = aims.variants.band_k
        self._on = np.zeros(len(aims.variants), np.bool_)

    def on(self, _minute: int, told: Floats, wanted: Floats) -> Flags:
        away = wanted - told
        self._on = (away > self._band - 1e-9) | (self._on & (away > -self._band + 1e-9))
        return self._on


class Pulses:
    """A duty, worked out once a cycle. The integral stands still while the duty is at an end (anti-windup)."""

    def __init__(self, aims: Aims) -> None:
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
