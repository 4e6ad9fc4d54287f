"""What the forecast is made from: 59 numbers, all relative to the room as it is now, none from later than that.

What a temperature means changes with the season and the room; what a difference means hardly does. What is not known
is 0, "as it is now", so that a room with nothing but a thermometer has a forecast too.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.past import Past
from gateway.climate.words import Floats

Inputs = npt.NDArray[np.float32]

AHEAD_S = tuple(1800.0 * step for step in range(1, 13))
"""Half an hour to six hours: how far ahead each of the twelve answers looks."""
CHANGE_LIMIT = 8.0
"""No input is further from 0."""

_HOUR, _DAY = 3600.0, 86400.0
_LAGS_S = 60.0 * np.array([10, 20, 30, 40, 60, 90, 120, 180, 240, 360, 720, 1440])
_HABITS_H = (1, 2, 3, 6)
_TEN_MIN = np.arange(0, 37) * 600.0
_DAYS = np.arange(1, 8) * _DAY

At = Callable[[str, Sequence[float]], Floats]
"""A column as it was so many seconds before each origin, (n, k)."""


def features(past: Past, origins_s: Floats, *, zone_s: float = 0.0) -> Inputs:
    """(n, len(NAMES)): what is known at each of `origins_s` (n,). `zone_s` is what local time is ahead of them.

    Rows whose room temperature is not known are NaN throughout."""
    columns = dict(_columns(past, origins_s, zone_s))
    assert tuple(columns) == NAMES
    table = np.clip(np.nan_to_num(np.array(list(columns.values())).T), -CHANGE_LIMIT, CHANGE_LIMIT)
    table[~np.isfinite(past.at("temp_c", origins_s))] = np.nan
    return np.asarray(table, np.float32)


def changes(past: Past, origins_s: Floats, *, oldest_s: float = 900.0) -> Inputs:
    """(n, 12) in K: how much warmer it was `AHEAD_S` after each origin, NaN where that is not known."""
    ahead = origins_s[:, None] + np.asarray(AHEAD_S)
    then = past.series["temp_c"].at(ahead, oldest_s)
    return np.asarray(then - past.at("temp_c", origins_s)[:, None], np.float32)


def _columns(past: Past, origins_s: Floats, zone_s: float) -> Iterator[tuple[str, Floats]]:
    def at(column: str, before_s: Sequence[float]) -> Floats:
        return past.at(column, origins_s[:, None] - np.asarray(before_s))

    yield from _room(past, origins_s)
    yield from _heat(past, origins_s)
    yield from _wanted(at)
    yield from _around(at)
    yield from _clock(origins_s + zone_s)
    yield from _habits(past, origins_s)


def _room(past: Past, origins_s: Floats) -> Iterator[tuple[str, Floats]]:
    """How it got where it is, and how that compares with the last hour, six hours and day."""
    now = past.at("temp_c", origins_s)
    before = past.at("temp_c", origins_s[:, None] - _LAGS_S) - now[:, None]
    for place, lag_s in enumerate(_LAGS_S.tolist()):
        yield f"temp-{lag_s / 60:.0f}", before[:, place]
    recent = np.nan_to_num(past.at("temp_c", origins_s[:, None] - _TEN_MIN) - now[:, None])
    for hours, some in ((1, recent[:, :7]), (6, recent)):
        yield f"low-{hours}h", np.min(some, axis=1)
        yield f"high-{hours}h", np.max(some, axis=1)
    hourly = past.at("temp_c", origins_s[:, None] - np.arange(0, 24) * _HOUR) - now[:, None]
    yield "day", _mean(hourly)


def _heat(past: Past, origins_s: Floats) -> Iterator[tuple[str, Floats]]:
    """In fifths, so that a full heater weighs like five degrees."""
    duty = 5 * past.at("duty", origins_s[:, None] - _TEN_MIN)
    yield "duty", duty[:, 0]
    yield "duty-small", np.clip(duty[:, 0], 0, 1)
    for step in (1, 3, 6, 12):
        yield f"duty-{10 * step}", duty[:, step] - duty[:, 0]
    yield "duty-6h", _mean(duty)


def _wanted(at: At) -> Iterator[tuple[str, Floats]]:
    minutes = (30, 120, 360)
    ahead = [(1, hours) for hours in (1, 2, 3, 4, 6)] + [(7, hours) for hours in (1, 3, 6)]
    told = at("target_c", [0, *(60 * one for one in minutes), *(days * _DAY - hours * _HOUR for days, hours in ahead)])
    wanted = told[:, 0]
    missing = wanted - at("temp_c", [0])[:, 0]
    yield "wanted", missing
    yield "wanted-near", np.clip(missing, -1, 1)
    names = [*(f"wanted-{one}" for one in minutes), *(f"wanted-{days}d+{hours}h" for days, hours in ahead)]
    for place, name in enumerate(names, 1):
        yield name, told[:, place] - wanted


def _around(at: At) -> Iterator[tuple[str, Floats]]:
    outdoor = at("outdoor_c", [0, _HOUR, 3 * _HOUR, 24 * _HOUR])
    yield "outdoor", (outdoor[:, 0] - at("temp_c", [0])[:, 0]) / 3
    for place, hours in enumerate((1, 3, 24), 1):
        yield f"outdoor-{hours}h", outdoor[:, place] - outdoor[:, 0]
    light = np.log1p(np.maximum(at("light", [0, _HOUR, 3 * _HOUR]), 0.0))
    yield "light", light[:, 0] / 2
    for place, hours in enumerate((1, 3), 1):
        yield f"light-{hours}h", light[:, place] - light[:, 0]
    humid = at("humidity", [0, 600, _HOUR])
    yield "humid", (humid[:, 0] - 50) / 10
    for place, minutes in enumerate((10, 60), 1):
        yield f"humid-{minutes}", (humid[:, place] - humid[:, 0]) / 5


def _clock(local_s: Floats) -> Iterator[tuple[str, Floats]]:
    angle = 2 * np.pi * local_s / _DAY
    for turns in (1, 2):
        yield f"sin{turns}", np.sin(turns * angle)
        yield f"cos{turns}", np.cos(turns * angle)


def _habits(past: Past, origins_s: Floats) -> Iterator[tuple[str, Floats]]:
    """What came next at this time of the day, yesterday and on average over a week."""
    hours = np.array([0, *_HABITS_H])
    temps = past.at("temp_c", origins_s[:, None, None] - _DAYS + hours[:, None] * _HOUR)
    for place, ahead in enumerate(_HABITS_H, 1):
        change = temps[:, place] - temps[:, 0]
        yield f"yesterday+{ahead}h", change[:, 0]
        yield f"week+{ahead}h", _mean(change)


def _mean(values: Floats) -> Floats:
    """(n, k) -> (n,): of those that are known."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


_NOWHERE = Past(series={})
NAMES = tuple(name for name, _ in _columns(_NOWHERE, np.zeros(1), 0.0))
"""What each input is, in order."""
