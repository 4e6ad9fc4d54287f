from gateway.perception.tracks import FaceTracker
from tests.unit.perception.painted import face, stamp


def test_a_face_that_moves_a_little_keeps_its_track() -> None:
    tracker = FaceTracker()
    (first,) = tracker.follow([face(100, 100, 50)], stamp(0))
    (again,) = tracker.follow([face(130, 110, 55)], stamp(0.2))
    assert again is first
    assert (first.began, first.seen) == (stamp(0), stamp(0.2))
    assert first.face.centre == (130, 110)


def test_a_face_elsewhere_or_of_another_size_is_another_one() -> None:
    tracker = FaceTracker()
    (first,) = tracker.follow([face(100, 100, 50)], stamp(0))
    (far,) = tracker.follow([face(400, 100, 50)], stamp(0.2))
    (large,) = tracker.follow([face(400, 100, 120)], stamp(0.4))
    assert len({first.id, far.id, large.id}) == 3


def test_two_faces_keep_apart_whatever_their_order() -> None:
    tracker = FaceTracker()
    left, right = tracker.follow([face(100, 100, 50), face(150, 100, 50)], stamp(0))
    assert tracker.follow([face(152, 100, 50), face(103, 100, 50)], stamp(0.2)) == [right, left]


def test_one_track_is_given_to_one_face_only() -> None:
    tracker = FaceTracker()
    (known,) = tracker.follow([face(100, 100, 50)], stamp(0))
    near, nearest = tracker.follow([face(120, 100, 50), face(101, 100, 50)], stamp(0.2))
    assert nearest is known
    assert near is not known


def test_after_a_gap_it_is_a_new_visit() -> None:
    tracker = FaceTracker(longest_gap_s=2)
    (first,) = tracker.follow([face(100, 100, 50)], stamp(0))
    assert tracker.alive(stamp(2)) == (first,)
    assert tracker.alive(stamp(2.1)) == ()
    (second,) = tracker.follow([face(100, 100, 50)], stamp(2.2))
    assert second.id != first.id
