"""Whether a run kept what its fault script requires."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.simhouse.bench.course import Course
from services.simhouse.bench.plant import Record
from services.simhouse.bench.script import Heard
from services.simhouse.bench.verdict import BAND_K, Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`value` is what came of it, None where it never came."""

    asked: float
    value: float | None
    met: bool


def judge(course: Course, record: Record, alarms: Mapping[str, list[int]], found: Figures) -> dict[str, Kept]:
    """By the names in the script; only what was asked for."""
    values: dict[str, float | None] = {
        "frost_minutes": found.frost_minutes,
        "over_limit_minutes": found.over_limit_minutes,
        "min_temp_c": found.min_c,
        "recovered_within_min": recovered_min(course, record),
        "max_kh_week": found.kh_below,
        "max_starts_per_hour": found.starts_hour_max,
    }
    kept = {name: _kept(name, asked, values[name]) for name, asked in course.script.most.items()}
    heard = course.script.heard
    if heard is not None:
        after = _heard_after_min(course, record, alarms, heard)
        kept["alarm"] = Kept(asked=heard.within_min, value=after, met=after is not None and after <= heard.within_min)
    return kept


def _kept(name: str, asked: float, value: float | None) -> Kept:
    if value is None:
        return Kept(asked=asked, value=None, met=False)
    return Kept(asked=asked, value=value, met=value >= asked if name == "min_temp_c" else value <= asked)


def recovered_min(course: Course, record: Record) -> float | None:
    """Minutes from the end of the last fault until the air is within the band again; None where it never is."""
    ends = [min(fault.end, len(course)) for fault in course.script.faults]
    last = max(ends, default=0)
    warm = np.asarray(record.air)[last:] >= course.setpoint[last:] - BAND_K
    return float(np.argmax(warm)) if np.any(warm) else None


def _heard_after_min(course: Course, record: Record, alarms: Mapping[str, list[int]], heard: Heard) -> float | None:
    begin = min((fault.begin for fault in course.script.faults), default=0)
    if heard.counted_from == "first_demand":
        demand = np.asarray(record.commanded)[begin:]
        begin += int(np.argmax(demand)) if np.any(demand) else len(demand)
    first = [minute for code in heard.any_of for minute in alarms.get(code, ()) if minute >= begin]
    return float(min(first) - begin) if first else None
