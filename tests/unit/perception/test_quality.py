import cv2
import numpy as np
import pytest

from gateway.perception.align import TARGET
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.quality import Quality, flaw_of, judge, weight_of
from gateway.testing.drawn_face import draw_face
from tests.unit.perception.painted import face


def _chip() -> Rgb:
    return draw_face(size=(150, 150), width_px=100)


def _nose_at(x: float) -> Floats:
    points = TARGET.copy()
    points[2, 0] = x
    return points


def _blurred(chip: Rgb, sigma: float) -> Rgb:
    return np.asarray(cv2.GaussianBlur(chip, (0, 0), sigma), np.uint8)


def test_blur_takes_sharpness_and_darkness_does_not() -> None:
    sharp = judge(_chip(), TARGET)
    steps = [judge(_blurred(_chip(), sigma), TARGET).sharpness for sigma in (0.5, 2, 4, 8)]
    assert sorted(steps, reverse=True) == steps
    assert steps[-1] < sharp.sharpness / 10
    dark = judge(np.asarray(_chip() // 3, np.uint8), TARGET)
    assert dark.sharpness == pytest.approx(sharp.sharpness, rel=0.25)
    assert dark.brightness == pytest.approx(sharp.brightness / 3, rel=0.05)


def test_turn_is_zero_frontal_and_one_in_profile() -> None:
    middle = float(TARGET[:2, 0].mean())
    assert judge(_chip(), _nose_at(middle)).turn == pytest.approx(0, abs=0.01)
    assert judge(_chip(), _nose_at(float(TARGET[1, 0]))).turn == pytest.approx(1, abs=0.01)
    assert judge(_chip(), _nose_at(400)).turn == 1


def test_misfit_is_zero_for_the_ideal_face() -> None:
    assert judge(_chip(), TARGET).misfit == pytest.approx(0, abs=1e-4)
    assert judge(_chip(), _nose_at(20)).misfit > 0.15


def test_points_in_one_place_do_not_fail() -> None:
    assert judge(_chip(), np.zeros((6, 2), np.float32)).turn == 1.0


GOOD = Quality(sharpness=0.06, brightness=120, turn=0.1, misfit=0.05)
BLURRED = Quality(sharpness=0.004, brightness=120, turn=0.1, misfit=0.05)
TURNED = Quality(sharpness=0.06, brightness=120, turn=0.9, misfit=0.2)


@pytest.mark.parametrize(
    ("width", "quality", "flaw"),
    [
        (40, GOOD, None),
        (39.9, GOOD, "face_too_small"),
        (200, BLURRED, "face_blurred"),
        (200, TURNED, "face_turned"),
    ],
)
def test_flaws_are_named(width: float, quality: Quality, flaw: str | None) -> None:
    assert flaw_of(face(100, 100, width), quality) == flaw


def test_learning_asks_for_more_than_matching() -> None:
    soft = Quality(sharpness=0.007, brightness=120, turn=0.1, misfit=0.05)
    assert flaw_of(face(100, 100, 80), soft) is None
    assert flaw_of(face(100, 100, 80), soft, learning=True) == "face_blurred"


def test_large_sharp_frontal_faces_weigh_most() -> None:
    best = weight_of(face(0, 0, 100), GOOD)
    assert best > weight_of(face(0, 0, 50), GOOD)
    assert best > weight_of(face(0, 0, 100), BLURRED)
    assert best > weight_of(face(0, 0, 100), TURNED)
