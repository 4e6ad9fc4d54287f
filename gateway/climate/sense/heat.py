"""Heat on its way into a room, as a regression wants to see it."""

import math
from collections import deque

_STEP_MIN = 5.0
_KEEP = tuple(math.exp(-_STEP_MIN / tau_min) for tau_min in (5.0, 20.0, 60.0, 180.0))


class Heat:
    """Duty through lags of 5 min to 3 h, from a fan heater to a heated floor, averaged over the last `span` steps."""

    WIDTH = len(_KEEP)

    def __init__(self, span: int) -> None:
        self.lags = (0.0,) * len(_KEEP)
        self.recent = deque([self.lags] * span, maxlen=span)

    def add(self, duty: float) -> None:
        self.lags = tuple([duty + keep * (lag - duty) for lag, keep in zip(self.lags, _KEEP, strict=True)])
        self.recent.append(self.lags)

    def mean(self) -> list[float]:
        """(WIDTH,), each 0..1."""
        return [sum(lags) / len(self.recent) for lags in zip(*self.recent, strict=True)]

    def follow(self, other: "Heat") -> None:
        """Be what `other` is now."""
        self.lags, self.recent = other.lags, other.recent.copy()
