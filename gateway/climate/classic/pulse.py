"""Shares of full power as few, long pulses of a relay."""

import math
from collections import deque
from collections.abc import Mapping

from gateway.climate import saved as kept
from gateway.climate.words import Moment
from gateway.config.climate import Limits

CYCLE_S = 4500.0
"""Shortest cycle: at half power. A relay then starts at most 19 times a day; further from half, cycles get longer."""

_FULL, _NONE = 0.97, 0.03
_HOUR_S = 3600.0


class Pulse:
    """Sigma-delta modulation of the heat owed: on once an eighth of a cycle's full heat is owed, off once as much was
    given too much. So the mean is right at any duty d, and a cycle lasts cycle_s / (4 d (1 - d)). Duties of (nearly) 0
    and 1 are obeyed at once. Shortest on and off times and starts per hour hold throughout, and nothing depends
    on how often it is asked."""

    def __init__(self, limits: Limits, cycle_s: float = CYCLE_S) -> None:
        self._limits = limits
        self._band_s = cycle_s / 8
        self._owed_s = 0.0
        self._on = False
        self._switched_s = -math.inf
        self._asked_s: float | None = None
        self._starts: deque[float] = deque(maxlen=limits.starts_per_hour)

    def step(self, duty: float, now: Moment) -> bool:
        """Whether the relay is to be on. A duty that is not a number is none."""
        duty = 0.0 if math.isnan(duty) else min(max(duty, 0.0), 1.0)
        elapsed_s = 0.0 if self._asked_s is None else max(now.mono_s - self._asked_s, 0.0)
        self._asked_s = now.mono_s
        self._owed_s += (duty - self._on) * elapsed_s
        wanted = self._wanted(duty)
        if wanted is not self._on and self._may_switch(now.mono_s):
            self._on, self._switched_s = wanted, now.mono_s
            if wanted:
                self._starts.append(now.mono_s)
        return self._on

    def _wanted(self, duty: float) -> bool:
        if duty >= _FULL or duty <= _NONE:
            self._owed_s = 0.0
            return duty >= _FULL
        self._owed_s = min(max(self._owed_s, -2 * self._band_s), 2 * self._band_s)
        return self._owed_s > -self._band_s if self._on else self._owed_s >= self._band_s

    def _may_switch(self, mono_s: float) -> bool:
        since_s = mono_s - self._switched_s
        if self._on:
            return since_s >= self._limits.min_on_s
        worn = len(self._starts) == self._starts.maxlen and mono_s - self._starts[0] < _HOUR_S
        return since_s >= self._limits.min_off_s and not worn

    def snapshot(self) -> dict[str, object]:
        return {"owed_s": self._owed_s}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """The heat still owed. What the relay did meanwhile is not known: it counts as just switched off."""
        self._owed_s = kept.number(saved, "owed_s", -2 * self._band_s, 2 * self._band_s) or 0.0
        self._on, self._switched_s = False, now.mono_s
