"""Since when might a heater not do what it is told, and how much speaks for it?

A generalised likelihood ratio over the time of the fault (Willsky & Jones 1976, IEEE Trans. Autom. Control 21, 108):
several cases are kept, each of a fault that began at another time, and the best of them counts. One start alone would
not do: after a fault that nobody noticed, the emitter of the story would be warm when the real one is cold.
"""

from collections import deque
from collections.abc import Sequence

from gateway.climate.sense.heat import Heat
from gateway.climate.sense.regression import Regression
from gateway.climate.words import Alarm

_EACH = 3
"""Steps between the beginnings of two cases."""
_CASES = 12

_ALARM = 5.0
_DOUBT = 3.0
_MOST = 3.0
"""What one step may say: no single jump of the temperature rings an alarm."""
_BLOCK = 4
"""The steps in a row that say most are left out: air that came in for a quarter of an hour explains them as well."""
_DRIFT = 0.05
"""What has to be said at least, lest weak hints add up over hours."""
_UNEXPLAINED = 0.4
_UNNOTICED = 1.5
"""A suspicion must leave no more than this share of the miss unexplained, or so many sigmas: else it is something else,
such as air that came in."""
_REFUTED = 6.0
"""Sigmas that a case misses by when it is wrong, whatever spoke for it before."""


class Suspicion:
    """That the heater gives `duty` whatever it is told, since one of the last hours."""

    def __init__(self, alarm: Alarm, duty: float, span: int) -> None:
        """`span` is how many steps the changes are over that it hears of: so often each is told."""
        self.alarm = alarm
        self.rung = False
        self._duty = duty
        self._span = span
        self._cases: list[_Case] = []
        self._steps = 0
        self._level = 0.0

    @property
    def grave(self) -> bool:
        """Whether enough speaks for it that nothing must be learned meanwhile."""
        return self.rung or any(case.told >= _DOUBT for case in self._cases)

    def forget(self) -> None:
        self._cases.clear()
        self.rung = False

    def live(self, told: Heat) -> None:
        """A step is over; `told` is the heat that was ordered, until its end."""
        for case in self._cases:
            case.heat.add(self._duty)
        self._steps += 1
        if self._steps % _EACH == 0:
            if len(self._cases) == _CASES:
                self._cases.remove(min(self._cases, key=_told))
            self._cases.append(_Case(told, self._span))

    def hear(self, model: Regression, balance: Sequence[float], told: Heat, change_k: float) -> None:
        """What the room did in the span that has just ended, and what else than heat explains it."""
        obeyed = (change_k - model.predict([*balance, *told.mean()])) / model.sigma
        for case in self._cases[:]:
            instead = (change_k - model.predict([*balance, *case.heat.mean()])) / model.sigma
            if abs(instead) > _REFUTED and case.told < _ALARM:
                self._cases.remove(case)
            else:
                case.hear(obeyed, instead)
        if self._cases:
            self._weigh(max(self._cases, key=_told))

    def _weigh(self, best: "_Case") -> None:
        """It rings until as much has been said against it as for it."""
        if not self.rung:
            self.rung, self._level = best.told >= _ALARM, 2 * _ALARM
            return
        self._level = min(2 * _ALARM, self._level + best.last)
        if self._level <= 0:
            self.forget()


class _Case:
    """One time at which the fault may have begun: as if the heater had obeyed until then. `told` is the
    log-likelihood that speaks for it, beside what a moment's draught explains."""

    def __init__(self, obeyed: Heat, span: int) -> None:
        self.heat = Heat(span)
        self.heat.follow(obeyed)
        self.told = self.last = 0.0
        self._span = span
        self._sum = self._most = 0.0
        self._recent: deque[float] = deque(maxlen=_BLOCK)

    def hear(self, obeyed: float, instead: float) -> None:
        """Misses, in sigmas, of what the room did under obedience and in this case."""
        says = (obeyed**2 - instead**2) / 2 / self._span
        if says > 0 and abs(instead) > max(_UNNOTICED, _UNEXPLAINED * abs(obeyed)):
            says = 0.0
        self.last = max(-_MOST, min(_MOST, says - _DRIFT))
        self._sum += self.last
        self._recent.append(self.last)
        self._most = max(self._most, sum(self._recent))
        self.told = self._sum - self._most


def _told(case: _Case) -> float:
    return case.told
