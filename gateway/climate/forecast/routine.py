"""What a room's own rows can teach from, beyond what the network is asked: the hour more finely than all houses share
it, the weekend, and where the room usually is at this time of day.
"""

from collections.abc import Iterator

import numpy as np

from gateway.climate.forecast.features import CHANGE_LIMIT, Inputs
from gateway.climate.forecast.past import Past
from gateway.climate.words import Floats

_HOUR, _DAY = 3600.0, 86400.0
_WEEK_BACK = np.arange(1, 8) * _DAY
_USUAL_H = (0, 1, 3, 6)
_LAST_DAY = np.arange(24) * _HOUR
_MONDAY = 3
"""The epoch's day was a Thursday."""


def routine(past: Past, origins_s: Floats, *, zone_s: float) -> Inputs:
    """(n, len(ROUTINE)): known at each of `origins_s` (n,), 0 where it is not. `zone_s` is what local time is ahead of
    them, NaN where no clock can be believed."""
    columns = [column for _, column in _columns(past, origins_s, origins_s + zone_s)]
    table = np.clip(np.nan_to_num(np.stack(columns, axis=1)), -CHANGE_LIMIT, CHANGE_LIMIT)
    return np.asarray(table, np.float32)


def _columns(past: Past, origins_s: Floats, local_s: Floats) -> Iterator[tuple[str, Floats]]:
    yield from _clock(local_s)
    yield from _usual(past, origins_s)


def _clock(local_s: Floats) -> Iterator[tuple[str, Floats]]:
    """`features` has the first two turns."""
    angle = 2 * np.pi * local_s / _DAY
    weekend = ((local_s // _DAY + _MONDAY) % 7 >= 5).astype(np.float64)
    for turns in (3, 4, 5, 6):
        yield f"sin{turns}", np.sin(turns * angle)
        yield f"cos{turns}", np.cos(turns * angle)
    yield "weekend", weekend
    for turns in (1, 2, 3):
        yield f"weekend-sin{turns}", weekend * np.sin(turns * angle)
        yield f"weekend-cos{turns}", weekend * np.cos(turns * angle)


def _usual(past: Past, origins_s: Floats) -> Iterator[tuple[str, Floats]]:
    """How far the room is from where it was at these hours of the last seven days, and the last day's outdoors."""
    now = past.at("temp_c", origins_s)
    hours = np.asarray(_USUAL_H)
    usual = _mean(past.at("temp_c", origins_s[:, None, None] - _WEEK_BACK + hours[:, None] * _HOUR))
    for place, ahead in enumerate(_USUAL_H):
        yield f"usual+{ahead}h", usual[:, place] - now
    yield "outdoor-day", (_mean(past.at("outdoor_c", origins_s[:, None] - _LAST_DAY)) - now) / 3


def _mean(values: Floats) -> Floats:
    """(..., k) -> (...): of those that are known, NaN where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


_NOWHERE = Past(series={})
ROUTINE = tuple(name for name, _ in _columns(_NOWHERE, np.zeros(1), np.zeros(1)))
"""What each column is, in order."""
