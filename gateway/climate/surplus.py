"""What the home's own production will leave over: as much as at this time yesterday, and for now what there is."""

from gateway.climate.grid import QUARTER_S, QUARTERS
from gateway.climate.words import Moment

_FRESH_S = 1800.0


class Surplus:
    """In W, by quarter hours of the day in UTC. Nothing is told ahead before a whole day was seen."""

    def __init__(self) -> None:
        self._seen: list[float | None] = [None] * QUARTERS
        self._last_w, self._last_s = 0.0, float("-inf")

    def hear(self, surplus_w: float, now: Moment) -> None:
        self._last_w, self._last_s = max(surplus_w, 0.0), now.mono_s
        if now.wall is not None:
            self._seen[_quarter(now)] = self._last_w

    def ahead(self, now: Moment) -> tuple[float, ...]:
        """From now on for a day, (QUARTERS,); empty where yesterday is not known or nothing was heard lately."""
        if now.wall is None or now.mono_s - self._last_s > _FRESH_S:
            return ()
        first = _quarter(now)
        known = [watts for watts in self._seen if watts is not None]
        if len(known) < QUARTERS:
            return ()
        return (self._last_w, *known[first + 1 :], *known[:first])


def _quarter(now: Moment) -> int:
    assert now.wall is not None
    return int(now.wall.timestamp() % 86400 // QUARTER_S)
