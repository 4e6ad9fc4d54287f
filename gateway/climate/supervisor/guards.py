"""What overrules every law: frost, the hard limit, the floor, the longest heat."""

import math

from gateway.climate.supervisor.ceiling import Ceiling
from gateway.climate.supervisor.dew import may_cool
from gateway.climate.supervisor.ruling import Demand
from gateway.climate.words import Law, Observed
from gateway.config.climate import Room

_FROST_ON_K = {"electric": 0.5, "radiator": 0.5, "floor": 1.5}
"""So far above the guard's temperature heat begins: a floor takes hours to give any."""
_FROST_BACK_K = 1.0
_PAUSE_S = 900.0
_STARTED_K = 0.1


class FrostGuard:
    """Whatever is chosen, also off: heat from just above `frost_c` on until a kelvin more."""

    def __init__(self, room: Room) -> None:
        self._on_c = room.limits.frost_c + _FROST_ON_K[room.emitter]
        self.active = False

    def step(self, coldest: float | None) -> bool:
        """`coldest` is the least that the room may be; None where no sensor is to be trusted."""
        if coldest is None:
            self.active = False
        else:
            self.active = coldest < self._on_c + (_FROST_BACK_K if self.active else 0.0)
        return self.active


class LongestHeat:
    """A pause after the longest heating, unless the room got colder meanwhile: then it is needed."""

    def __init__(self, max_on_s: float) -> None:
        self._max_on_s = max_on_s
        self._since_s: float | None = None
        self._from_c: float | None = None
        self._pause_until_s = -math.inf

    def pauses(self, heating: bool, temp: float | None, now_s: float) -> bool:
        """Called every tick with whether it was heated until now."""
        if now_s < self._pause_until_s:
            self._since_s = None
            return True
        if not heating:
            self._since_s = None
        elif self._since_s is None:
            self._since_s, self._from_c = now_s, temp
        elif now_s - self._since_s >= self._max_on_s and not self._colder(temp):
            self._since_s, self._pause_until_s = None, now_s + _PAUSE_S
            return True
        return False

    def _colder(self, temp: float | None) -> bool:
        return temp is not None and self._from_c is not None and temp < self._from_c - _STARTED_K


class Guards:
    """`judge` every tick: the demand of a law in, what may be done of it out. `bounds` are the least and the most that
    the room may be at, None where no sensor is to be trusted."""

    def __init__(self, room: Room) -> None:
        self.ceiling = Ceiling(room)
        self.frost = FrostGuard(room)
        self._longest = LongestHeat(room.limits.max_on_s)
        self._room = room

    def judge(self, demand: Demand, observed: Observed, bounds: tuple[float, float] | None, *, heating: bool) -> Demand:
        coldest, hottest = bounds or (None, None)
        now_s = observed.now.mono_s
        self.ceiling.watch(hottest, now_s, heating=heating)
        unseen_s = min(observed.temp.age_s, observed.backup.age_s) if heating else 0.0
        closed, floor_closed = self.ceiling.closed(hottest, unseen_s), self.ceiling.floor_closed(observed.floor.good)
        pauses = self._longest.pauses(heating, hottest, now_s)
        if self.frost.step(coldest):
            demand = Demand(duty=1.0, law=Law.GUARD, why=f"frost guard: {coldest:.1f} °C", no_cooling=True, guard=True)
            pauses = False
        if demand.duty < 0.0 and not (self._room.cooler and may_cool(self._room, observed)):
            return Demand(duty=0.0, law=Law.GUARD, why="no cooling this near the dew point", no_cooling=True)
        if demand.duty <= 0.0:
            return demand
        return self._limited(demand, hottest, closed=closed, floor_closed=floor_closed, pauses=pauses)

    def _limited(
        self, demand: Demand, hottest: float | None, *, closed: bool, floor_closed: bool, pauses: bool
    ) -> Demand:
        if closed:
            why = f"{hottest:.1f} °C is too near the limit of {self._room.limits.high_c:.1f} °C: no heat"
        elif floor_closed:
            why = f"the floor has its {self._room.limits.floor_max_c:.1f} °C: no heat"
        elif pauses:
            why = "a pause after the longest time of heating"
        else:
            return demand
        return Demand(duty=0.0, law=Law.GUARD, why=why, no_heat=True)
