"""Whether a model is better than guessing: its foresights of the last seven days, rated when they came due."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gateway.climate.words import Floats

HORIZONS = (6, 12, 24, 36, 72)
"""Steps ahead that are rated: half an hour to six hours."""

EVERY = 6
"""Steps between two ratings."""

_KEPT = 7 * 288 // EVERY
_ENOUGH = 288 // EVERY
"""Ratings before anything is said: a day of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Squared errors of the model and of "it stays as it is", one for each of `HORIZONS`, in C²."""

    model: tuple[float, ...]
    still: tuple[float, ...]


class Skill:
    """Ratings of seven days. `by_hour` is hours ahead -> 1 - RMSE / RMSE of persistence."""

    def __init__(self) -> None:
        self._ratings: deque[Rating] = deque(maxlen=_KEPT)
        self._by_hour: Mapping[float, float] = {}
        self._rmse_c: tuple[float, ...] = ()

    def rate(self, foreseen: Floats, before_c: float, came: Floats) -> None:
        """`foreseen` and `came` (72,) are the steps after the origin, where it was `before_c`."""
        places = np.array(HORIZONS) - 1
        model, still = (foreseen - came)[places] ** 2, (before_c - came)[places] ** 2
        self._ratings.append(Rating(model=tuple(model.tolist()), still=tuple(still.tolist())))
        self._sum_up()

    @property
    def enough(self) -> bool:
        return len(self._ratings) >= _ENOUGH

    @property
    def by_hour(self) -> Mapping[float, float]:
        """Asked at every tick, so it is kept."""
        return self._by_hour

    @property
    def rmse_c(self) -> tuple[float, ...]:
        """Of the model, for each of `HORIZONS`; empty where nothing was rated."""
        return self._rmse_c

    def _sum_up(self) -> None:
        if not self._ratings:
            return
        model = np.sqrt(np.mean([rating.model for rating in self._ratings], axis=0))
        still = np.sqrt(np.mean([rating.still for rating in self._ratings], axis=0))
        skills = 1 - model / np.maximum(still, 1e-6)
        self._rmse_c = tuple(model.tolist())
        self._by_hour = {steps / 12: round(float(skill), 4) for steps, skill in zip(HORIZONS, skills, strict=True)}

    def snapshot(self) -> list[list[float]]:
        return [[*rating.model, *rating.still] for rating in self._ratings]

    def restore(self, kept: object) -> None:
        """Raises ValueError or TypeError where `kept` is no snapshot."""
        numbers = np.array(kept, np.float64).reshape(-1, 2 * len(HORIZONS))
        if not np.all(np.isfinite(numbers)):
            raise ValueError("not finite")
        half = len(HORIZONS)
        self._ratings.extend(Rating(model=tuple(row[:half]), still=tuple(row[half:])) for row in numbers.tolist())
        self._sum_up()
