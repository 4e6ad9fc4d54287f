"""Schedules and prices as YAML."""

import re
from collections.abc import Sequence

from services.simhouse.bench.calendar import DAYS, MINUTES_A_DAY, SETBACK, Change
from services.simhouse.bench.document import Section, scalar

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def read_schedule(top: Section) -> tuple[Change, ...]:
    """A list of {at, days, temp_c}; the usual setback where there is none."""
    return _changes(top.items("schedule"), "temp_c", "setpoint_c", (5, 30)) or SETBACK


def read_prices(top: Section) -> tuple[Change, ...]:
    """{price} for all times, or {bands: [{at, price}]}; empty where the file names none."""
    part = top.section("tariff")
    bands = _changes(part.items("bands"), "price", "per_kwh", (-5, 50))
    flat = part.maybe("price", low=-5, high=50)
    part.close()
    if bands:
        return bands
    return () if flat is None else (Change(minute=0, value=flat),)


def _changes(items: Sequence[Section], what: str, alias: str, bounds: tuple[float, float]) -> tuple[Change, ...]:
    found = []
    for item in items:
        at = item.node("at", ("from",))
        clock = None if at is None else clock_minutes(scalar(at))
        if clock is None:
            item.wrong(at, "at", "must be a time of day", 'such as "06:30", in quotes')
        value = item.number(what, None, low=bounds[0], high=bounds[1], aliases=(alias,))
        found.append(Change(minute=clock or 0, value=value, days=_days(item)))
        item.close()
    return tuple(found)


def clock_minutes(value: object) -> int | None:
    """ "06:30" in minutes; unquoted, YAML 1.1 reads 16:30 as the sexagesimal 990, which is the same minutes."""
    if isinstance(value, int) and 0 <= value < MINUTES_A_DAY:
        return value
    match = _CLOCK.fullmatch(str(value))
    return None if match is None else int(match[1]) * 60 + int(match[2])


def _days(item: Section) -> tuple[int, ...]:
    node = item.node("days")
    told = (scalar(node) if node is not None else None) or list(DAYS)
    named = {"weekdays": list(DAYS[:5]), "weekend": list(DAYS[5:]), "weekends": list(DAYS[5:])}
    words = named.get(told, [told]) if isinstance(told, str) else told
    if not isinstance(words, list) or any(word not in DAYS for word in words):
        item.wrong(node, "days", "must be days of the week", "[mon, tue], weekdays or weekend")
        return tuple(range(7))
    return tuple(DAYS.index(word) for word in words)
