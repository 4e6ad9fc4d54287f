"""The model of one room: what it will do, with and without heat."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import numpy as np

from gateway.climate.history import STEP_S, Rows
from gateway.climate.model import kalman, thermal
from gateway.climate.model.fit import Fitted, fit, likelihood, priors, rest
from gateway.climate.model.guards import plausible, taught
from gateway.climate.model.profile import usual_heat
from gateway.climate.model.responses import Responses, responses
from gateway.climate.model.series import Series, Slots, series, slots
from gateway.climate.words import Floats

_UNREST = (0.15, 0.4, 1.2)
"""What is tried for the unexplained heat's standard deviation, in K/h."""

_DUTY_FADE_STEPS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomModel:
    """`parameters` (8,) as in `thermal.NAMES`; `unrest` of the unexplained heat in K/h; its usual course, in K/h, and
    that of the duty, each (192,) by quarter hours of weekdays and weekends."""

    parameters: Floats
    unrest: float
    usual: Floats
    usual_duty: Floats
    discrete: thermal.Discrete = field(init=False)
    gain: kalman.Gain = field(init=False)
    shown: Responses = field(init=False)
    """Of what the thermometer shows."""
    air: Responses = field(init=False)
    """Of the air, which is ahead of its thermometer."""

    def __post_init__(self) -> None:
        discrete = thermal.discretise(self.parameters[None])
        object.__setattr__(self, "discrete", discrete)
        object.__setattr__(self, "gain", kalman.steady_gain(discrete, self.unrest))
        delay, shown = float(self.parameters[7]), np.eye(7)[0]
        object.__setattr__(self, "shown", responses(discrete, delay, shown))
        object.__setattr__(self, "air", responses(discrete, delay, thermal.true_air(self.parameters)))

    @classmethod
    def fit(cls, rows: Rows, *, zone: tzinfo = UTC, last: "RoomModel | None" = None) -> "RoomModel | None":
        """Learn from `rows` in seconds, from `last` on where there is one. None where they teach too little, or what
        they teach cannot be a room."""
        lived = series(rows, offset_s(rows, zone))
        if not taught(lived):
            return None
        starts = priors() if last is None else (last.parameters,)
        usual = np.zeros(192) if last is None else last.usual
        unrest = _UNREST[1] if last is None else last.unrest
        best = min((_fitted(lived, usual, start, unrest) for start in starts), key=lambda fitted: fitted.cost)
        unrest = min(_UNREST, key=lambda tried: likelihood(lived, best.parameters, usual, tried))
        for _ in range(2 if last is None else 1):
            usual = _unexplained(lived, best, usual, unrest)
            best = _fitted(lived, usual, best.parameters, unrest)
        model = cls(
            parameters=best.parameters,
            unrest=unrest,
            usual=_unexplained(lived, best, usual, unrest),
            usual_duty=usual_heat(lived, lived.duty),
        )
        return model if plausible(model.parameters, model.discrete) else None

    def follow(self, lived: Series) -> Floats:
        """The state after each row, knowing no later one, (n, 4)."""
        inputs = lived.inputs(self.parameters[7:], self.usual)
        return np.asarray(
            kalman.run(self.discrete, self.gain, inputs, lived.temps, rest(lived, 1)).states[:, 0], np.float64
        )

    def predict(
        self,
        rows: Rows,
        horizon_steps: int,
        outdoor: Floats | None = None,
        duty: Floats | None = None,
        *,
        zone: tzinfo = UTC,
    ) -> Floats:
        """Temperatures 1 .. `horizon_steps` (n,) after the last of `rows`. `outdoor` and `duty` (n,) are what will be;
        where not given, the outdoor temperature stays and the duty returns to its usual course."""
        each = self.predict_each(rows, np.array([len(rows) - 1]), horizon_steps, outdoor, duty, zone=zone)
        return np.asarray(each[0], np.float64)

    def predict_each(
        self,
        rows: Rows,
        origins: Slots,
        horizon_steps: int,
        outdoor: Floats | None = None,
        duty: Floats | None = None,
        *,
        zone: tzinfo = UTC,
    ) -> Floats:
        """As `predict`, from each of `origins` (rows' numbers, m) on and with no later row, (m, horizon_steps)."""
        lived = series(rows, offset_s(rows, zone))
        states = self.follow(lived)
        times = np.arange(1, horizon_steps + 1)
        result = np.empty((len(origins), horizon_steps))
        for number, origin in enumerate(origins.tolist()):
            slot = slots(lived.local_s[origin] + STEP_S * times)
            past = lived.duty[np.maximum(np.arange(origin - thermal.MAX_DELAY + 1, origin + 1), 0)]
            heat = self._usual_duty(lived, origin, slot) if duty is None else duty
            air = np.full(horizon_steps, lived.outdoor[origin]) if outdoor is None else outdoor
            result[number] = self.shown.temps(states[origin], np.concatenate([past, heat]), air, self.usual[slot])
        return result

    def _usual_duty(self, lived: Series, origin: int, slot: Slots) -> Floats:
        now = float(np.mean(lived.duty[max(origin - 5, 0) : origin + 1]))
        unusual = now - self.usual_duty[lived.slot[origin]]
        fade = np.exp(-np.arange(1, len(slot) + 1) / _DUTY_FADE_STEPS)
        return np.asarray(np.clip(self.usual_duty[slot] + unusual * fade, 0, 1), np.float64)


def offset_s(rows: Rows, zone: tzinfo) -> float:
    """Local time minus UTC at the end of `rows`; 0 where no clock could be believed."""
    known = rows["time_s"][np.isfinite(rows["time_s"])]
    if not len(known):
        return 0.0
    offset = datetime.fromtimestamp(float(known[-1]), zone).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _fitted(lived: Series, usual: Floats, start: Floats, unrest: float) -> Fitted:
    floor = start[0] > 1.0
    return fit(lived, usual, start, priors()[1 if floor else 0], unrest)


def _unexplained(lived: Series, fitted: Fitted, usual: Floats, unrest: float) -> Floats:
    """The usual course of the heat that `fitted` does not explain, in hindsight."""
    discrete = thermal.discretise(fitted.parameters[None])
    gain = kalman.steady_gain(discrete, unrest)
    inputs = lived.inputs(fitted.parameters[7:], usual)
    states = kalman.run(discrete, gain, inputs, lived.temps, rest(lived, 1)).states[:, 0]
    smoothed = kalman.smooth(discrete, gain, inputs[:, 0], states)
    return usual_heat(lived, smoothed[:, 3] + usual[lived.slot])
