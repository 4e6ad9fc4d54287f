"""Weather that never was, by seed."""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.weather import HOUR_S, Floats, Weather


def synthetic(climate: str, seed: int, days: int = 40) -> Weather:
    """Hourly weather of 52 degrees north that never was: `climate` is cold (January) or mild (March).

    A daily swing with clear and clouded days, and fronts as an Ornstein-Uhlenbeck process of two and a half days."""
    rng = np.random.default_rng((seed, ("cold", "mild").index(climate)))
    mean_c, swing_c, day_of_year = {"cold": (-1.0, 1.8, 10), "mild": (7.0, 3.6, 75)}[climate]
    begin = datetime(2023, 1 if climate == "cold" else 3, 9, tzinfo=UTC).timestamp()
    hours = np.arange(days * 24)
    clear = _wander(rng, len(hours), 36.0).clip(-1.5, 1.5) / 3 + 0.5
    front = 3.2 * _wander(rng, len(hours), 60.0)
    swing = swing_c * (0.4 + 1.2 * clear) * np.cos((hours % 24 - 14.5) / 24 * 2 * np.pi)
    wind = (3.5 + 2.2 * _wander(rng, len(hours), 18.0)).clip(0.2, 16.0)
    return Weather(
        time_s=np.asarray(begin + hours * HOUR_S, np.float64),
        outdoor_c=mean_c + front + swing,
        ghi_w_m2=_sun(hours, day_of_year) * (0.15 + 0.6 * clear),
        wind_m_s=wind,
    )


def _wander(rng: np.random.Generator, count: int, hours: float) -> Floats:
    """An Ornstein-Uhlenbeck process of unit variance, one value an hour."""
    stays = float(np.exp(-1.0 / hours))
    found = np.empty(count)
    value = float(rng.normal())
    for number, shock in enumerate(rng.normal(size=count) * np.sqrt(1 - stays**2)):
        value = stays * value + shock
        found[number] = value
    return found


def _sun(hours: npt.NDArray[np.int64], first_day: int) -> Floats:
    """Radiation above the clouds on the horizontal at 52 degrees north, W/m2 (Cooper's declination)."""
    latitude = np.radians(52.0)
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + first_day + hours / 24) / 365)
    hour_angle = np.pi / 12 * (hours % 24 + 0.5 - 11.7)
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(1361.0 * height.clip(0.0))
