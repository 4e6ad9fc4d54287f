"""The usual course of the heat that nobody accounts for (sun, people, cooking), by quarter hour."""

import numpy as np

from gateway.climate.model.series import QUARTERS, Series
from gateway.climate.words import Floats

_DOUBT_DAYS = 3.0
"""A quarter hour's mean is drawn to that of the whole day, and a weekend's to the weekday's, as if that had been seen
on so many days."""

_BLUR = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
"""What happens about six happens about a quarter past, too."""


def usual_heat(series: Series, unexplained: Floats) -> Floats:
    """`unexplained` (n,) in K/h, as far as it counts, by `Series.slot`: (192,)."""
    values, slots = unexplained[series.counts], series.slot[series.counts]
    overall = float(np.mean(values)) if len(values) else 0.0
    slots_any = slots % QUARTERS
    both = _shrunk(values, slots_any, np.full(QUARTERS, overall))
    weekday = slots < QUARTERS
    kinds = [_shrunk(values[kind], slots_any[kind], both) for kind in (weekday, ~weekday)]
    return np.concatenate([_blurred(kind) for kind in kinds])


def _shrunk(values: Floats, slots: np.ndarray[tuple[int], np.dtype[np.int64]], towards: Floats) -> Floats:
    rows_a_day = 3
    count = np.bincount(slots, minlength=QUARTERS) / rows_a_day
    total = np.bincount(slots, weights=values, minlength=QUARTERS) / rows_a_day
    return np.asarray((total + _DOUBT_DAYS * towards) / (count + _DOUBT_DAYS), np.float64)


def _blurred(day: Floats) -> Floats:
    around = len(_BLUR) // 2
    return np.convolve(np.concatenate([day[-around:], day, day[:around]]), _BLUR, mode="valid")
