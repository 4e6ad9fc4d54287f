"""What cannot be a room, or teaches nothing, is refused."""

import numpy as np

from gateway.climate.model.series import Series
from gateway.climate.model.thermal import Discrete, loss, slowest_h
from gateway.climate.words import Floats

_ENOUGH_ROWS = 500
"""Rows that count, in 5-min steps: nearly two days."""

_SWING = 0.1
"""Least standard deviation of temperature in C: a room that never moved taught nothing."""

_RISE_C = (4.0, 500.0)
"""What full power can hold a room above the outside by: from hopeless to absurd."""

_SLOWEST_H = (1.0, 2000.0)


def taught(lived: Series) -> bool:
    """Whether rows are enough to learn from. Where the heater never ran, the loss can still be learned."""
    temps = lived.temps[lived.counts]
    return len(temps) >= _ENOUGH_ROWS and float(np.std(temps)) > _SWING


def plausible(parameters: Floats, discrete: Discrete) -> bool:
    """Whether learned `parameters` (8,) can be a room: finite, the heater heats, heat is lost and not too fast, and
    what is left alone settles."""
    if not (np.all(np.isfinite(parameters)) and np.all(parameters > 0)):
        return False
    lost = float(loss(parameters[None])[0])
    if not (np.isfinite(lost) and lost > 0):
        return False
    rise = float(parameters[1]) / lost
    return _RISE_C[0] < rise < _RISE_C[1] and _SLOWEST_H[0] < slowest_h(discrete) < _SLOWEST_H[1]
