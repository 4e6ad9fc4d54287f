"""Where a temperature is going."""

import math

FAST_S, SLOW_S = 300.0, 1200.0


class Trend:
    """Slope as the difference of two exponential means, divided by that of their delays: exact for a ramp, blind to
    how often it is asked, and little moved by a sensor that rounds to 0.1 K."""

    def __init__(self, fast_s: float = FAST_S, slow_s: float = SLOW_S) -> None:
        self._fast_s, self._slow_s = fast_s, slow_s
        self._fast_c: float | None = None
        self._slow_c = 0.0

    def step(self, temp_c: float, elapsed_s: float) -> float:
        """K/h, after `temp_c` held for `elapsed_s`."""
        if self._fast_c is None:
            self._fast_c = self._slow_c = temp_c
        self._fast_c += (temp_c - self._fast_c) * -math.expm1(-elapsed_s / self._fast_s)
        self._slow_c += (temp_c - self._slow_c) * -math.expm1(-elapsed_s / self._slow_s)
        return (self._fast_c - self._slow_c) / (self._slow_s - self._fast_s) * 3600.0

    def forget(self) -> None:
        """After a gap nothing is known."""
        self._fast_c = None
