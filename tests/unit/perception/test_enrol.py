import cv2
import numpy as np
import pytest

from gateway.perception.blazeface import Rgb
from gateway.perception.enrol import Enrolment, from_chips, from_photos
from tests.unit.perception.painted import PaintedDetector, blank, paint, pipeline, vector_of
from tests.unit.perception.test_photo import encoded


def _photo(who: int = 0, width: int = 120) -> bytes:
    return encoded(paint(blank(400, 300), 200, 150, width, who), ".png")


def _reasons(enrolment: Enrolment) -> list[str | None]:
    return [photo.refused for photo in enrolment.photos]


def test_the_template_is_the_mean_of_good_photos() -> None:
    learnt = from_photos(pipeline(), [_photo(2), _photo(2, 100), _photo(2, 140)])
    assert _reasons(learnt) == [None] * 3
    assert learnt.accepted == 3
    assert learnt.template is not None
    assert float(learnt.template @ vector_of(2)) == pytest.approx(1, abs=1e-5)
    assert [photo.face_px for photo in learnt.photos] == pytest.approx([120, 100, 140], abs=8)


def test_every_refusal_has_its_reason() -> None:
    two = paint(paint(blank(600, 300), 150, 150, 100), 430, 150, 90)
    misty = np.asarray(cv2.GaussianBlur(paint(blank(400, 300), 200, 150, 120), (0, 0), 20), np.uint8)
    photos = [
        b"",
        b"no picture",
        encoded(blank(), ".png")[:-20],
        encoded(blank(), ".png"),
        encoded(two, ".png"),
        _photo(width=30),
        encoded(misty, ".png"),
        _photo(),
    ]
    learnt = from_photos(pipeline(), photos)
    assert _reasons(learnt) == [
        "photo_empty",
        "photo_not_image",
        "photo_truncated",
        "no_face",
        "several_faces",
        "face_too_small",
        "face_blurred",
        None,
    ]
    assert learnt.accepted == 1


def test_a_detector_in_doubt_is_not_learnt_from() -> None:
    eyes = pipeline()
    for detector in (eyes._full._backend, eyes._short._backend):
        assert isinstance(detector, PaintedDetector)
        detector.logit = 0.3
    assert _reasons(from_photos(eyes, [_photo()])) == ["face_unsure"]


def test_the_photo_of_somebody_else_is_refused() -> None:
    learnt = from_photos(pipeline(), [_photo(1), _photo(3), _photo(1), _photo(1)])
    assert _reasons(learnt) == [None, "unlike_the_others", None, None]
    assert learnt.template is not None
    assert float(learnt.template @ vector_of(1)) == pytest.approx(1, abs=1e-5)


def test_of_two_photos_that_differ_neither_is_believed() -> None:
    learnt = from_photos(pipeline(), [_photo(1), _photo(3)])
    assert _reasons(learnt) == ["unlike_the_others"] * 2
    assert learnt.template is None


def test_nothing_usable_gives_no_template() -> None:
    learnt = from_photos(pipeline(), [b"", b"x"])
    assert (learnt.template, learnt.accepted) == (None, 0)


def test_faces_of_a_track_can_be_learnt_from() -> None:
    chip: Rgb = np.full((150, 150, 3), 0, np.uint8)
    chip[..., 2] = 100
    learnt = from_chips(pipeline(), [chip, chip, chip])
    assert learnt.accepted == 3
    assert learnt.template is not None
    assert float(learnt.template @ vector_of(2)) == pytest.approx(1, abs=1e-5)
