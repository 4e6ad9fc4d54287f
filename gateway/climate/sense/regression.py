"""Linear regression of a room from its own recent past, in spite of what must not be learned from."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from gateway.climate import saved as kept
from gateway.climate.sense.rows import numbers
from gateway.climate.words import Floats

_RIDGE = 1e-3
_ROUNDS = 4
_TRIM = 3.0
_SIGMA = 1.4826
"""Median absolute deviation of a normal distribution, inverted."""


class Regression:
    """Ridge regression over a ring of the last `capacity` rows, refitted without the rows that miss by more than three
    sigma: airings, guests and faults are a few per cent of all rows and leave no trace. `sigma` is of the rows kept."""

    def __init__(self, width: int, capacity: int, least_sigma: float) -> None:
        self._rows = np.zeros((capacity, width + 1))
        self._added = 0
        self._least_sigma = least_sigma
        self.weights: list[float] | None = None
        self.sigma = math.inf

    @property
    def added(self) -> int:
        return self._added

    def add(self, features: Sequence[float], outcome: float) -> None:
        self._rows[self._added % len(self._rows)] = (*features, outcome)
        self._added += 1

    def fit(self) -> None:
        """Costs about 0.2 us a row."""
        rows = self._rows[: min(self._added, len(self._rows))]
        features, outcome = rows[:, :-1], rows[:, -1]
        scale = np.sqrt(np.mean(features**2, axis=0)) + 1e-9
        scaled = features / scale
        kept = np.ones(len(rows), bool)
        weights, missed = np.zeros(features.shape[1]), outcome
        for _ in range(_ROUNDS):
            weights = _ridge(scaled[kept], outcome[kept])
            missed = outcome - scaled @ weights
            spread = _SIGMA * float(np.median(np.abs(missed)))
            kept = np.abs(missed) < _TRIM * max(spread, self._least_sigma)
        self.weights = [float(weight) for weight in weights / scale]
        self.sigma = max(self._least_sigma, float(np.sqrt(np.mean(missed[kept] ** 2))))

    def predict(self, features: Sequence[float]) -> float:
        """Only once there are weights."""
        assert self.weights is not None
        return sum(weight * feature for weight, feature in zip(self.weights, features, strict=True))

    def snapshot(self) -> dict[str, object]:
        """What was found, not what from: a room is learned again in the days after a restart."""
        return {"weights": self.weights, "sigma": self.sigma} if self.weights is not None else {}

    def restore(self, saved: Mapping[str, object]) -> None:
        weights = numbers(saved, "weights", self._rows.shape[1] - 1)
        sigma = kept.number(saved, "sigma", low=self._least_sigma)
        if weights is not None and sigma is not None:
            self.weights, self.sigma = weights, sigma


def _ridge(features: Floats, outcome: Floats) -> Floats:
    width = features.shape[1]
    gram = features.T @ features + _RIDGE * max(1, len(features)) * np.eye(width)
    return np.asarray(np.linalg.solve(gram, features.T @ outcome), np.float64)
