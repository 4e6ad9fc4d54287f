"""Weather for drawn houses, by the hour: a season, a day, clouds that come and go."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_AXIS_DEG = 23.4
_CLEAR_KW = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """One row a house, one column an hour of UTC: `outdoor_c`; `sun_kw` per m2 on the ground; `window_kw` per m2 of
    its windows, whichever way they face."""

    outdoor_c: Floats
    sun_kw: Floats
    window_kw: Floats


def weather(rng: np.random.Generator, houses: int, days: int) -> Weather:
    """Autumn to spring between 40 and 58 degrees north, two days longer than asked."""
    hours = np.arange((days + 2) * 24)
    day = rng.uniform(-90, 140, (houses, 1)) + hours / 24
    cloud = 1 / (1 + np.exp(-(wandering(rng, houses, len(hours), 10, 1.5) + rng.normal(0, 0.6, (houses, 1)))))
    sun = _CLEAR_KW * _height(rng, day, hours) ** 1.15 * (1 - 0.78 * cloud)
    noon = 12 + rng.uniform(-5, 5, (houses, 1))
    facing = np.clip(np.exp(-(((hours % 24 - noon) / 3.2) ** 2)), 0.12, 1) * rng.uniform(0.5, 1.8, (houses, 1))
    season = 9 - 8 * np.cos(2 * np.pi * (day - 15) / 365) + rng.normal(0, 3, (houses, 1))
    swing = rng.uniform(1.5, 6, (houses, 1)) * (1 - 0.6 * cloud) * np.cos(2 * np.pi * (hours % 24 - 15) / 24)
    fronts = wandering(rng, houses, len(hours), 60, 2.8) + wandering(rng, houses, len(hours), 5, 0.5)
    return Weather(outdoor_c=season + swing + fronts, sun_kw=sun, window_kw=sun * facing)


def wandering(rng: np.random.Generator, rows: int, count: int, memory: float, spread: float) -> Floats:
    """(rows, count): first-order autoregressive noise that forgets over `memory` steps."""
    keep = np.exp(-1 / memory)
    noise = rng.normal(0, spread * np.sqrt(1 - keep**2), (rows, count))
    noise[:, 0] = rng.normal(0, spread, rows)
    for step in range(1, count):
        noise[:, step] += keep * noise[:, step - 1]
    return noise


def _height(rng: np.random.Generator, day: Floats, hours: npt.NDArray[np.int64]) -> Floats:
    """Sine of the sun's height over the horizon, 0 at night."""
    latitude = np.deg2rad(rng.uniform(40, 58, (len(day), 1)))
    tilt = np.deg2rad(-_AXIS_DEG * np.cos(2 * np.pi * (day + 10) / 365))
    turn = (hours % 24 - 12) * np.pi / 12
    height = np.sin(latitude) * np.sin(tilt) + np.cos(latitude) * np.cos(tilt) * np.cos(turn)
    return np.asarray(np.maximum(height, 0.0))
