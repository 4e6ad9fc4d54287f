"""Does the heater do what it is told? The room's energy balance over half an hour says whether heat arrived.

A regression learns what the room does with the heat that was ordered. Page's test (Page 1954, Biometrika 41, 100-115)
then adds up, for a dead heater and for one that is stuck on, how much better that would explain what the room did than
obedience does. An open window is explained by neither, sun by far less than full power, and a heater that runs all day
in a cold spell by obedience.
"""

from collections import deque
from collections.abc import Mapping

from gateway.climate import saved as kept
from gateway.climate.sense.heat import Heat
from gateway.climate.sense.level import share
from gateway.climate.sense.minutes import MINUTE_S, Minute, Minutes
from gateway.climate.sense.regression import Regression
from gateway.climate.words import Alarm, Moment, Observed

_STEP = 5
_SPAN = 6
_WALLS = share(MINUTE_S, 43200.0)
_DAY = 1440
_ROWS = 14 * _DAY // _STEP
_FIRST_ROWS = 240
_REFIT_EVERY = 72
_AIRED = 6
"""Steps after a window closed until the air has mixed again."""

_ALARM = 6.0
_MOST = 1.5
"""What one step may say: no single jump of the temperature rings an alarm."""
_UNEXPLAINED = 0.4
_UNNOTICED = 1.5
"""A suspicion must leave no more than this share of the miss unexplained, or so many sigmas: else it is something else,
such as air that came in."""
_REFUTED = 6.0
"""Sigmas that a suspicion misses by when it is wrong, whatever spoke for it before."""
_DRIFT = 0.15
"""What has to be said at least, lest weak hints add up over hours."""


class HeaterWatch:
    """One room. Call `step` at every tick. Judges from the second day on."""

    def __init__(self) -> None:
        self._minutes = Minutes()
        self._temps: deque[float] = deque(maxlen=_SPAN + 1)
        self._outdoor: deque[float] = deque(maxlen=_SPAN)
        self._walls: deque[float] = deque(maxlen=_SPAN + 1)
        self._wall = 0.0
        self._gathered: list[Minute] = []
        self._told = Heat(_SPAN)
        self._suspicions = (
            _Suspicion(Alarm.HEATING_FAILURE, 0.0),
            _Suspicion(Alarm.RELAY_STUCK_ON, 1.0),
        )
        self._model = Regression(3 + Heat.WIDTH, _ROWS, least_sigma=0.06)
        self._steps = 0
        self._aired = 0

    def step(self, observed: Observed, duty: float, *, airing: bool) -> frozenset[Alarm]:
        """The alarms that hold. `duty` is what the heater was told to do since the last tick, 0..1; `airing` is whether
        a window is open for sure (`Windows.certain`): one that is only suspected may be a dead heater."""
        minute = self._minutes.step(observed, duty)
        if airing:
            self._aired = _AIRED
        if minute is not None:
            self._gather(minute)
        return frozenset(suspicion.alarm for suspicion in self._suspicions if suspicion.rung)

    def _gather(self, minute: Minute) -> None:
        if minute.fresh:
            self._forget()
        self._wall = self._wall + _WALLS * (minute.temp_c - self._wall) if self._wall else minute.temp_c
        self._gathered.append(minute)
        if len(self._gathered) == _STEP:
            self._close()
            self._gathered.clear()

    def _forget(self) -> None:
        self._temps.clear()
        self._gathered.clear()
        for suspicion in self._suspicions:
            suspicion.start(self._told)

    def _close(self) -> None:
        duty = sum(minute.duty for minute in self._gathered) / _STEP
        self._temps.append(self._gathered[-1].temp_c)
        self._outdoor.append(sum(minute.outdoor_k for minute in self._gathered) / _STEP)
        self._walls.append(self._temps[-1] - self._wall)
        self._told.add(duty)
        for suspicion in self._suspicions:
            suspicion.heat.add(suspicion.duty)
        self._steps += 1
        self._aired = max(0, self._aired - 1)
        if len(self._temps) == _SPAN + 1:
            self._judge(self._temps[-1] - self._temps[0])

    def _judge(self, change_k: float) -> None:
        balance = [1.0, sum(self._outdoor) / _SPAN, self._walls[0]]
        suspected = any(suspicion.told >= _ALARM / 2 for suspicion in self._suspicions)
        if self._model.weights is not None and (suspected or not self._aired):
            self._suspect(balance, change_k)
        if not self._aired and not suspected:
            self._model.add([*balance, *self._told.mean()], change_k)
        if self._steps % _REFIT_EVERY == 0 and self._model.added >= _FIRST_ROWS:
            self._model.fit()

    def _suspect(self, balance: list[float], change_k: float) -> None:
        sigma = self._model.sigma
        obeyed = (change_k - self._model.predict([*balance, *self._told.mean()])) / sigma
        for suspicion in self._suspicions:
            instead = (change_k - self._model.predict([*balance, *suspicion.heat.mean()])) / sigma
            suspicion.hear(obeyed, instead, self._told)

    def snapshot(self) -> dict[str, object]:
        return {"model": self._model.snapshot(), "wall": self._wall}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What was learned; a fault that lasts is found anew, whatever `now` is."""
        del now
        self._model.restore(kept.mapping(saved, "model"))
        self._wall = kept.number(saved, "wall", low=-20.0, high=60.0) or 0.0


class _Suspicion:
    """That the heater gives `duty` whatever it is told: since when, and how much speaks for it (log-likelihood)."""

    def __init__(self, alarm: Alarm, duty: float) -> None:
        self.alarm = alarm
        self.duty = duty
        self.heat = Heat(_SPAN)
        self.told = 0.0
        self.rung = False

    def start(self, told: Heat) -> None:
        """From now on, as if it had obeyed until here."""
        self.heat.follow(told)
        self.told = 0.0

    def hear(self, obeyed: float, instead: float, told: Heat) -> None:
        """Misses, in sigmas, of half an hour's change under obedience and under this suspicion."""
        speaks = (obeyed**2 - instead**2) / 2 / _SPAN
        if abs(instead) > _REFUTED and not self.rung:
            self.start(told)
        if speaks > 0 and abs(instead) > max(_UNNOTICED, _UNEXPLAINED * abs(obeyed)):
            return
        self.told = min(2 * _ALARM, max(0.0, self.told + max(-_MOST, min(_MOST, speaks - _DRIFT))))
        self.rung = self.told >= _ALARM or (self.rung and self.told > 0)
        if speaks < 0 and not self.told:
            self.start(told)
