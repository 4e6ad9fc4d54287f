"""Ticks of any length, told off in whole minutes."""

import math
from dataclasses import dataclass

from gateway.climate.words import Observed

MINUTE_S = 60.0
_GAP_S = 300.0
_SAME_S = 1.0
"""Ages are of clocks that jitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """A minute that ended: the room's temperature at its end, the mean duty in it, and how much warmer it is outside
    (0 where that is not measured). `heard` where the sensor said something new, else its last word still stands;
    `fresh` where nothing is known of the minute before."""

    temp_c: float
    heard: bool
    outdoor_k: float
    duty: float
    fresh: bool


class Minutes:
    """Gathers ticks until a minute is over. After a gap of five minutes it starts anew."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._last_s = 0.0
        self._heat_s = 0.0
        self._measured_s = -math.inf
        self._fresh = True

    def step(self, observed: Observed, duty: float) -> Minute | None:
        """`duty` is what the heater did since the last tick. A minute without a temperature is a gap."""
        now_s, temp_c, outdoor_c = observed.now.mono_s, observed.temp.good, observed.outdoor.good
        if self._began_s is None or now_s - self._last_s > _GAP_S or temp_c is None:
            self._began_s = None if temp_c is None else now_s
            self._last_s, self._heat_s, self._fresh = now_s, 0.0, True
            return None
        self._heat_s += duty * (now_s - self._last_s)
        self._last_s = now_s
        took_s = now_s - self._began_s
        if took_s < MINUTE_S - 1e-6:
            return None
        measured_s = now_s - observed.temp.age_s
        minute = Minute(
            temp_c=temp_c,
            heard=measured_s > self._measured_s + _SAME_S,
            outdoor_k=0.0 if outdoor_c is None else outdoor_c - temp_c,
            duty=self._heat_s / took_s,
            fresh=self._fresh,
        )
        self._began_s = now_s - (took_s % MINUTE_S if took_s < 2 * MINUTE_S else 0.0)
        self._measured_s = max(self._measured_s, measured_s)
        self._heat_s, self._fresh = 0.0, False
        return minute
