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
_LEAST_ROWS = 288.0
"""Two days of rows; before that there is no correction."""


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
        self._moments = self._moments * self._keep**count + (rows * weight).T @ rows
        self._wanted = self._wanted * self._keep**count + (rows * weight).T @ change[known]

    def solve(self) -> None:
        """From now on `predict` knows all that was learned."""
        if self.rows < _LEAST_ROWS:
            return
        mean = self._moments[-1, :-1] / self.rows
        sd = np.maximum(np.sqrt(np.maximum(np.diag(self._moments)[:-1] / self.rows - mean**2, 0)), _LEAST_SD)
        penalty = np.diag(np.concatenate([self._strength * sd**2, [0.0]]))
        self._weights = np.asarray(np.linalg.solve(self._moments + penalty, self._wanted), np.float64)

    def predict(self, given: Floats) -> Floats | None:
        """(n, outputs), None while too little was learned."""
        if self._weights is None:
            return None
        return np.asarray(given @ self._weights[:-1] + self._weights[-1], np.float64)
