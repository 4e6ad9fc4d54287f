"""How much heat the room takes, by how cold it is outside: what is left to go by when no thermometer is."""

from collections import deque
from collections.abc import Sequence

from gateway.climate.intake.stuck import DEFAULT_LOSS
from gateway.config.climate import Room

_HOUR_S = 3600.0
_WEEK = 168
_PRIOR = 3 * 15.0**2
"""The default line weighs as much as three hours at 15 K."""
_LEAST_K = 8.0
"""Below it sun and people decide, not the outside."""
_STEEPEST = 0.1
_NEAR_K = 3.0
_WIDEN, _SPARE = 1.25, 0.1
_UNKNOWN_WIDEN = 1.1
_SMOOTH_S = 24 * 3600.0


class LossLine:
    """Hourly pairs of (mean duty, room - outside) of the last week that was undisturbed; a line through the origin by
    least squares, drawn towards the default. What is configured is believed.

    Walls feel yesterday's weather as much as today's, so the line is asked for halfway between the two.
    """

    def __init__(self, room: Room) -> None:
        self._configured = room.loss_duty_per_k
        self._hours: deque[tuple[float, float, float]] = deque(maxlen=_WEEK)
        self._slope = self._configured or DEFAULT_LOSS
        self._sums = [0.0, 0.0, 0.0]
        self._for_s = 0.0
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
        self._for_s += passed_s
        for place, value in enumerate((duty, temp - outdoor, outdoor)):
            self._sums[place] += value * passed_s
        if self._for_s >= _HOUR_S:
            mean_duty, over_k, outdoor_c = (total / self._for_s for total in self._sums)
            self._hours.append((mean_duty, over_k, outdoor_c))
            self._for_s, self._sums = 0.0, [0.0, 0.0, 0.0]
            self._fit()

    def _fit(self) -> None:
        if self._configured is not None:
            return
        pairs = [(duty, over_k) for duty, over_k, _ in self._hours if over_k >= _LEAST_K]
        above = sum(duty * over_k for duty, over_k in pairs) + _PRIOR * DEFAULT_LOSS
        below = sum(over_k * over_k for _, over_k in pairs) + _PRIOR
        self._slope = min(above / below, _STEEPEST)

    def duty(self, aim_c: float, outdoor: float | None) -> float:
        """The duty that holds `aim_c`, at most somewhat more than what last week took when it was as cold outside.
        Without an outdoor temperature: last week's mean and a little more, and before the first hours as at 5 degC."""
        if outdoor is None and self._hours:
            return min(_UNKNOWN_WIDEN * sum(duty for duty, _, _ in self._hours) / len(self._hours), 1.0)
        felt = 5.0 if outdoor is None else (outdoor + (outdoor if self._yesterday_c is None else self._yesterday_c)) / 2
        alike = [duty for duty, _, then_c in self._hours if abs(then_c - felt) <= _NEAR_K]
        most = _WIDEN * sum(alike) / len(alike) + _SPARE if alike else 1.0
        return min(self._slope * max(aim_c - felt, 0.0), most, 1.0)

    def snapshot(self) -> list[list[float]]:
        return [[round(value, 3) for value in hour] for hour in self._hours]

    def restore(self, hours: object) -> None:
        for hour in hours if isinstance(hours, Sequence) else ():
            if not isinstance(hour, Sequence) or len(hour) != 3:
                continue
            known = [value for value in hour if isinstance(value, int | float) and abs(value) <= 100.0]
            if len(known) == 3:
                self._hours.append((known[0], known[1], known[2]))
        self._fit()
