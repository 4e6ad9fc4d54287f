"""Motion in frames becomes events that begin, end and name their zone."""

from gateway.perception.segments import MODEL, MotionSegmenter
from gateway.perception.zones import Zones
from gateway.types import Box, Event, FrameRef, Kind, Motion
from tests.unit.perception.watching import stamp

LEFT = Box(x0=0.1, y0=0.2, x1=0.3, y1=0.6)
RIGHT = Box(x0=0.7, y0=0.2, x1=0.9, y1=0.6)
ZONES = Zones({"path": ((0, 0), (0.5, 0), (0.5, 1), (0, 1)), "door": ((0.6, 0.5), (1, 0.5), (1, 1), (0.6, 1))})


def motion(t_s: float, *boxes: Box, scene_changed: bool = False) -> Motion:
    ref = FrameRef(source="door", seq=round(t_s * 10), stamp=stamp(t_s))
    return Motion(frame=ref, boxes=boxes, scene_changed=scene_changed)


def test_a_segment_begins_with_the_deciding_frame_and_ends_with_the_last_one_that_moved() -> None:
    segments = MotionSegmenter("door", quiet_s=5)
    (began,) = segments.step(motion(1, LEFT, RIGHT))
    assert (began.kind, began.stamp, began.began, began.ended) == (Kind.MOTION_BEGAN, stamp(1), stamp(1), None)
    assert [d.box for d in began.detections] == [LEFT, RIGHT]
    assert {(d.label, d.model) for d in began.detections} == {("motion", MODEL)}
    assert began.detections[0].frame.seq == 10
    assert segments.step(motion(3, LEFT)) == ()
    assert segments.step(motion(7.9)) == ()
    (ended,) = segments.step(motion(8))
    assert (ended.kind, ended.began, ended.ended, ended.stamp) == (Kind.MOTION_ENDED, stamp(1), stamp(3), stamp(8))
    assert ended.cause == began.id
    assert ended.id > began.id


def test_motion_after_a_long_silence_is_a_new_segment() -> None:
    """The gate delivers nothing while it is idle."""
    segments = MotionSegmenter("door", quiet_s=5)
    (first,) = segments.step(motion(1, LEFT))
    ended, second = segments.step(motion(60, LEFT))
    assert (ended.kind, ended.cause, second.kind) == (Kind.MOTION_ENDED, first.id, Kind.MOTION_BEGAN)


def test_every_zone_has_segments_of_its_own_by_where_feet_are() -> None:
    segments = MotionSegmenter("door", quiet_s=2, zones=ZONES)
    assert _told(segments.step(motion(0, LEFT))) == [("motion.began", "path")]
    assert _told(segments.step(motion(1, RIGHT))) == [("motion.began", "door")]
    assert _told(segments.step(motion(2, RIGHT))) == [("motion.ended", "path")]
    outside = Box(x0=0.7, y0=0.1, x1=0.9, y1=0.4)
    assert _told(segments.step(motion(3, outside))) == [("motion.began", None)]


def test_a_scene_change_is_an_event_of_its_own() -> None:
    segments = MotionSegmenter("door")
    assert _told(segments.step(motion(0, scene_changed=True))) == [("scene.changed", None)]


def test_a_lost_camera_ends_what_lasts() -> None:
    segments = MotionSegmenter("door", quiet_s=5, zones=ZONES)
    segments.step(motion(0, LEFT, RIGHT))
    assert segments.expire(stamp(4)) == ()
    assert sorted(_told(segments.finish(stamp(4))), key=str) == [("motion.ended", "door"), ("motion.ended", "path")]
    assert segments.finish(stamp(5)) == ()


def _told(events: tuple[Event, ...]) -> list[tuple[str, str | None]]:
    return [(str(event.kind), event.zone) for event in events]
