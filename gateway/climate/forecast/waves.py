"""Bends for a linear fit: random Fourier features, after A. Rahimi and B. Recht, "Random features for large-scale
kernel machines" (NIPS 2007). A ridge regression on them is one with a Gaussian kernel, at the price of a linear one.
"""

import numpy as np

from gateway.climate.words import Floats

WAVES = 100
_FARTHEST = 4.0
_SEED = 0
"""The same waves in every room and after every start."""


class Waves:
    """Of rows whose columns are `mean` (inputs,) on average and off that by `sd` (inputs,), both fixed for good."""

    def __init__(self, mean: Floats, sd: Floats) -> None:
        rng = np.random.default_rng(_SEED)
        self._mean, self._sd = mean, sd
        self._frequency = rng.normal(size=(len(mean), WAVES)) / np.sqrt(len(mean))
        self._phase = rng.uniform(0, 2 * np.pi, WAVES)

    def added(self, rows: Floats) -> Floats:
        """(n, inputs) -> (n, inputs + WAVES): the rows as they were, and their waves."""
        standard = np.clip((rows - self._mean) / self._sd, -_FARTHEST, _FARTHEST)
        return np.concatenate([rows, np.cos(standard @ self._frequency + self._phase)], axis=1)
