"""How much heat the room takes, by how cold it is outside: what is left to go by when no thermometer is."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway.climate import saved
from gateway.climate.intake.stuck import DEFAULT_LOSS
from gateway.config.climate import Room

_HOUR_S = 3600.0
_WEEK = 168
_PRIOR_K2, _PRIOR_RISE2 = 3 * 15.0**2, 3 * 1.0**2
"""The default line weighs as much as three hours at 15 K that each end 1 K warmer."""
_STORED = {"electric": 0.33, "radiator": 0.33, "floor": 1.25}
"""Share of full power for an hour that warms a room by a kelvin, as it is assumed at first."""
_LEAST_K = 8.0
"""Below it sun and people decide, not the outside."""
_FLATTEST, _STEEPEST = 0.004, 0.1
_NEAR_K = 3.0
_WIDEN, _SPARE, _ENOUGH = 1.25, 0.1, 24
_UNKNOWN_C, _COLDER_K = 5.0, 3.0
_SMOOTH_S = 24 * 3600.0


class Hour(NamedTuple):
    """An undisturbed hour: mean duty, mean of room - outside, mean of the outside, rise of the room."""

    duty: float
    over_k: float
    outdoor_c: float
    rise_k: float


class LossLine:
    """The hours of the last week, and a line through the origin: duty = loss * over_k + stored * rise_k by least
    squares, drawn towards the defaults. Without what the room stores, a night of cooling down would look like a room
    that needs no heat. What is configured is believed.

    Walls feel yesterday's weather as much as today's, so the line is asked for halfway between the two.
    """

    def __init__(self, room: Room) -> None:
        self._configured = room.loss_duty_per_k
        self._assumed = self._stored = _STORED[room.emitter]
        self._hours: deque[Hour] = deque(maxlen=_WEEK)
        self._loss = self._configured or DEFAULT_LOSS
        self._sums = [0.0, 0.0, 0.0]
        self._for_s = 0.0
        self._from_c = 0.0
        self._yesterday_c: float | None = None

    def outside(self, outdoor: float | None, passed_s: float) -> None:
        """It was so cold outside for `passed_s`, whatever the room did."""
        if outdoor is None:
            return
        before = outdoor if self._yesterday_c is None else self._yesterday_c
        self._yesterday_c = before + (outdoor - before) * min(passed_s / _SMOOTH_S, 1.0)

    def learn(self, duty: float, temp: float | None, outdoor: float | None, passed_s: float) -> None:
        """A tick of `passed_s`; None where a temperature is not to be trusted, or the tick was disturbed: the hour is
        then begun anew."""
        if temp is None or outdoor is None:
            self._for_s, self._sums = 0.0, [0.0, 0.0, 0.0]
            return
        if self._for_s == 0.0:
            self._from_c = temp
        self._for_s += passed_s
        for place, value in enumerate((duty, temp - outdoor, outdoor)):
            self._sums[place] += value * passed_s
        if self._for_s >= _HOUR_S:
            mean_duty, over_k, outdoor_c = (total / self._for_s for total in self._sums)
            self._hours.append(Hour(mean_duty, over_k, outdoor_c, temp - self._from_c))
            self._for_s, self._sums = 0.0, [0.0, 0.0, 0.0]
            self._fit()

    def _fit(self) -> None:
        """Ridge regression of two unknowns; a store that gives heat while it warms is none."""
        if self._configured is not None:
            return
        hours = [hour for hour in self._hours if hour.over_k >= _LEAST_K]
        over2 = _PRIOR_K2 + sum(hour.over_k**2 for hour in hours)
        rise2 = _PRIOR_RISE2 + sum(hour.rise_k**2 for hour in hours)
        both = sum(hour.over_k * hour.rise_k for hour in hours)
        duty_over = _PRIOR_K2 * DEFAULT_LOSS + sum(hour.duty * hour.over_k for hour in hours)
        duty_rise = _PRIOR_RISE2 * self._assumed + sum(hour.duty * hour.rise_k for hour in hours)
        determinant = over2 * rise2 - both * both  # positive by the priors
        stored = max((duty_rise * over2 - duty_over * both) / determinant, 0.0)
        self._stored = stored
        self._loss = min(max((duty_over - stored * both) / over2, _FLATTEST), _STEEPEST)

    def duty(self, aim_c: float, outdoor: float | None) -> float:
        """The duty that holds `aim_c`, at most somewhat more than what last week took when it was as cold outside.
        Without an outdoor temperature it is taken for 3 K colder than the last day that is known, and for 5 degC where
        none is."""
        felt = self._felt(outdoor)
        alike = [hour for hour in self._hours if abs(hour.outdoor_c - felt) <= _NEAR_K]
        held = sum(hour.duty - self._stored * hour.rise_k for hour in alike)
        most = _WIDEN * max(held / len(alike), 0.0) + _SPARE if len(alike) >= _ENOUGH else 1.0
        return min(self._loss * max(aim_c - felt, 0.0), most, 1.0)

    def _felt(self, outdoor: float | None) -> float:
        if self._yesterday_c is None:
            return _UNKNOWN_C if outdoor is None else outdoor
        return self._yesterday_c - _COLDER_K if outdoor is None else (outdoor + self._yesterday_c) / 2

    def snapshot(self) -> dict[str, object]:
        hours = [[round(value, 3) for value in hour] for hour in self._hours]
        return {"hours": hours, "yesterday_c": self._yesterday_c}

    def restore(self, state: Mapping[str, object]) -> None:
        self._yesterday_c = saved.number(state, "yesterday_c", -60.0, 60.0)
        hours = state.get("hours")
        for hour in hours if isinstance(hours, Sequence) else ():
            if not isinstance(hour, Sequence) or len(hour) != 4:
                continue
            known = [value for value in hour if isinstance(value, int | float) and abs(value) <= 100.0]
            if len(known) == 4:
                self._hours.append(Hour(*known))
        self._fit()
