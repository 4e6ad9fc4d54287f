"""What a person must hear of: sensors, clock, wishes, restarts."""

import math
from datetime import datetime

from gateway.climate.words import Alarm, Moment, Observed, Trust, Wanted
from gateway.config.climate import Limits

STARTING_S = 900.0
"""A sensor that was not heard yet is no fault so soon after the start, or after the link came back."""
_REFUSED_S = 3600.0
_RESTARTED_S = 300.0
_CONNECTING_S = 60.0
"""A link that takes no longer is no fault, at the start neither."""
_JUMP_S = 60.0
_CLOCK_S = 3600.0
_SUMMER_C = 18.0
_BY_TRUST = {
    Trust.SILENT: Alarm.SENSOR_LOST,
    Trust.MISSING: Alarm.SENSOR_LOST,
    Trust.STUCK: Alarm.SENSOR_STUCK,
    Trust.IMPLAUSIBLE: Alarm.SENSOR_IMPLAUSIBLE,
}


def summer(observed: Observed) -> bool:
    """Whether the weather alone makes rooms hot."""
    outdoor = observed.outdoor.good
    return outdoor is not None and outdoor >= _SUMMER_C


class Watch:
    """`begin` every tick, then `alarms`; `restarted` is set by whoever restores."""

    def __init__(self, limits: Limits) -> None:
        self.restarted = False
        self._limits = limits
        self._began_s: float | None = None
        self._linked_s: float | None = None
        self._unlinked_s: float | None = None
        self._clock: tuple[float, datetime] | None = None
        self._clock_until_s = -math.inf
        self._target_c = math.nan

    def begin(self, now_s: float, *, link_up: bool) -> None:
        """A tick begins."""
        if self._began_s is None:
            self._began_s = now_s
        if not link_up or self._linked_s is None:
            self._linked_s = now_s
        self._unlinked_s = None if link_up else now_s if self._unlinked_s is None else self._unlinked_s

    def starting(self, now_s: float) -> bool:
        """Whether sensors may still be on their way to the first word."""
        return self._linked_s is None or now_s - self._linked_s < STARTING_S

    def target_c(self, wanted: Wanted) -> float:
        """What is wanted, within what may be set; the last sensible one where it is not a number."""
        if math.isfinite(wanted.target_c):
            self._target_c = min(max(wanted.target_c, self._limits.set_min_c), self._limits.set_max_c)
        return self._target_c if math.isfinite(self._target_c) else 18.0

    def alarms(self, observed: Observed, wanted: Wanted) -> set[Alarm]:
        found = set(self._of_sensor(observed))
        if not self._limits.set_min_c <= wanted.target_c <= self._limits.set_max_c:
            found.add(Alarm.SETPOINT_REJECTED)
        if self._unlinked_s is not None and observed.now.mono_s - self._unlinked_s >= _CONNECTING_S:
            found.add(Alarm.LINK_LOST)
        if self._clock_wrong(observed.now):
            found.add(Alarm.CLOCK)
        if self.restarted and self._began_s is not None and observed.now.mono_s - self._began_s < _RESTARTED_S:
            found.add(Alarm.RESTARTED)
        return found

    def _of_sensor(self, observed: Observed) -> set[Alarm]:
        temp, found = observed.temp, set[Alarm]()
        excused = temp.trust in {Trust.MISSING, Trust.SILENT} and self.starting(observed.now.mono_s)
        if temp.trust is not Trust.GOOD and not excused:
            found.add(_BY_TRUST[temp.trust])
        if temp.refused_s < _REFUSED_S or temp.doubt:
            found.add(Alarm.SENSOR_IMPLAUSIBLE)
        return found

    def _clock_wrong(self, now: Moment) -> bool:
        """No wall clock, or one that did not go along with the monotonic one within the last hour."""
        if now.wall is None:
            self._clock = None
            return True
        if self._clock is not None:
            mono_s, wall = self._clock
            if abs((now.wall - wall).total_seconds() - (now.mono_s - mono_s)) > _JUMP_S:
                self._clock_until_s = now.mono_s + _CLOCK_S
        self._clock = (now.mono_s, now.wall)
        return now.mono_s < self._clock_until_s
