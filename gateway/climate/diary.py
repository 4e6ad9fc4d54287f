"""What goes into a room's history: every five minutes one row of what was measured, wanted and done."""

import math
from dataclasses import dataclass

from gateway.climate.history import STEP_S, History
from gateway.climate.words import Alarm, Moment, Observed, Wanted

_UNUSUAL = frozenset(Alarm) - {Alarm.SETPOINT_REJECTED, Alarm.RESTARTED, Alarm.CLOCK, Alarm.MODEL_FAULT}
_LATEST_MOTION_S = STEP_S
_GAP_S = 4 * STEP_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What one tick adds: `share` of full power the heater ran since the tick before, and what was unusual."""

    observed: Observed
    wanted: Wanted
    share: float
    window: bool
    alarms: frozenset[Alarm]


class Diary:
    """Turns ticks of any length into rows. A gap of twenty minutes or more becomes rows of nothing."""

    def __init__(self) -> None:
        self.history = History()
        self._begun_s: float | None = None
        self._last_s = 0.0
        self._heat_s = 0.0
        self._window = self._fault = False

    def live(self, lived: Lived) -> dict[str, float] | None:
        """The row that this tick completes, where it does; it is in the history then."""
        now_s = lived.observed.now.mono_s
        if self._begun_s is None:
            self._begin(now_s)
            return None
        self._heat_s += lived.share * (now_s - self._last_s)
        self._last_s = now_s
        self._window |= lived.window
        self._fault |= bool(lived.alarms & _UNUSUAL)
        if now_s - self._begun_s < STEP_S:
            return None
        row = self._row(lived, now_s - self._begun_s)
        self.history.add(**row)
        self._begin(now_s)
        return row

    def missed(self, now: Moment) -> int:
        """How many steps nobody lived through since the last tick; they are in the history as nothing."""
        if self._begun_s is None or now.mono_s - self._last_s < _GAP_S:
            return 0
        steps = int((now.mono_s - self._begun_s) // STEP_S)
        self.history.skip(steps)
        self._begin(now.mono_s)
        return steps

    def _begin(self, now_s: float) -> None:
        self._begun_s = self._last_s = now_s
        self._heat_s = 0.0
        self._window = self._fault = False

    def _row(self, lived: Lived, lasted_s: float) -> dict[str, float]:
        observed = lived.observed
        moved = observed.motion_s
        return {
            "time_s": math.nan if observed.now.wall is None else observed.now.wall.timestamp(),
            "temp_c": _value(observed.temp.good),
            "outdoor_c": _value(observed.outdoor.good),
            "duty": min(self._heat_s / lasted_s, 1.0),
            "target_c": lived.wanted.target_c,
            "window": float(self._window),
            "fault": float(self._fault),
            "humidity": _value(observed.humidity.good),
            "co2": _value(observed.co2.good),
            "light": _value(observed.light.good),
            "solar_w": _value(observed.solar_w.good),
            "motion": math.nan if moved is None else float(moved <= _LATEST_MOTION_S),
        }


def _value(known: float | None) -> float:
    return math.nan if known is None else known
