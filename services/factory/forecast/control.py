"""What the heating of drawn houses does: radiator valves, relays with hysteresis, PI; some boilers rest at night."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_HOUR = 1 / 60


class Control:
    """One law a house. A valve's own sensor sits at the emitter and is off by some tenths."""

    def __init__(self, rng: np.random.Generator, houses: int, zone_min: npt.NDArray[np.int64]) -> None:
        self._law = rng.choice(3, houses, p=[0.5, 0.25, 0.25])
        self._band, self._half = rng.uniform(0.8, 3, houses), rng.uniform(0.1, 0.5, houses)
        self._gain = rng.uniform(0.3, 1.5, houses)
        self._reset = self._gain / rng.uniform(1, 6, houses)
        self._off, self._warmed = rng.normal(0, 0.5, houses), rng.uniform(0, 0.12, houses)
        self._rests = rng.random(houses) < 0.3
        self._resting = rng.uniform(0, 0.5, houses)
        self._night = rng.uniform(21, 24, houses) * 60, rng.uniform(4.5, 6.5, houses) * 60
        self._zone = zone_min
        self._on, self._sum = np.zeros(houses), np.zeros(houses)
        self._felt: Floats | None = None

    def duty(self, minute: int, target_c: npt.NDArray[np.float32], air: Floats, emitter: Floats) -> Floats:
        """(houses,) 0..1 of full power for this minute."""
        seen = air + self._warmed * (emitter - air) + self._off
        self._felt = seen if self._felt is None else self._felt + (seen - self._felt) / 12
        short = target_c - self._felt
        self._on = np.where(short > self._half, 1.0, np.where(short < -self._half, 0.0, self._on))
        self._sum = np.clip(self._sum + self._reset * short * _HOUR, 0, 1)
        valve = np.clip(short / self._band + 0.5, 0, 1)
        steady = np.clip(self._gain * short + self._sum, 0, 1)
        local = (minute + self._zone) % 1440
        night = self._rests & ((local > self._night[0]) | (local < self._night[1]))
        wanted = np.where(self._law == 0, valve, np.where(self._law == 1, self._on, steady))
        return np.asarray(wanted * np.where(night, self._resting, 1.0))
