"""What a room did in the last hour, minute by minute, as a regression wants to see it."""

from collections import deque
from itertools import pairwise

from gateway.climate.sense.level import share
from gateway.climate.sense.minutes import MINUTE_S, Minute

FEATURES = 15

_LAGS = (0, 5, 10, 15, 30)
_BINS = 5
_HEAT = range(7, FEATURES)
_FAST, _MIDDLE, _SLOW, _WALLS = (share(MINUTE_S, tau_s) for tau_s in (600.0, 2400.0, 10800.0, 43200.0))


class Past:
    """Heat that is on its way through a radiator or a floor is what the duty was, through lags of 10 min, 40 min and
    3 h; the walls are what the room was through a lag of 12 h."""

    def __init__(self, longest: int) -> None:
        """`longest` in minutes that anything is foretold ahead."""
        self._temps: deque[float] = deque(maxlen=longest + _LAGS[-1] + 1)
        self._duties: deque[float] = deque(maxlen=longest)
        self._states: deque[tuple[float, ...]] = deque(maxlen=longest + 1)
        self._fast = self._middle = self._slow = 0.0
        self._walls = 0.0
        self.minutes = 0
        """How many there ever were."""

    def add(self, minute: Minute) -> None:
        if minute.fresh:
            self._temps.clear()
            self._duties.clear()
            self._states.clear()
        self._walls = self._walls + _WALLS * (minute.temp_c - self._walls) if self.minutes else minute.temp_c
        self.minutes += 1
        duty = minute.duty
        self._fast += _FAST * (duty - self._fast)
        self._middle += _MIDDLE * (duty - self._middle)
        self._slow += _SLOW * (duty - self._slow)
        self._temps.append(minute.temp_c)
        self._duties.append(duty)
        self._states.append(
            (minute.outdoor_k, minute.temp_c - self._walls, self._fast, self._middle, self._slow),
        )

    @property
    def rising(self) -> bool:
        """Warmer than five minutes ago."""
        return len(self._temps) > 5 and self._temps[-1] > self._temps[-6]

    def change_k(self, ahead: int) -> float:
        """How much warmer it got within the last `ahead` minutes."""
        return self._temps[-1] - self._temps[-1 - ahead]

    def known(self, ahead: int) -> list[float] | None:
        """What foretells that change (FEATURES,): what was known before it, and the heat since; None after a gap."""
        if len(self._temps) <= ahead + _LAGS[-1]:
            return None
        before = [self._temps[-1 - ahead - lag] for lag in _LAGS]
        falls = [late - early for late, early in pairwise(before)]
        duties = list(self._duties)[-ahead:]
        width = ahead // _BINS
        heat = [sum(duties[begin : begin + width]) / width for begin in range(0, ahead, width)]
        return [1.0, *falls, *self._states[-1 - ahead], *heat]


def unheated(known: list[float]) -> list[float]:
    """The same, had the heater been dead for a while."""
    return [0.0 if place in _HEAT else value for place, value in enumerate(known)]
