"""Heat from a temperature and an aim, by plain laws."""

import math
from dataclasses import dataclass
from typing import Protocol

TROUGH_K = 0.2
"""So far below the aim a room may fall between two bursts of heat."""

_PACE, _SHIFT_K = 0.2, 0.3
_MOST = 0.5  # of full power: the integral mends what the hold duty is off by, no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """`temp_c` is measured, `soon_c` where it will be once a change of the heat is felt; `hold` is the duty that is
    thought to keep the aim. `elapsed_s` since the law last decided the heat, 0 while somebody else does."""

    temp_c: float
    soon_c: float
    aim_c: float
    hold: float
    elapsed_s: float


class HeatLaw(Protocol):
    def step(self, felt: Felt) -> float:
        """Duty 0..1."""
        ...


class Hysteresis:
    """On below the band, off above it, as before within. Above, it counts where the temperature will be, so that the
    heat still in the radiator is not forgotten; below, whichever of the two is lower. `adaptive`: the band moves so
    that the room falls `TROUGH_K` below the aim and no further: up in a room that cools fast, down in one that does
    not."""

    def __init__(self, below_k: float, above_k: float, *, adaptive: bool = False) -> None:
        self._below_k, self._above_k, self._adaptive = below_k, above_k, adaptive
        self._on = False
        self._shift_k = 0.0
        self._aim_c = self._trough_c = 0.0

    def step(self, felt: Felt) -> float:
        if felt.aim_c != self._aim_c:
            self._aim_c, self._trough_c = felt.aim_c, -math.inf
        self._trough_c = min(self._trough_c, felt.temp_c)
        low_c = felt.aim_c - self._below_k + self._shift_k
        if not self._on and min(felt.soon_c, felt.temp_c) <= low_c:
            self._on = True
        elif self._on and felt.soon_c >= felt.aim_c + self._above_k + self._shift_k and felt.temp_c > low_c:
            self._on = False
            self._adapt()
        return 1.0 if self._on else 0.0

    def _adapt(self) -> None:
        fell_k = self._aim_c - self._trough_c
        if self._adaptive and math.isfinite(fell_k):
            self._shift_k = min(max(self._shift_k + _PACE * (fell_k - TROUGH_K), -_SHIFT_K), _SHIFT_K)
        self._trough_c = math.inf


class Pi:
    """Proportional and integral, on top of what holds the room. It integrates only near the aim and never further into
    a limit (conditional integration; Astrom & Hagglund, Advanced PID Control, 2006, section 3.5). Without an integral
    it is TPI as thermostats know it."""

    def __init__(self, per_k: float, reset_s: float = math.inf, near_k: float = 1.0, under_k: float = 0.0) -> None:
        self._under_k = under_k
        self._per_k, self._reset_s, self._near_k = per_k, reset_s, near_k
        self._integral = 0.0

    def step(self, felt: Felt) -> float:
        missing_k = felt.aim_c - self._under_k - felt.soon_c
        unbound = felt.hold + self._per_k * missing_k + self._integral
        bound = min(max(unbound, 0.0), 1.0)
        deeper = (unbound - bound) * missing_k > 0
        if abs(missing_k) <= self._near_k and not deeper:
            self._integral += self._per_k * missing_k * felt.elapsed_s / self._reset_s
            self._integral = min(max(self._integral, -_MOST), _MOST)
        return bound
