"""Is a window open? A contact knows; without one, the room falls faster than it ever does by itself.

What a room does in the next minutes is foretold by linear regression on its own past, on what the heater did and on the
outdoor temperature; a fall four sigma below is an open window (`docs/climate-sense.md` has the figures). The sigma is
the room's own, so nothing needs tuning, and light houses and solid ones are treated alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.climate import saved as kept
from gateway.climate.sense.minutes import MINUTE_S, Minute, Minutes
from gateway.climate.sense.past import FEATURES, Past, unheated
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
_CERTAIN = 4.0
"""Sigmas below what a room without any heat would do."""
_UNSURE_PAUSE = 15
_PATIENCE = 60
"""Minutes for which nothing is made of another doubtful fall, after one that no warming followed: the heater may be
dead, and that is found out by heating."""


class Windows:
    """One room. Call `step` at every tick; it learns from days that contain airings."""

    def __init__(self, pause_s: float = 1800.0) -> None:
        """A window that is inferred counts as open for `pause_s` at the longest: a detector may err."""
        self._minutes = Minutes()
        self._past = Past(longest=max(ahead for ahead, _ in _HORIZONS))
        self._horizons = [_Horizon(ahead, sigmas) for ahead, sigmas in _HORIZONS]
        self._opening = _Opening(pause_s / MINUTE_S)
        self._contact: bool | None = None

    def step(self, observed: Observed, duty: float) -> bool:
        """Whether a window is open. `duty` is what the heater did since the last tick, 0..1."""
        self._contact = observed.window
        minute = self._minutes.step(observed, duty)
        if minute is not None:
            self._past.add(minute)
            self._opening.step(minute, self._fall(minute))
        return self._opening.open if self._contact is None else self._contact

    @property
    def certain(self) -> bool:
        """Open for sure: a contact says so, or the room fell further than a dead heater would let it."""
        return self._opening.open and self._opening.certain if self._contact is None else self._contact

    def _fall(self, minute: Minute) -> "_Fall":
        """No report is no fall, and neither is what began before the last window closed, or is over."""
        if not minute.heard:
            return _NONE
        falls = [horizon.fall(self._past) for horizon in self._horizons]
        if self._past.rising:
            return _NONE
        shut = self._opening.shut_for - _SETTLING
        return max(
            (fall for fall, horizon in zip(falls, self._horizons, strict=True) if shut >= horizon.ahead),
            default=_NONE,
            key=_by_share,
        )

    def snapshot(self) -> dict[str, object]:
        return {str(horizon.ahead): horizon.model.snapshot() for horizon in self._horizons}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What was learned; a window that was open is found out anew, whatever `now` is."""
        del now
        for horizon in self._horizons:
            horizon.model.restore(kept.mapping(saved, str(horizon.ahead)))


@dataclass(frozen=True, slots=True)
class _Fall:
    """How far the room fell below what was foretold, 1 at the threshold, and whether lack of heat cannot explain it."""

    share: float
    certain: bool


_NONE = _Fall(0.0, certain=False)


def _by_share(fall: _Fall) -> tuple[bool, float]:
    return fall.certain and fall.share >= 1.0, fall.share


class _Horizon:
    """What the room does within `ahead` minutes: learned, foretold, compared."""

    def __init__(self, ahead: int, sigmas: float) -> None:
        self.ahead = ahead
        self._sigmas = sigmas
        self.model = Regression(FEATURES, _ROWS, least_sigma=0.04)
        self._learned = self._fitted = 0

    def fall(self, past: Past) -> _Fall:
        known = past.known(self.ahead)
        if known is None:
            return _NONE
        change_k = past.change_k(self.ahead)
        fall = self._compare(known, change_k)
        self._learn(known, change_k, past.minutes)
        return fall

    def _compare(self, known: list[float], change_k: float) -> _Fall:
        if self.model.weights is None:
            share = -change_k / _FIRST_FALL_K if self.ahead == _HORIZONS[0][0] else 0.0
            return _Fall(share, certain=True)
        share = (self.model.predict(known) - change_k) / (self._sigmas * self.model.sigma)
        coldest = self.model.predict(unheated(known)) - _CERTAIN * self.model.sigma
        return _Fall(share, certain=share >= 1.0 and change_k < coldest)

    def _learn(self, known: list[float], change_k: float, minutes: int) -> None:
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
        self.certain = False
        self.shut_for = _DAY
        """Minutes since it closed."""
        self._pause = pause
        self._open_for = 0
        self._lowest = 0.0
        self._patience = 0

    def step(self, minute: Minute, fall: _Fall) -> None:
        if self.open:
            self._stay(minute, fall)
        elif fall.share >= 1.0 and (fall.certain or self.shut_for >= self._patience):
            self.open, self.certain = True, fall.certain
            self._open_for, self._lowest = 0, minute.temp_c
        else:
            self.shut_for += 1

    def _stay(self, minute: Minute, fall: _Fall) -> None:
        self._open_for += 1
        self._lowest = min(self._lowest, minute.temp_c)
        self.certain = self.certain or fall.certain
        warmed = minute.temp_c - self._lowest > _REBOUND_K
        over = self._open_for >= (self._pause if self.certain else min(self._pause, _UNSURE_PAUSE))
        if warmed or over or minute.fresh:
            self.open, self.shut_for = False, 0
            self._patience = 0 if warmed else _PATIENCE
