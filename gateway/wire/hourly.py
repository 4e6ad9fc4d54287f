"""What a service tells of the hours to come over MQTT, prices or the weather: a list of a time and a number each."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

from gateway.errors import Invalid
from gateway.wire.payload import measure_of, text_of

MOST_HOURS = 24 * 8

Hourly = tuple[tuple[float, float], ...]
"""POSIX time from which on a value holds, and the value; ordered by time."""

LASTS_S = 3600.0
"""How long the last value of all holds."""


def hourly_of(payload: bytes, *, when: str, what: str) -> Hourly:
    """Entries such as {"start": "2026-01-10T13:00:00+01:00", "price": 0.28}, with the time under `when` and the number
    under `what`. Entries that cannot be read, or whose time has no zone, are left out; of two for one time the later
    counts. Raises `Invalid` ("payload_too_large", "payload_not_utf8", "payload_empty", "payload_not_json",
    "wrong_type", "no_hours") where nothing is left."""
    found: dict[float, float] = {}
    for entry in _entries(text_of(payload)):
        try:
            found[_time_of(entry[when])] = measure_of(entry[what])[0]
        except (Invalid, KeyError, TypeError, ValueError, OverflowError):
            continue
    if not found:
        raise Invalid("no_hours")
    return tuple(sorted(found.items())[:MOST_HOURS])


def at(hours: Hourly, time_s: float) -> float | None:
    """The value at POSIX `time_s`; None before the first and where no hour reaches so far."""
    ends = [later for (_, _), (later, _) in pairwise(hours)] + [hours[-1][0] + LASTS_S] if hours else []
    for (start, value), end in zip(hours, ends, strict=True):
        if start <= time_s < min(end, start + 24 * LASTS_S):
            return value
    return None


def _entries(text: str) -> list[Any]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("payload_not_json") from error
    if not isinstance(entries, list):
        raise Invalid("wrong_type")
    return entries


def _time_of(text: object) -> float:
    """Raises TypeError or ValueError where it is no ISO 8601 time with a zone."""
    time = datetime.fromisoformat(text) if isinstance(text, str) else None
    if time is None or time.tzinfo is None:
        raise ValueError("no time with a zone")
    return time.timestamp()
