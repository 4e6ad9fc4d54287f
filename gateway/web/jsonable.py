"""Our words as JSON: one function a word, so that a new field reaches the page only when somebody decides so."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC

from gateway.types import (
    Action,
    Command,
    Detection,
    Event,
    Notify,
    Outcome,
    Reading,
    SetLevel,
    SetTemperature,
    Stamp,
    State,
    Switch,
)

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Pushable = Event | State | Command | Outcome | Reading | Mapping[str, Json]


def jsonable(item: Pushable) -> Mapping[str, Json]:
    """The JSON object of a word; a mapping is passed through."""
    match item:
        case Event():
            return event_json(item)
        case State():
            return state_json(item)
        case Command():
            return command_json(item)
        case Outcome():
            return outcome_json(item)
        case Reading():
            return reading_json(item)
        case _:
            return item


def time_json(stamp: Stamp) -> str:
    """UTC, ISO 8601 with milliseconds and a Z."""
    return stamp.wall.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_json(event: Event) -> Mapping[str, Json]:
    return {
        "id": event.id,
        "kind": event.kind.value,
        "at": time_json(event.stamp),
        "began": time_json(event.began),
        "ended": time_json(event.ended) if event.ended else None,
        "source": event.source,
        "zone": event.zone,
        "label": event.label,
        "evidence": event.evidence,
        "cause": event.cause,
        "detail": event.detail,
        "detections": [_detection(one) for one in event.detections],
    }


def _detection(one: Detection) -> Mapping[str, Json]:
    box = one.box
    return {
        "label": one.label,
        "score": round(one.score, 3),
        "box": [round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)],
    }


def state_json(state: State) -> Mapping[str, Json]:
    return {
        "part": state.part,
        "level": state.level.value,
        "key": state.key,
        "detail": state.detail,
        "since": time_json(state.since),
    }


def command_json(command: Command) -> Mapping[str, Json]:
    return {
        "id": command.id,
        "target": command.target,
        "action": action_json(command.action),
        "issued": time_json(command.issued),
        "origin": command.origin.value,
        "cause": command.cause,
        "why": command.why,
    }


def action_json(action: Action) -> Mapping[str, Json]:
    match action:
        case Switch():
            return {"type": "switch", "on": action.on}
        case SetLevel():
            return {"type": "level", "level_pct": action.level_pct}
        case SetTemperature():
            return {"type": "temperature", "temp_c": action.temp_c}
        case Notify():
            return {"type": "notify", "title": action.title}


def outcome_json(outcome: Outcome) -> Mapping[str, Json]:
    return {
        "command": outcome.command,
        "result": outcome.result.value,
        "took_s": round(outcome.took_s, 4),
        "detail": outcome.detail,
    }


def reading_json(reading: Reading) -> Mapping[str, Json]:
    return {
        "device": reading.device,
        "quantity": reading.quantity.value,
        "value": reading.value if math.isfinite(reading.value) else None,
        "unit": reading.unit,
        "at": time_json(reading.stamp),
        "quality": reading.quality.value,
    }
