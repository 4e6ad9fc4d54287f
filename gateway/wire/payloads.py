"""JSON of events and states as it goes out on MQTT: stable keys, times in ISO 8601 UTC, never a pixel."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.types import Detection, Event, Kind, Level, Stamp, State
from gateway.wire.topics import OFF, ON

FACE_TYPES: Mapping[str, str] = {Kind.FACE_RECOGNISED: "recognised", Kind.FACE_UNKNOWN: "unknown"}
"""`event_type` of a face event by its kind."""

_TROUBLE = (Level.DEGRADED, Level.DOWN)


def dump(body: Mapping[str, Any]) -> str:
    """Compact, in a stable order; raises ValueError for NaN and infinity, which JSON does not know."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event(told: Event) -> str:
    return dump(_event(told))


def face(told: Event) -> str:
    """The form of Home Assistant's event entity: an `event_type`, everything else an attribute."""
    return dump(_event(told) | {"event_type": FACE_TYPES[told.kind], "person": told.label})


def state(told: State) -> str:
    return dump({"level": told.level, "key": told.key, "detail": told.detail, "since": _time(told.since)})


def problem(states: Mapping[str, State]) -> str:
    """`parts` maps each part in trouble to its key."""
    parts = {part: known.key for part, known in states.items() if known.level in _TROUBLE}
    return dump({"state": ON if parts else OFF, "parts": parts})


def _event(told: Event) -> dict[str, Any]:
    return {
        "id": told.id,
        "kind": told.kind,
        "source": told.source,
        "zone": told.zone,
        "label": told.label,
        "began": _time(told.began),
        "ended": _time(told.ended) if told.ended else None,
        "at": _time(told.stamp),
        "cause": told.cause,
        "detections": [_detection(detection) for detection in told.detections],
    }


def _detection(seen: Detection) -> dict[str, Any]:
    box = seen.box
    return {
        "label": seen.label,
        "score": round(seen.score, 4),
        "box": [round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)],
        "track": seen.track,
    }


def _time(stamp: Stamp) -> str:
    return stamp.wall.isoformat(timespec="milliseconds")
