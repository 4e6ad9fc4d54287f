"""Levels that a room shows over days, without anybody telling what is normal there."""

import math
from collections.abc import Mapping

from gateway.climate import saved as kept


def share(dt_s: float, tau_s: float) -> float:
    """How much of the way a first-order lag of `tau_s` goes in `dt_s`, 0..1."""
    return -math.expm1(-dt_s / tau_s)


class Floor:
    """The lowest level of a quantity: followed down within half an hour, and up by `creep_per_day`, so that a sensor
    whose baseline drifts is believed again after days, and people who stay for hours are not taken for it."""

    _FALL_S = 1800.0

    def __init__(self, start: float, creep_per_day: float) -> None:
        self._start = start
        self._creep_per_s = creep_per_day / 86400.0
        self.value: float | None = None

    def step(self, level: float, dt_s: float) -> float:
        if self.value is None:
            self.value = min(level, self._start)
        elif level < self.value:
            self.value += share(dt_s, self._FALL_S) * (level - self.value)
        else:
            self.value = min(level, self.value + self._creep_per_s * dt_s)
        return self.value

    def snapshot(self) -> dict[str, object]:
        return {"value": self.value}

    def restore(self, saved: Mapping[str, object]) -> None:
        self.value = kept.number(saved, "value")


class Reach:
    """How high a quantity gets when it is high: approached within hours, forgotten within days."""

    def __init__(self, start: float, least: float, grow_s: float, fade_s: float) -> None:
        self.value = start
        self._least = least
        self._grow_s = grow_s
        self._fade_s = fade_s

    def step(self, level: float, dt_s: float) -> float:
        if level > self.value:
            self.value += share(dt_s, self._grow_s) * (level - self.value)
        else:
            self.value = max(self._least, self.value * (1.0 - share(dt_s, self._fade_s)))
        return self.value

    def snapshot(self) -> dict[str, object]:
        return {"value": self.value}

    def restore(self, saved: Mapping[str, object]) -> None:
        value = kept.number(saved, "value", low=self._least)
        self.value = self.value if value is None else value
