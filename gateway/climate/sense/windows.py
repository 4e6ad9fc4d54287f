"""Is a window open? A contact knows; without one, the room falls faster than it ever does by itself.

What a room does in the next minutes is foretold by linear regression on its own past, on what the heater did and on the
outdoor temperature; a fall four sigma below is an open window (`docs/climate-sense.md` has the figures). The sigma is the
room's own, so nothing needs tuning, and light houses and solid ones are treated alike.
"""

from collections.abc import Mapping, Sequence

from gateway.climate import saved as kept
from gateway.climate.sense.minutes import MINUTE_S, Minute, Minutes
from gateway.climate.sense.past import FEATURES, Past
from gateway.climate.sense.regression import Regression
from gateway.climate.words import Moment, Observed

_HORIZONS = ((10, 4.0), (20, 4.3))
"""Minutes foretold and sigmas that count: the short one is quick where rooms cool fast, the long one sees what happens
in solid houses, where disturbances add up too."""

_DAY = 1440
_LEARN_EVERY = 5
_ROWS = 14 * _DAY // _LEARN_EVERY
_REFIT_EVERY = _DAY // 2
_FIRST_FALL_K = 0.7
"""Fall in ten minutes (4 K/h) that counts before anything was learned."""
_REBOUND_K = 0.25
_SETTLING = 5


class Windows:
    """One room. Call `step` at every tick; it learns from days that contain airings."""

    def __init__(self, pause_s: float = 1800.0) -> None:
        """A window that is inferred counts as open for `pause_s` at the longest: a detector may err."""
        self._minutes = Minutes()
        self._past = Past(longest=max(ahead for ahead, _ in _HORIZONS))
        self._horizons = [_Horizon(ahead, sigmas) for ahead, sigmas in _HORIZONS]
        self._opening = _Opening(pause_s / MINUTE_S)

    def step(self, observed: Observed, duty: float) -> bool:
        """Whether a window is open. `duty` is what the heater did since the last tick, 0..1."""
        minute = self._minutes.step(observed, duty)
        if minute is not None:
            self._past.add(minute)
            self._opening.step(minute, self._fall(minute))
        return self._opening.open if observed.window is None else observed.window

    def _fall(self, minute: Minute) -> float:
        """How far the room fell below what was foretold, 1 at the threshold. No report is no fall, and neither is what
        began before the last window closed, or is over."""
        if not minute.heard:
            return 0.0
        falls = [horizon.fall(self._past) for horizon in self._horizons]
        if self._past.rising:
            return 0.0
        shut = self._opening.shut_for - _SETTLING
        return max([fall for fall, horizon in zip(falls, self._horizons, strict=True) if shut >= horizon.ahead], default=0.0)

    def snapshot(self) -> dict[str, object]:
        return {str(horizon.ahead): horizon.model.snapshot() for horizon in self._horizons}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What was learned; a window that was open is found out anew, whatever `now` is."""
        del now
        for horizon in self._horizons:
            horizon.model.restore(kept.mapping(saved, str(horizon.ahead)))


class _Horizon:
    """What the room does within `ahead` minutes: learned, foretold, compared."""

    def __init__(self, ahead: int, sigmas: float) -> None:
        self.ahead = ahead
        self._sigmas = sigmas
        self.model = Regression(FEATURES, _ROWS, least_sigma=0.04)
        self._learned = self._fitted = 0

    def fall(self, past: Past) -> float:
        known = past.known(self.ahead)
        if known is None:
            return 0.0
        change_k = past.change_k(self.ahead)
        fall = self._compare(known, change_k)
        self._learn(known, change_k, past.minutes)
        return fall

    def _compare(self, known: Sequence[float], change_k: float) -> float:
        if self.model.weights is None:
            return -change_k / _FIRST_FALL_K if self.ahead == _HORIZONS[0][0] else 0.0
        return (self.model.predict(known) - change_k) / (self._sigmas * self.model.sigma)

    def _learn(self, known: Sequence[float], change_k: float, minutes: int) -> None:
        if minutes - self._learned >= _LEARN_EVERY:
            self._learned = minutes
            self.model.add(known, change_k)
        if minutes - self._fitted >= _REFIT_EVERY and self.model.added >= _DAY // _LEARN_EVERY // 2:
            self._fitted = minutes
            self.model.fit()


class _Opening:
    """From a fall to a window that opens, and closes when the room warms up again."""

    def __init__(self, pause: float) -> None:
        self.open = False
        self.shut_for = _DAY
        """Minutes since it closed."""
        self._pause = pause
        self._open_for = 0
        self._lowest = 0.0

    def step(self, minute: Minute, fall: float) -> None:
        if self.open:
            self._open_for += 1
            self._lowest = min(self._lowest, minute.temp_c)
            warmed = minute.temp_c - self._lowest > _REBOUND_K
            if warmed or minute.fresh or self._open_for >= self._pause:
                self.open, self.shut_for = False, 0
        elif fall >= 1.0:
            self.open, self._open_for, self._lowest = True, 0, minute.temp_c
        else:
            self.shut_for += 1
