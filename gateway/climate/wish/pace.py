"""Wishes that come too fast."""

from collections import deque


class Pace:
    """At most `limit` within `span_s`, whoever sends them."""

    def __init__(self, limit: int = 10, span_s: float = 60.0) -> None:
        self._span_s = span_s
        self._taken: deque[float] = deque(maxlen=limit)

    def admits(self, mono_s: float) -> bool:
        """Whether one more may be taken now; if so, it counts as taken."""
        if len(self._taken) == self._taken.maxlen and mono_s - self._taken[0] < self._span_s:
            return False
        self._taken.append(mono_s)
        return True
