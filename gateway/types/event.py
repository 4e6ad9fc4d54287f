"""Something happened that a person or a rule may care about."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.types.frame import Detection
from gateway.types.stamp import Stamp


class Kind(StrEnum):
    MOTION_BEGAN = "motion.began"
    MOTION_ENDED = "motion.ended"
    SCENE_CHANGED = "scene.changed"
    FACE_RECOGNISED = "face.recognised"
    FACE_UNKNOWN = "face.unknown"
    CAMERA_STATE = "camera.state"
    DEVICE_STATE = "device.state"
    MODEL_DECIDED = "model.decided"
    CLIMATE_ALARM = "climate.alarm"
    CLIMATE_DECIDED = "climate.decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A happening of one `kind` at one `source`.

    `id` is time-ordered (`new_id`). `stamp` belongs to the frame or reading that decided it: latency is
    counted from there. `began` is when it really started; `ended` is None while it lasts. `evidence`
    names a picture in the media store. `cause` is the id of the event this one follows from.
    `label` is what the event is about where that is one word: a person's name, a state. `detail` says why, with the
    numbers, where a decision was made.
    """

    id: str
    kind: Kind
    stamp: Stamp
    began: Stamp
    source: str
    ended: Stamp | None = None
    zone: str | None = None
    label: str | None = None
    detections: tuple[Detection, ...] = ()
    evidence: str | None = None
    cause: str | None = None
    detail: str | None = None
