"""People of drawn houses: what they want of a room, when they are in it, what they do there. By the minute."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Minutes = npt.NDArray[np.int64]

DAY = 1440
_ACTS = ((7.3, 0.8), (12.5, 0.3), (18.5, 0.8), (21.0, 0.4))
"""Local hours at which people cook, wash or work in a room, and how likely at most."""
_AIRINGS = (0.1, 0.6, 1.5, 3.0)
"""A day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One row a house, one column a minute. `target_c`; `home`; `gain` of their bodies and doings relative to the
    house's size; `draught`, by how much more air comes in than with windows shut; `steam` 0..1; `zone_min` (houses,)
    is what local time is ahead."""

    target_c: Floats
    home: Flags
    gain: Floats
    draught: Floats
    steam: Floats
    zone_min: Minutes


def people(rng: np.random.Generator, houses: int, days: int) -> People:
    shape = (houses, days * DAY)
    gain, draught, steam = (np.zeros(shape, np.float32) for _ in range(3))
    target, home = np.zeros(shape, np.float32), np.zeros(shape, bool)
    zone = rng.integers(-60, 180, houses)
    for house in range(houses):
        local = np.arange(shape[1]) + zone[house]
        target[house] = _wishes(rng, local, days)
        home[house] = _presence(rng, local)
        gain[house] = rng.uniform(0.05, 0.15) + home[house] * rng.uniform(0.05, 0.4)
        _act(rng, gain[house], days, int(zone[house]))
        _air(rng, draught[house], days)
        if rng.random() < 0.25:
            _bathe(rng, steam[house], draught[house], days)
    return People(target_c=target, home=home, gain=gain, draught=draught, steam=steam, zone_min=zone)


def _wishes(rng: np.random.Generator, local: Minutes, days: int) -> Floats:
    """A schedule for working days and one for weekends; sometimes somebody turns the knob, or the season ends."""
    low = rng.uniform(15, 19.5)
    high = low + rng.choice([0.0, rng.uniform(1, 3), rng.uniform(2, 5)], p=[0.12, 0.44, 0.44])
    work, weekend = (_day(rng, low, high) for _ in range(2))
    target = np.where((local // DAY) % 7 >= 5, weekend[local % DAY], work[local % DAY])
    often = float(rng.choice([0, 0.05, 0.3]))
    for start in rng.integers(0, len(local), int(rng.poisson(days * often))):
        target[start : start + rng.integers(60, 480)] = rng.uniform(low - 1, high + 2)
    if rng.random() < 0.12:
        target[int(rng.uniform(0.4, 1) * len(local)) :] = low - 3
    return np.asarray(np.round(target * 2) / 2 if rng.random() < 0.6 else target, np.float32)


def _day(rng: np.random.Generator, low: float, high: float) -> Floats:
    day = np.full(DAY, low, np.float32)
    spans = int(rng.integers(1, 4))
    edges = np.sort(rng.integers(5 * 60, 23 * 60 + 30, 2 * spans))
    for begin, end in edges.reshape(-1, 2):
        day[begin:end] = rng.choice([high, high, rng.uniform(low, high)])
    return day


def _presence(rng: np.random.Generator, local: Minutes) -> Flags:
    wake, leave, back, bed = (rng.normal(60 * hour, spread) for hour, spread in _ROUTINE)
    day, minute = local // DAY - local[0] // DAY, local % DAY
    late = rng.normal(0, 35, (int(day[-1]) + 1, 4))[day]
    awake = (minute > wake + late[:, 0]) & (minute < bed + late[:, 3])
    out = (minute > leave + late[:, 1]) & (minute < back + late[:, 2]) & ((local // DAY) % 7 < 5)
    return np.asarray(awake & ~(out & (rng.random() > 0.25)))


_ROUTINE = ((6.7, 30), (8.5, 40), (16.5, 80), (22.8, 40))
"""Local hour and spread in minutes: up, away, back, to bed."""


def _act(rng: np.random.Generator, gain: Floats, days: int, zone_min: int) -> None:
    for hour, likely in _ACTS:
        share, power = likely * rng.random(), np.exp(rng.uniform(np.log(0.3), np.log(2.5)))
        about, spread = rng.normal(60 * hour, 30) - zone_min, rng.uniform(5, 45)
        for day in np.flatnonzero(rng.random(days) < share):
            gain[_span(rng, day * DAY + rng.normal(about, spread), rng.uniform(10, 60))] += power


def _air(rng: np.random.Generator, draught: Floats, days: int) -> None:
    for _ in range(rng.poisson(days * rng.choice(_AIRINGS))):
        start = rng.integers(0, days) * DAY + rng.normal(60 * rng.choice([7, 12, 19, 22]), 70)
        draught[_span(rng, start, rng.lognormal(np.log(16), 0.8))] = rng.uniform(4, 25)


def _bathe(rng: np.random.Generator, steam: Floats, draught: Floats, days: int) -> None:
    """Showers, after which a window is often opened."""
    about, spread, airs = rng.choice([6.5, 21.5]) * 60, rng.uniform(20, 120), rng.random()
    for day in np.flatnonzero(rng.random(days) < rng.uniform(0.3, 1)):
        start, minutes = day * DAY + rng.normal(about, spread), rng.uniform(5, 25)
        steam[_span(rng, start, minutes)] = rng.uniform(0.2, 1)
        if rng.random() < airs:
            draught[_span(rng, start + minutes, rng.uniform(5, 40))] = rng.uniform(4, 25)


def _span(rng: np.random.Generator, start: float, minutes: float) -> slice:
    begin = max(int(start + rng.normal(0, 3)), 0)
    return slice(begin, begin + max(int(minutes), 1))
