"""From motion in single frames to events with a beginning and an end."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.perception.zones import Zones
from gateway.types import Box, Detection, Event, FrameRef, Kind, Motion, Stamp, new_id

MODEL = "luma-motion-v1"


@dataclass(slots=True)
class _Open:
    """A segment that lasts: the event that opened it and when motion was last seen."""

    began: Event
    last: Stamp


class MotionSegmenter:
    """One per camera; a pure step. Every zone has segments of its own, motion outside of all zones belongs to None.

    A segment ends when its zone was quiet for `quiet_s`; its `ended` is the last frame with motion.
    """

    def __init__(self, source: str, *, quiet_s: float = 5.0, zones: Zones | None = None) -> None:
        self._source = source
        self._quiet_s = quiet_s
        self._zones = zones or Zones()
        self._open: dict[str | None, _Open] = {}

    def step(self, motion: Motion) -> tuple[Event, ...]:
        """What this frame makes happen: ends first, then a scene change, then beginnings."""
        ended = self.expire(motion.frame.stamp)
        changed = (self._scene_changed(motion.frame),) if motion.scene_changed else ()
        return (*ended, *changed, *self._moved(motion))

    def expire(self, now: Stamp) -> tuple[Event, ...]:
        """End what has been quiet for long enough, also where no frames come any more."""
        quiet = [zone for zone, segment in self._open.items() if now.seconds_since(segment.last) >= self._quiet_s]
        return tuple(self._end(zone, now) for zone in quiet)

    def finish(self, now: Stamp) -> tuple[Event, ...]:
        """End everything: the camera is gone."""
        return tuple(self._end(zone, now) for zone in tuple(self._open))

    def _moved(self, motion: Motion) -> Iterator[Event]:
        boxes: dict[str | None, list[Box]] = {}
        for box in motion.boxes:
            for zone in self._zones.of(box):
                boxes.setdefault(zone, []).append(box)
        for zone, within in boxes.items():
            if zone in self._open:
                self._open[zone].last = motion.frame.stamp
            else:
                yield self._begin(zone, within, motion.frame)

    def _begin(self, zone: str | None, boxes: list[Box], frame: FrameRef) -> Event:
        event = Event(
            id=new_id(),
            kind=Kind.MOTION_BEGAN,
            stamp=frame.stamp,
            began=frame.stamp,
            source=self._source,
            zone=zone,
            detections=tuple(Detection(label="motion", score=1.0, box=box, model=MODEL, frame=frame) for box in boxes),
        )
        self._open[zone] = _Open(began=event, last=frame.stamp)
        return event

    def _end(self, zone: str | None, now: Stamp) -> Event:
        segment = self._open.pop(zone)
        return Event(
            id=new_id(),
            kind=Kind.MOTION_ENDED,
            stamp=now,
            began=segment.began.began,
            ended=segment.last,
            source=self._source,
            zone=zone,
            cause=segment.began.id,
        )

    def _scene_changed(self, frame: FrameRef) -> Event:
        return Event(id=new_id(), kind=Kind.SCENE_CHANGED, stamp=frame.stamp, began=frame.stamp, source=self._source)
