"""A token bucket: so much a second, with bursts of one second."""

from gateway.flow.clock import Clock


class Bucket:
    """`take` may overdraw it, so that one piece larger than a burst still passes; what follows waits the longer."""

    def __init__(self, per_s: float, clock: Clock) -> None:
        self._per_s = per_s
        self._clock = clock
        self._level = per_s
        self._filled = clock.now()

    def take(self, amount: float) -> None:
        self._fill()
        self._level -= amount

    def wait_s(self) -> float:
        """Until the next piece may go."""
        self._fill()
        return max(0.0, -self._level / self._per_s)

    def _fill(self) -> None:
        now = self._clock.now()
        self._level = min(self._per_s, self._level + self._per_s * now.seconds_since(self._filled))
        self._filled = now
