"""How late the loop is: what a blocking call does to everybody, measured from the inside."""

from collections import deque
from collections.abc import Callable

from gateway.flow.clock import Clock
from gateway.flow.meters import quantile

EVERY_S = 0.1
WINDOW = 1800
"""Samples: three minutes."""


class Lag:
    """Sleeps `every_s` again and again and keeps by how much each sleep was longer. `run` is a stage; everything is
    read in the loop."""

    def __init__(self, clock: Clock, *, every_s: float = EVERY_S, window: int = WINDOW) -> None:
        self._clock, self._every_s = clock, every_s
        self._late_s: deque[float] = deque(maxlen=window)

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until it is cancelled."""
        while True:
            began = self._clock.now()
            await self._clock.sleep(self._every_s)
            self._late_s.append(max(0.0, self._clock.now().seconds_since(began) - self._every_s))
            beat()

    @property
    def samples(self) -> int:
        return len(self._late_s)

    def quantile_s(self, share: float) -> float:
        """Over the window; 0.0 before the first sample, 1.0 is the worst of it."""
        return quantile(sorted(self._late_s), share)
