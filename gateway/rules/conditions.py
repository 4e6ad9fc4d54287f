"""Whether the conditions of a rule hold in this world."""

from datetime import datetime

from gateway.config.rules import Condition, Measured, Mode, Present, RuleSpec, Times
from gateway.rules.trigger import beyond, trusted
from gateway.types import Stamp, World

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def allowed(rule: RuleSpec, world: World, now: Stamp) -> bool:
    """All of `if` and none of `unless`. What is not known (no reading, a stale one) does not hold."""
    return all(_holds(one, world, now) for one in rule.all_of) and not any(
        _holds(one, world, now) for one in rule.none_of
    )


def _holds(condition: Condition, world: World, now: Stamp) -> bool:
    if condition.time is not None:
        return _in_time(condition.time, world.local)
    if condition.reading is not None:
        return _measured(condition.reading, world)
    if condition.person is not None:
        return _present(condition.person, world, now)
    return condition.mode is not None and _in_mode(condition.mode, world)


def _in_time(times: Times, local: datetime) -> bool:
    """`after` belongs to the span, `before` does not. A span over midnight belongs to the day it began on."""
    clock, day = local.time().replace(tzinfo=None), local.weekday()
    after, before = times.after, times.before
    if after is not None and before is not None and after > before:
        if clock < before:
            day = (day - 1) % 7
        elif clock < after:
            return False
    elif (after is not None and clock < after) or (before is not None and clock >= before):
        return False
    return not times.days or _DAYS[day] in times.days


def _measured(wanted: Measured, world: World) -> bool:
    reading = world.readings.get((wanted.device, wanted.quantity))
    return reading is not None and trusted(reading) and beyond(wanted, reading.value)


def _present(wanted: Present, world: World, now: Stamp) -> bool:
    seen = world.present.values() if wanted.name is None else filter(None, [world.present.get(wanted.name)])
    return any(now.boot == stamp.boot and now.seconds_since(stamp) <= wanted.within_s for stamp in seen)


def _in_mode(wanted: Mode, world: World) -> bool:
    return world.modes.get(wanted.name) == wanted.equals
