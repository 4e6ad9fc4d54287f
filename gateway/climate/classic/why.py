"""What control does, in a clause for people."""

from datetime import datetime, timedelta, tzinfo

from gateway.climate.classic.optimum import Aim
from gateway.climate.words import Moment, Wanted

_REST = 0.03


class Telling:
    """Remembers since when it heats."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._since: datetime | None = None
        self._busy = False

    def why(self, duty: float, temp_c: float | None, aim: Aim, wanted: Wanted, now: Moment) -> str:
        """Such as "heating since 05:42: 20.0 wanted at 06:30, model says 41 min +/- 6"."""
        busy = abs(duty) > _REST
        if busy is not self._busy:
            self._busy, self._since = busy, now.wall
        doing = "resting" if not busy else "cooling" if duty < 0 else "heating"
        since = "" if self._since is None or not busy else f" since {self._clock(self._since)}"
        return f"{doing}{since}: {self._reason(duty, temp_c, aim, wanted, now)}"

    def _reason(self, duty: float, temp_c: float | None, aim: Aim, wanted: Wanted, now: Moment) -> str:
        if temp_c is None:
            return f"no temperature to be trusted, {duty:.0%} by the cold outside"
        if aim.minutes is not None:
            took = f"model says {aim.minutes:.0f} min +/- {aim.spread:.0f}" if aim.minutes > 0 else "reached"
            return f"{aim.aim_c:.1f} wanted {self._next(wanted, now)}, {took}"
        if aim.stranger:
            return f"{aim.aim_c:.1f} kept until it is known how long this room takes to warm up"
        if aim.stopped:
            return f"warm enough until {aim.aim_c:.1f} is wanted {self._next(wanted, now)}"
        return f"{temp_c:.1f} measured, {wanted.target_c:.1f} wanted"

    def _next(self, wanted: Wanted, now: Moment) -> str:
        if now.wall is None or wanted.next_s is None:
            return "soon"
        return f"at {self._clock(now.wall + timedelta(seconds=wanted.next_s))}"

    def _clock(self, wall: datetime) -> str:
        return f"{wall.astimezone(self._zone):%H:%M}"
