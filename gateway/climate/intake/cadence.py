"""How often a device speaks, and from when on its silence means something."""

from collections import deque
from statistics import median

LEAST_S, MOST_S = 900.0, 3600.0
_KEPT = 15


class Cadence:
    """One device, whatever it says: a battery sensor that reports on change is quiet, not lost, while it still tells
    its humidity."""

    def __init__(self) -> None:
        self.heard_s: float | None = None
        self.limit_s = MOST_S
        """Silence beyond twice the median interval, but at least a quarter of an hour and at most an hour."""
        self._intervals: deque[float] = deque(maxlen=_KEPT)

    def hear(self, at_s: float) -> None:
        """The device spoke; what it says in one breath (within a second) counts once."""
        if self.heard_s is not None and at_s - self.heard_s < 1.0:
            return
        if self.heard_s is not None:
            self._intervals.append(at_s - self.heard_s)
            self.limit_s = min(max(2 * median(self._intervals), LEAST_S), MOST_S)
        self.heard_s = at_s

    def silent(self, now_s: float) -> bool:
        return self.heard_s is None or now_s - self.heard_s > self.limit_s
