"""Heat on its way into a room, as a regression wants to see it."""

import math
from collections import deque
from typing import Self

_STEP_MIN = 5.0
_KEEP = tuple(math.exp(-_STEP_MIN / tau_min) for tau_min in (5.0, 20.0, 60.0, 180.0))


class Heat:
    """Duty through lags of 5 min to 3 h, from a fan heater to a heated floor, averaged over the last `span` steps."""

    WIDTH = len(_KEEP)

    def __init__(self, span: int) -> None:
        self._lags = (0.0,) * len(_KEEP)
        self._recent = deque([self._lags] * span, maxlen=span)

    def add(self, duty: float) -> None:
        self._lags = tuple([duty + keep * (lag - duty) for lag, keep in zip(self._lags, _KEEP, strict=True)])
        self._recent.append(self._lags)

    def mean(self) -> list[float]:
        """(WIDTH,), each 0..1."""
        return [sum(lags) / len(self._recent) for lags in zip(*self._recent, strict=True)]

    def copy(self) -> Self:
        twin = type(self)(len(self._recent))
        twin._lags, twin._recent = self._lags, self._recent.copy()
        return twin
