"""People in the air: CO2 above what the room goes down to, and how it moves.

People add CO2 at a steady rate and ventilation takes it away in proportion to the excess (well-mixed mass balance), so
both the excess and its slope speak of them. Both are measured in units of what this very room reaches, since volume
and ventilation differ tenfold between rooms.
"""

import math
from collections.abc import Mapping, Sequence

from gateway.climate import saved as kept
from gateway.climate.sense import weights
from gateway.climate.sense.level import Floor, Reach, share

FEATURES = 6
PLAUSIBLE_PPM = (250.0, 20000.0)
"""Sensors say 0 while they warm up or fail."""

_TAUS_S = (60.0, 180.0, 480.0, 1200.0, 3600.0)
_SLOW = 2
_GAP_S = 3600.0


def log_odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


class Air:
    """Turns CO2 into log-odds of presence. Irregular samples are normal; after a gap of an hour slopes start anew."""

    def __init__(self) -> None:
        self._lags: list[float] = []
        self._floor = Floor(start=430.0, creep_per_day=12.0)
        self._reach = Reach(start=300.0, least=80.0, grow_s=4 * 3600.0, fade_s=5 * 86400.0)
        self._last_s = -math.inf

    def step(self, co2_ppm: float, at_s: float) -> float:
        """Evidence of one sample, as log-odds without any prior."""
        features = self.features(co2_ppm, at_s)
        said = sum(weight * feature for weight, feature in zip(weights.AIR, features, strict=True))
        return said - log_odds(weights.TRAINED_PRIOR)

    def features(self, co2_ppm: float, at_s: float) -> Sequence[float]:
        """What the regression sees of one sample (FEATURES,), dimensionless."""
        dt_s = at_s - self._last_s
        self._last_s = at_s
        if dt_s > _GAP_S or not self._lags:
            dt_s = 0.0
            self._lags = [co2_ppm] * len(_TAUS_S)
        self._lags = lags = [
            lag + share(dt_s, tau) * (co2_ppm - lag) for lag, tau in zip(self._lags, _TAUS_S, strict=True)
        ]
        floor = self._floor.step(lags[_SLOW], dt_s)
        unit = self._reach.step(lags[_SLOW] - floor, dt_s) / 8.0
        slopes = [
            (fast - slow) / (slower - faster) * 3600.0
            for fast, slow, faster, slower in zip(lags, lags[1:], _TAUS_S, _TAUS_S[1:], strict=False)
        ]
        excess = max(0.0, lags[0] - floor)
        return [1.0, math.log1p(excess / unit), *(math.asinh(slope / unit) for slope in slopes)]

    def snapshot(self) -> dict[str, object]:
        """Only what takes days to learn."""
        return {"floor": self._floor.snapshot(), "reach": self._reach.snapshot()}

    def restore(self, saved: Mapping[str, object]) -> None:
        self._floor.restore(kept.mapping(saved, "floor"))
        self._reach.restore(kept.mapping(saved, "reach"))
