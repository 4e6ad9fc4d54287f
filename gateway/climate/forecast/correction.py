"""What one room has taught beyond the network: ridge regression, learned row by row, that forgets over weeks.

Recursive least squares with exponential forgetting by its sums (L. Ljung, System Identification, 2nd ed., chapter 11);
the ridge is strong, as if a good week had already shown that nothing changes.
"""

import numpy as np

from gateway.climate.forecast.features import Inputs
from gateway.climate.words import Floats

STRENGTH = 1500.0
"""Rows of standard size that speak for "nothing changes"."""
_LEAST_SD = 0.05
LEAST_ROWS = 288.0
"""Two days of rows; before that there is no correction."""
_TOLERANCE = 1e-5
_MOST_STEPS = 300
_TINY = 1e-300


class Correction:
    """Maps `given` (n, inputs) to changes (n, outputs), both in K. `keep` is what is left of a row's weight when the
    next one comes."""

    def __init__(self, inputs: int, outputs: int, *, keep: float = 1.0, strength: float = STRENGTH) -> None:
        self._keep, self._strength = keep, strength
        self._moments = np.zeros((inputs + 1, inputs + 1))
        self._wanted = np.zeros((inputs + 1, outputs))
        self._weights: Floats | None = None

    @property
    def rows(self) -> float:
        """How many rows still count."""
        return float(self._moments[-1, -1])

    def learn(self, given: Floats, change: Floats | Inputs) -> None:
        """Rows in order of time; those with anything unknown are passed over. Takes effect with `solve`."""
        known = np.isfinite(given).all(axis=1) & np.isfinite(change).all(axis=1)
        count = int(known.sum())
        if not count:
            return
        weight = self._keep ** np.arange(count - 1, -1, -1)[:, None]
        rows = np.concatenate([given[known], np.ones((count, 1))], axis=1).astype(np.float64)
        weighed = (rows * weight).T
        self._moments *= self._keep**count
        self._moments += weighed @ rows
        self._wanted *= self._keep**count
        self._wanted += weighed @ change[known]

    def usual(self) -> tuple[Floats, Floats]:
        """What each input is on average, and how far off that it usually is: both (inputs,), of rows that count."""
        mean = self._moments[-1, :-1] / self.rows
        variance = np.diag(self._moments)[:-1] / self.rows - mean**2
        return np.asarray(mean), np.maximum(np.sqrt(np.maximum(variance, 0)), _LEAST_SD)

    def solve(self) -> None:
        """From now on `predict` knows all that was learned."""
        if self.rows < LEAST_ROWS:
            return
        mean, sd = self.usual()
        level = self._wanted[-1] / self.rows
        centred = self._moments[:-1, :-1] - self.rows * np.outer(mean, mean)
        ridge = centred / np.outer(sd, sd) + self._strength * np.eye(len(sd))
        wanted = (self._wanted[:-1] - self.rows * np.outer(mean, level)) / sd[:, None]
        start = np.zeros(wanted.shape) if self._weights is None else self._weights[:-1] * sd[:, None]
        slopes = _conjugate(ridge, wanted, start) / sd[:, None]
        self._weights = np.concatenate([slopes, (level - mean @ slopes)[None]])

    def predict(self, given: Floats) -> Floats | None:
        """(n, outputs), None while too little was learned."""
        if self._weights is None:
            return None
        return np.asarray(given @ self._weights[:-1] + self._weights[-1], np.float64)


def _conjugate(matrix: Floats, wanted: Floats, start: Floats) -> Floats:
    """`matrix` (n, n), symmetric and positive, times the answer (n, k) is `wanted`: conjugate gradients (M. Hestenes
    and E. Stiefel, 1952) from the last answer, which is nearly right. A factorisation of this size would be spread over
    threads, that wait for each other long where other work keeps the cores busy."""
    answer = start.copy()
    left = wanted - matrix @ answer
    way, size = left, np.sum(left**2, axis=0)
    enough = _TOLERANCE**2 * np.sum(wanted**2, axis=0)
    for _ in range(_MOST_STEPS):
        if np.all(size <= enough):
            break
        bent = matrix @ way
        step = size / np.maximum(np.sum(way * bent, axis=0), _TINY)
        answer, left = answer + step * way, left - step * bent
        last, size = size, np.sum(left**2, axis=0)
        way = left + size / np.maximum(last, _TINY) * way
    return np.asarray(answer)
