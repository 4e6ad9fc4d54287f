"""Why plain control does what it does, in a clause for people."""

from datetime import timedelta, tzinfo

from gateway.climate.classic.optimum import Aim
from gateway.climate.words import Moment, Wanted


def clause(duty: float, temp_c: float | None, aim: Aim, wanted: Wanted, *, now: Moment, zone: tzinfo) -> str:
    """Such as "20.0 wanted at 06:30, model says 41 min +/- 6"."""
    if temp_c is None:
        return f"no temperature to be trusted, {duty:.0%} by the cold outside"
    if aim.minutes is not None:
        took = f"model says {aim.minutes:.0f} min +/- {aim.spread:.0f}" if aim.minutes > 0 else "reached"
        return f"{aim.aim_c:.1f} wanted {_next(wanted, now, zone)}, {took}"
    if aim.stranger:
        return f"{aim.aim_c:.1f} kept until it is known how long this room takes to warm up"
    if aim.stopped:
        return f"warm enough until {aim.aim_c:.1f} is wanted {_next(wanted, now, zone)}"
    return f"{temp_c:.1f} measured, {wanted.target_c:.1f} wanted"


def _next(wanted: Wanted, now: Moment, zone: tzinfo) -> str:
    if now.wall is None or wanted.next_s is None:
        return "soon"
    return f"at {(now.wall + timedelta(seconds=wanted.next_s)).astimezone(zone):%H:%M}"
