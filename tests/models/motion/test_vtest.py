"""The real crop with hand-made labels, and composites of it, at 15 and 5 fps."""

import numpy as np
import pytest

from gateway.perception.motion import MotionDetector
from tests.models.motion.scenes import FPS, Material, Sequence, read_material, sequences
from tests.models.tiny import shared

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material(shared("video/vtest.avi"))


def wrong(sequence: Sequence, step: int) -> tuple[int, int]:
    """False and missed frames; a frame that was not looked at has the verdict of the one before."""
    detector, false, missed, moved = MotionDetector(), 0, 0, False
    for number, (luma, truth) in enumerate(zip(sequence.frames(), sequence.truth, strict=True)):
        if number % step == 0:
            moved = bool(detector.see(luma, number / FPS).boxes)
        false += int(truth == 0 and moved)
        missed += int(truth == 1 and not moved)
    return false, missed


@pytest.mark.parametrize(
    ("name", "step", "most_false", "most_missed"),
    [("natural", 1, 15, 5), ("natural", 3, 15, 5), ("cloud", 3, 0, 0), ("walk_quarter", 1, 0, 8)],
)
def test_frames_that_are_wrong(material: Material, name: str, step: int, most_false: int, most_missed: int) -> None:
    sequence = next(sequence for sequence in sequences(material) if sequence.name == name)
    assert np.count_nonzero(sequence.truth >= 0) > 400
    false, missed = wrong(sequence, step)
    assert (false <= most_false, missed <= most_missed) == (True, True), (false, missed)
