"""What is told of a roll-out: an event for each decision, a state while it lasts."""

from collections.abc import Mapping

from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Record
from gateway.types import Event, Kind, Level, Stamp, State, new_id
from gateway.wire.model_card import Role

LABELS: Mapping[Phase, str] = {
    Phase.CHECKING: "candidate",
    Phase.SHADOW: "shadow",
    Phase.CANARY: "canary",
    Phase.WATCH: "promoted",
    Phase.DONE: "kept",
    Phase.REFUSED: "refused",
    Phase.ROLLED_BACK: "rolled_back",
    Phase.OVERTAKEN: "overtaken",
}
"""What happened when a phase was entered."""

KINDS: Mapping[Role, frozenset[Kind]] = {
    "face_detector": frozenset({Kind.FACE_RECOGNISED, Kind.FACE_UNKNOWN}),
    "face_embedder": frozenset({Kind.FACE_RECOGNISED, Kind.FACE_UNKNOWN}),
    "motion": frozenset({Kind.MOTION_BEGAN}),
}
"""The events that a model of that role has a hand in: what people call wrong of them counts against it."""


def decided(record: Record, now: Stamp) -> Event:
    """The event of the phase just entered, with the numbers it was entered for."""
    return Event(
        id=new_id(),
        kind=Kind.MODEL_DECIDED,
        stamp=now,
        began=now,
        source=record.model,
        label=LABELS[record.phase],
        detail=f"version {record.version}: {record.told}" if record.told else f"version {record.version}",
    )


def part(model: str) -> str:
    return f"model/{model}"


def state(model: str, record: Record | None, told: str, now: Stamp) -> State:
    """The state of part "model/<id>"; a refused candidate does not make the model in service worse."""
    key = "serving" if record is None or record.phase is Phase.DONE else record.phase.value
    detail = "" if record is None else f"version {record.version}: {told}".rstrip(": ")
    return State(part=part(model), level=Level.OK, key=key, detail=detail, since=now)
