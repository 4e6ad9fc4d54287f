"""The one plain sentence behind every command."""

from datetime import datetime

from gateway.config.rules import Trigger
from gateway.types import UNITS, Action, Event, Kind, Notify, Reading, SetLevel, SetTemperature, Stamp, Switch, World

_HAPPENED = {
    Kind.MOTION_BEGAN: "motion at {source}",
    Kind.MOTION_ENDED: "no more motion at {source}",
    Kind.SCENE_CHANGED: "the light changed at {source}",
    Kind.FACE_RECOGNISED: "{label} recognised at {source}",
    Kind.FACE_UNKNOWN: "a stranger at {source}",
    Kind.CAMERA_STATE: "camera {source} is {label}",
    Kind.DEVICE_STATE: "{source} is {label}",
    Kind.MODEL_DECIDED: "model {source}: {label}",
}


def sentence(target: str, action: Action, reason: str) -> str:
    """hall lamp on: motion at door since 18:02:11"""
    return f"{_did(spoken(target), action)}: {reason}"


def event_reason(event: Event, world: World) -> str:
    """motion at door (path) since 18:02:11"""
    words = _HAPPENED[event.kind].format(source=spoken(event.source), label=event.label or "somebody")
    zone = f" ({spoken(event.zone)})" if event.zone else ""
    return f"{words}{zone} since {local_time(event.began, world)}"


def reading_reason(trigger: Trigger, reading: Reading, since: Stamp, world: World) -> str:
    """bedroom temperature 16.9 degC below 17 since 18:02:11"""
    unit = "" if UNITS[reading.quantity] == "bool" else f" {UNITS[reading.quantity]}"
    value = f"{spoken(reading.device)} {reading.quantity.value} {reading.value:g}{unit}"
    return f"{value}{_bound(trigger)} since {local_time(since, world)}"


def quiet_reason(trigger: Trigger, quiet_s: float, reason: str) -> str:
    """no more motion at door since 18:02:11, quiet for 60 s"""
    return f"{reason}, quiet for {quiet_s:g} s" if trigger.event is not None and quiet_s else reason


def _bound(trigger: Trigger) -> str:
    if trigger.above is not None:
        return f" above {trigger.above:g}"
    return f" below {trigger.below:g}" if trigger.below is not None else ""


def _did(target: str, action: Action) -> str:
    match action:
        case Switch(on=on):
            return f"{target} {'on' if on else 'off'}"
        case SetLevel(level_pct=level):
            return f"{target} to {level:g} %"
        case SetTemperature(temp_c=temp_c):
            return f"{target} to {temp_c:g} degC"
        case Notify():
            return "told"


def local_time(stamp: Stamp, world: World) -> str:
    moment: datetime = stamp.wall.astimezone(world.local.tzinfo)
    return f"{moment:%H:%M:%S}"


def spoken(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
