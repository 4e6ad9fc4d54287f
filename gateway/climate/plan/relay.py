"""Heat that is on or off: as late as possible, in few and long burns.

Of all courses that stay in the band, the cheapest at one price is the lowest at every moment (heat that is given
earlier only leaks for longer), so a burn begins when waiting one more step would be too late, and ends when the heat
can stay off for a while.
"""

import math
from collections import deque

from gateway.climate.history import STEP_S
from gateway.climate.plan.course import Course
from gateway.climate.words import Floats

_WEAR_K_H = 0.04
"""What a start is worth, in K.h that the room is warmer than need be."""

_LEAST_REST = 2
_FREE_STARTS = 28
"""Starts in a day that cost no second thought; behind them, the heat must be able to stay off for longer and longer."""

_DAY_S = 86400.0
_LONGEST_REST = 24


def ripple_c(pace_k_h: float) -> float:
    """What a room of this pace falls by in a rest, in K: wear falls with it, and warmth beyond need grows with it."""
    return math.sqrt(_WEAR_K_H * pace_k_h)


class Relay:
    """Remembers its starts of the last day: the more there were, the longer the heat must be able to stay off."""

    def __init__(self, min_on_s: float) -> None:
        self._min_on_s = min_on_s
        self._starts: deque[float] = deque()
        self.on = False
        self._on_since_s = float("-inf")

    def step(self, course: Course, low: Floats, *, store: bool, mono_s: float) -> bool:
        """Whether to heat for the next step. `low` (STEPS,) in C must hold; `store` heats in advance of need."""
        needed = course.shortfall(low, self._rest_steps(course.pace_k_h, mono_s) if self.on else 1) > 0
        self.put(on=needed or store or self._too_short(mono_s), mono_s=mono_s)
        return self.on

    def put(self, *, on: bool, mono_s: float) -> None:
        """What the relay really does, which others may have decided."""
        if on and not self.on:
            self._starts.append(mono_s)
            self._on_since_s = mono_s
        self.on = on

    def _too_short(self, mono_s: float) -> bool:
        return self.on and mono_s - self._on_since_s < self._min_on_s

    def _rest_steps(self, pace_k_h: float, mono_s: float) -> int:
        """How long a pause must be."""
        while self._starts and self._starts[0] < mono_s - _DAY_S:
            self._starts.popleft()
        many = max(0, len(self._starts) - _FREE_STARTS) ** 2 // 8
        rest = round(ripple_c(pace_k_h) / pace_k_h * 3600 / STEP_S)
        return min(max(rest, _LEAST_REST) + many, _LONGEST_REST)
