"""A house with three stores of heat and a slow, coarse sensor, to air and to break (facts: Bacher & Madsen 2011)."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.climate.words import Observed
from tests.unit.climate.sense.rooms import good, moment

DAY = 1440

Judge = Callable[[Observed, float], bool]
"""Told what is known and the duty of the last minute; says whether heating is to pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """kWh/K, K/kW, kW, m2. The defaults are a light house with radiators."""

    air: float = 1.2
    walls: float = 4.0
    emitter: float = 0.06
    air_walls: float = 1.0
    walls_out: float = 6.0
    air_out: float = 12.0
    air_emitter: float = 3.0
    power: float = 8.0
    window: float = 16.0
    """How many times more air comes in while a window is open."""
    seed: int = 1

    def live(
        self,
        days: float,
        judge: Judge,
        *,
        airings: tuple[tuple[int, int], ...] = (),
        dead: range = range(0),
        stuck: range = range(0),
    ) -> None:
        """A thermostat with a setback heats for `days`; `airings` are (minute, how many minutes);
        while `dead` or `stuck` on, the heater does not do what it is told."""
        chance = random.Random(self.seed)
        state = _State(sensor=20.0)
        on = pause = False
        said = 20.0
        for minute in range(round(days * DAY)):
            outdoor = 3.0 + 4.0 * math.sin(2 * math.pi * (minute / DAY - 0.4)) + math.sin(minute / 4000)
            if minute % 5 == 0:
                said = round(state.sensor + chance.gauss(0, 0.04), 1)
            wanted = 21.0 if 330 <= minute % DAY < 1350 else 17.5
            on = not pause and (said <= wanted - 0.2 or (on and said < wanted + 0.2))
            duty = real = float(on)
            if minute in dead:
                real = 0.0
            if minute in stuck:
                real = 1.0
            aired = any(begin <= minute < begin + lasts for begin, lasts in airings)
            sun = max(0.0, math.sin(2 * math.pi * (minute / DAY - 0.25))) * 0.2 * (1 + math.sin(minute / 3000))
            self._minute(state, real, outdoor, self.window if aired else 1.0, sun)
            temp = replace(good(said), age_s=minute % 5 * 60.0)
            pause = judge(Observed(now=moment(minute * 60.0), temp=temp, outdoor=good(outdoor)), duty)

    def _minute(self, state: "_State", duty: float, outdoor: float, window: float, sun: float) -> None:
        into_walls = (state.air - state.walls) / self.air_walls
        into_air = (state.emitter - state.air) / self.air_emitter
        lost = (state.air - outdoor) / self.air_out * window
        state.air += (into_air - into_walls - lost + 0.3 + sun) / self.air / 60
        state.walls += (into_walls - (state.walls - outdoor) / self.walls_out) / self.walls / 60
        state.emitter += (duty * self.power - into_air) / self.emitter / 60
        state.sensor += (state.air - state.sensor) / 6


@dataclass(slots=True)
class _State:
    air: float = 20.0
    walls: float = 17.0
    emitter: float = 22.0
    sensor: float = 20.0


LIGHT = House()
MEDIUM = House(air=2.0, walls=9.0, emitter=0.08, air_walls=0.9, walls_out=8.0, air_out=18.0, power=7.0)


def twice_a_day(days: int, seed: int = 3) -> tuple[tuple[int, int], ...]:
    """Airings of 5 to 45 min in the morning and in the afternoon."""
    chance = random.Random(seed)
    return tuple(
        (day * DAY + chance.randint(begin, begin + 240), chance.randint(5, 45))
        for day in range(days)
        for begin in (450, 900)
    )
