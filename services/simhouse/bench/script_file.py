"""A fault script as YAML; its keys are in docs/climate-bench.md."""

import re
from dataclasses import replace
from pathlib import Path

import yaml

from gateway.types.climate import Alarm
from services.simhouse.bench.document import Section, open_document, scalar
from services.simhouse.bench.house import Hardware
from services.simhouse.bench.house_file import read_hardware
from services.simhouse.bench.script import KINDS, Fault, Heard, Script

ALARMS = tuple(alarm.value for alarm in Alarm)

_OPTIONAL = {("sensor_stuck", "value_c")}
_LIMITS = (
    "frost_minutes",
    "over_limit_minutes",
    "min_temp_c",
    "recovered_within_min",
    "max_kh_week",
    "max_starts_per_hour",
)

_AT = re.compile(r"\s*(?:(\d+)d)?\s*(?:(\d+):([0-5]\d))?\s*")
_FOR = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_MINUTES = {"s": 1 / 60, "m": 1.0, "": 1.0, "h": 60.0, "d": 1440.0}
_FOREVER = 10**9


def load_script(path: Path, usual: Hardware) -> Script:
    """`usual` is the house's own hardware, which the script may change. Raises `ConfigError`."""
    document, top = open_document(path)
    for name in ("why", "house", "climate", "family"):
        top.text(name, "")
    airing = top.flag("people_airing", default=False) if top.has("people_airing") else None
    required = top.section("require")
    script = Script(
        id=top.text("id", path.stem),
        start_day=round(top.number("start_day", 0, low=0, high=400)),
        days=round(top.number("days", 0, low=0, high=400)) or None,
        hardware=read_hardware(top.section("hardware"), usual),
        airing=airing,
        faults=tuple(_fault(item) for item in top.items("faults")),
        most=_limits(required),
        heard=_heard(required),
    )
    required.close()
    top.close()
    document.finish()
    return script


def minutes_at(text: str) -> int | None:
    """ "1d 06:40" after the start, in minutes."""
    match = _AT.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    return int(match[1] or 0) * 1440 + int(match[2] or 0) * 60 + int(match[3] or 0)


def minutes_for(text: str) -> float | None:
    """ "30m", "14h" or "2d" in minutes; a bare number is minutes."""
    match = _FOR.fullmatch(text.strip())
    return None if match is None else float(match[1]) * _MINUTES[match[2]]


def _fault(item: Section) -> Fault:
    kind = item.text("kind", "", one_of=tuple(KINDS))
    begin, line = _begin(item)
    length = _duration(item, "for")
    end = _FOREVER if length is None else begin + max(1, round(length))
    every_min = _duration(item, "every" if kind == "sensor_value" else "every_min")
    fault = Fault(kind=kind, begin=begin, end=end, every_min=every_min, line=line)
    for name, (low, high) in KINDS.get(kind, {}).items():
        optional = (kind, name) in _OPTIONAL
        value = item.maybe(name, low=low, high=high) if optional else item.number(name, None, low=low, high=high)
        fault = replace(fault, value=value)
    if kind == "setpoint":
        fault = replace(fault, values=_values(item), retained=item.flag("retained", default=False))
    item.close()
    return fault


def _begin(item: Section) -> tuple[int, int]:
    """The minute, and the line that tells it."""
    node = item.node("at")
    value = None if node is None else scalar(node)
    begin = value if isinstance(value, int) else minutes_at(str(value or ""))
    if begin is None:
        item.wrong(node, "at", "must be a time after the start", 'such as "1d 06:40"')
    return begin or 0, 1 if node is None else node.start_mark.line + 1


def _duration(item: Section, name: str) -> float | None:
    node = item.node(name)
    if node is None or scalar(node) is None:
        return None
    found = minutes_for(str(scalar(node)))
    if found is None:
        item.wrong(node, name, "must be a duration", "such as 30m, 14h or 2d")
    return found


def _values(item: Section) -> tuple[object, ...]:
    node = item.node("values", ("value_c",))
    told = scalar(node) if isinstance(node, yaml.SequenceNode | yaml.ScalarNode) else None
    if told is None:
        item.wrong(node, "values", "must be a list of temperatures", "[99, -40]")
        return ()
    return tuple(told) if isinstance(told, list) else (told,)


def _limits(required: Section) -> dict[str, float]:
    told = {name: required.maybe(name, low=-100, high=1e6) for name in _LIMITS}
    return {name: value for name, value in told.items() if value is not None}


def _heard(required: Section) -> Heard | None:
    node = required.node("alarm")
    if node is None or scalar(node) is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        required.wrong(node, "alarm", "must be a mapping", "any_of, within_min, counted_from")
        return None
    part = required.inside(node, "alarm")
    codes = part.node("any_of")
    told = None if codes is None else scalar(codes)
    if not isinstance(told, list) or not told:
        part.wrong(codes, "any_of", "must be a list of alarm codes", "[sensor_lost]")
        told = []
    for code in told:
        if str(code) not in ALARMS:
            part.wrong(codes, "any_of", f"knows no alarm {code}", "known: " + ", ".join(ALARMS))
    heard = Heard(
        any_of=tuple(str(code) for code in told),
        within_min=part.number("within_min", None, low=0, high=1e6),
        counted_from=part.text("counted_from", "fault", one_of=("fault", "first_demand")),
    )
    part.close()
    return heard
