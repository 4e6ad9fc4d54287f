"""How long one model takes on the accelerator, as measured."""

from collections import deque

from gateway.flow.meters import quantile

WINDOW = 64
"""Runs that are remembered; older ones say little about how the device is doing now."""


class Latency:
    """Seconds per run, apart for runs that found the model's parameters on the chip and runs that had to bring them."""

    def __init__(self) -> None:
        self._taken: dict[bool, deque[float]] = {True: deque(maxlen=WINDOW), False: deque(maxlen=WINDOW)}

    def add(self, took_s: float, *, resident: bool) -> None:
        self._taken[resident].append(took_s)

    def usual_s(self, *, resident: bool) -> float:
        """The median, of the other kind of run where this one was not seen yet; 0.0 before the first."""
        return quantile(sorted(self._taken[resident] or self._taken[not resident]), 0.5)

    def slow_s(self) -> float:
        """The median of the slower kind of run: a fault that passes does not move it, a device that slows down does."""
        return max(self.usual_s(resident=True), self.usual_s(resident=False))
