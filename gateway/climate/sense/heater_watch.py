"""Does the heater do what it is told? The room's energy balance says whether heat arrived.

A regression learns what the room does within ten minutes with the heat that was ordered. For a dead heater, and for one
stuck on, it is then added up how much better that would explain what the room did than obedience does (`suspicion.py`).
An open window is explained by neither for longer than it is open, sun by far less than full power, and a heater that
runs all day in a cold spell by obedience.
"""

from collections import deque
from collections.abc import Mapping

from gateway.climate import saved as kept
from gateway.climate.sense.heat import Heat
from gateway.climate.sense.level import share
from gateway.climate.sense.minutes import MINUTE_S, Minute, Minutes
from gateway.climate.sense.regression import Regression
from gateway.climate.sense.suspicion import Suspicion
from gateway.climate.words import Alarm, Moment, Observed

_STEP = 5
_SPAN = 2
_WALLS = share(MINUTE_S, 43200.0)
_DAY = 1440
_ROWS = 14 * _DAY // _STEP
_FIRST_ROWS = 2 * _DAY // _STEP
_REFIT_EVERY = 72
_AIRED = 4
"""Steps after a window closed until the air has mixed again."""

_IDLE_W = 10.0


class HeaterWatch:
    """One room. Call `step` at every tick. Judges from the third day on."""

    def __init__(self) -> None:
        self._minutes = Minutes()
        self._temps: deque[float] = deque(maxlen=_SPAN + 1)
        self._outdoor: deque[float] = deque(maxlen=_SPAN)
        self._walls: deque[float] = deque(maxlen=_SPAN + 1)
        self._wall = 0.0
        self._gathered: list[Minute] = []
        self._told = Heat(_SPAN)
        self._stuck = Suspicion(Alarm.RELAY_STUCK_ON, 1.0, _SPAN)
        self._suspicions = (Suspicion(Alarm.HEATING_FAILURE, 0.0, _SPAN), self._stuck)
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
        if duty == 0.0 and observed.power_w.good is not None and observed.power_w.good < _IDLE_W:
            self._stuck.forget()  # its meter knows better
        return frozenset(suspicion.alarm for suspicion in self._suspicions if suspicion.rung)

    @property
    def learned(self) -> bool:
        """Whether it knows the room well enough to judge."""
        return self._model.weights is not None

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
            suspicion.forget()

    def _close(self) -> None:
        duty = sum(minute.duty for minute in self._gathered) / _STEP
        self._temps.append(self._gathered[-1].temp_c)
        self._outdoor.append(sum(minute.outdoor_k for minute in self._gathered) / _STEP)
        self._walls.append(self._temps[-1] - self._wall)
        self._told.add(duty)
        for suspicion in self._suspicions:
            suspicion.live(self._told)
        self._steps += 1
        self._aired = max(0, self._aired - 1)
        if len(self._temps) == _SPAN + 1:
            self._judge(self._temps[-1] - self._temps[0])

    def _judge(self, change_k: float) -> None:
        balance = [1.0, sum(self._outdoor) / _SPAN, self._walls[0]]
        suspected = any(suspicion.grave for suspicion in self._suspicions)
        if self.learned and (suspected or not self._aired):
            for suspicion in self._suspicions:
                suspicion.hear(self._model, balance, self._told, change_k)
        if not self._aired and not suspected:
            self._model.add([*balance, *self._told.mean()], change_k)
        if self._steps % _REFIT_EVERY == 0 and self._model.added >= _FIRST_ROWS:
            self._model.fit()

    def snapshot(self) -> dict[str, object]:
        return {"model": self._model.snapshot(), "wall": self._wall}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What was learned; a fault that lasts is found anew, whatever `now` is."""
        del now
        self._model.restore(kept.mapping(saved, "model"))
        self._wall = kept.number(saved, "wall", low=-20.0, high=60.0) or 0.0
