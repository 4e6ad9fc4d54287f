"""What the room's thermometer says, in sickness and in health."""

from collections.abc import Iterator

import numpy as np

from services.simhouse.bench.course import Course
from services.simhouse.bench.script import Fault

_SENSOR_FAULTS = frozenset({"sensor_silent", "sensor_stuck", "sensor_jump", "sensor_value", "sensor_fahrenheit"})


class Thermometer:
    """Reports every `period_min`; `ask` gives what it sends this minute, None where it sends nothing."""

    def __init__(self, course: Course) -> None:
        sensor = course.house.sensor
        self._period = sensor.period_min
        self._rounding = sensor.rounding_c
        self._noise: list[float] = noise(course).tolist()
        self._faults = [fault for fault in course.script.faults if fault.kind in _SENSOR_FAULTS]
        self._last = 20.0
        self._spoiled_at = -1e9

    def ask(self, minute: int, sensor_c: float) -> float | None:
        if minute % self._period:
            return None
        value: float | None = rounded(sensor_c + self._noise[minute // self._period], self._rounding)
        for fault in self._active(minute):
            value = self._spoil(fault, value, minute)
        if value is not None and not self._stuck(minute):
            self._last = value
        return value

    def _active(self, minute: int) -> Iterator[Fault]:
        return (fault for fault in self._faults if fault.begin <= minute < fault.end)

    def _stuck(self, minute: int) -> bool:
        return any(fault.kind == "sensor_stuck" for fault in self._active(minute))

    def _spoil(self, fault: Fault, value: float | None, minute: int) -> float | None:
        if value is None or fault.kind == "sensor_silent":
            return None
        if fault.kind == "sensor_stuck":
            return self._last if fault.value is None else fault.value
        if fault.kind == "sensor_jump":
            return value + (fault.value or 0.0)
        if fault.kind == "sensor_fahrenheit":
            return round(value * 1.8 + 32, 2)
        if fault.every_min is not None and minute - self._spoiled_at < fault.every_min:
            return value
        self._spoiled_at = minute
        return fault.value


def forecast(course: Course, minute: int) -> list[tuple[float, float]]:
    """What a weather service tells at a full hour: POSIX time and outdoor temperature of 24 hours, with errors that
    grow to a standard deviation of about 1 K."""
    hours = np.arange(24)
    places = (minute + 60 * hours).clip(max=len(course) - 1)
    shocks = np.random.default_rng((course.seed, 5, minute)).normal(0.0, 0.3, 24)
    errors = np.cumsum(shocks) * (1 - hours / 100)
    times = course.start_s + 60 * (minute + 60 * hours)
    return list(zip(times.tolist(), np.round(course.outdoor[places] + errors, 2).tolist(), strict=True))


def noise(course: Course) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Of each report of a run."""
    sensor = course.house.sensor
    count = len(course) // sensor.period_min + 1
    return np.random.default_rng((course.seed, 3)).normal(0.0, max(sensor.noise_c, 1e-12), count)


def rounded(value: float, to: float) -> float:
    return round(round(value / to) * to, 6) if to > 0 else value
