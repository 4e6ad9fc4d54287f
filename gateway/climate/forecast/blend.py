"""Several forecasts of one thing, weighed by how right each was of late; and how right that is.

Weights are inverse powers of the recent squared error, as in J. Bates and C. Granger, "The combination of forecasts"
(Operational Research Quarterly 20, 1969), where errors are correlated and a higher power stands for their covariance.
"""

from math import exp, isfinite

import numpy as np

from gateway.climate.forecast.features import AHEAD_S
from gateway.climate.words import Floats

GRID_S = 600.0
"""A forecast is noted, and a temperature heard, every ten minutes."""
_STEPS = np.asarray([round(ahead / GRID_S) for ahead in AHEAD_S])
_ALL = np.arange(len(AHEAD_S))
_RING = int(_STEPS[-1]) + 1
_MEMORY_DAYS = 7.0
_KEEP = exp(-GRID_S / (_MEMORY_DAYS * 86400))
_POWER = 6.0
_ENOUGH = 72.0
"""Errors, half a day of them, before anybody is preferred."""


class Blend:
    """Of `members` forecasts, each of changes (12,) in K, NaN where a member has none. Call `hear`, then `note`, at
    every ten-minute place, in order."""

    def __init__(self, members: int) -> None:
        self._places = np.full(_RING, -_RING * 2)
        self._temps = np.zeros(_RING)
        self._told = np.zeros((_RING, members + 1, len(AHEAD_S)))
        self._spreads = np.zeros((_RING, len(AHEAD_S)))
        """What was noted, by place: of every member and, last, the blend."""
        self._counts = np.zeros((members + 1, len(AHEAD_S)))
        self._squares = np.zeros((members + 1, len(AHEAD_S)))
        self._still = np.zeros(len(AHEAD_S))
        self._claimed = np.zeros(len(AHEAD_S))
        """Decayed sums: of errors and their squares, of the squares of what changed and of what spread was given."""

    def hear(self, place: int, temp_c: float) -> None:
        """It is `temp_c` at `place`, NaN where nobody knows: rate what was foretold for now."""
        self._counts *= _KEEP
        self._squares *= _KEEP
        self._still *= _KEEP
        self._claimed *= _KEEP
        then = (place - _STEPS) % _RING
        foretold = self._places[then] == place - _STEPS
        if not isfinite(temp_c) or not foretold.any():
            return
        change = np.where(foretold, temp_c - self._temps[then], np.nan)
        errors = (self._told[then, :, _ALL].T - change) ** 2
        known = np.isfinite(errors)
        self._counts += known
        self._squares += np.where(known, errors, 0.0)
        self._still += np.where(known[-1], change**2, 0.0)
        self._claimed += np.where(known[-1], self._spreads[then, _ALL] ** 2, 0.0)

    def note(self, place: int, temp_c: float, told: Floats, blended: Floats, spread: Floats) -> None:
        """What was foretold at `place`, when it was `temp_c`; `spread` (12,) as `combine` was given it."""
        ring = place % _RING
        self._places[ring], self._temps[ring] = place, temp_c
        self._told[ring, :-1], self._told[ring, -1], self._spreads[ring] = told, blended, spread

    def combine(self, told: Floats, spread: Floats) -> tuple[Floats, Floats]:
        """Of `told` (members, 12) one (12,), NaN where nobody says anything; and its usual error (12,): `spread`,
        scaled by how far off the blend has really been of late."""
        there = np.isfinite(told)
        merit = there * self._merit()
        total = merit.sum(axis=0)
        blended = np.where(there, told, 0.0) * merit
        before = _ENOUGH * spread**2
        honest = np.sqrt((self._squares[-1] + before) / (self._claimed + before))
        return np.where(total > 0, blended.sum(axis=0) / np.maximum(total, 1e-12), np.nan), spread * honest

    def _merit(self) -> Floats:
        """(members, 12). Who was rated too seldom counts like the worst of the others."""
        rated = self._counts[:-1] >= _ENOUGH
        mean = self._squares[:-1] / np.maximum(self._counts[:-1], 1e-9)
        worst = np.max(np.where(rated, mean, 0.0), axis=0)
        return np.asarray(np.maximum(np.where(rated, mean, np.where(worst > 0, worst, 1.0)), 1e-6) ** -_POWER)

    def skill(self) -> Floats | None:
        """(12,): 1 - RMSE / RMSE of "nothing changes", over about a week; None before there was half a day."""
        if np.min(self._counts[-1]) < _ENOUGH:
            return None
        return np.asarray(1 - np.sqrt(self._squares[-1] / np.maximum(self._still, 1e-9)))
