import numpy as np
import pytest

from gateway.errors import Refused
from gateway.perception.blazeface import (
    FULL_RANGE,
    SHORT_RANGE,
    BlazeFace,
    decode,
    letterbox,
    overlap,
    suppress,
)
from gateway.testing.backend import Array, FakeBackend
from gateway.wire.model_card import TensorSpec
from tests.models import tiny
from tests.unit.perception.painted import PaintedDetector, blank, paint


def test_full_range_has_one_anchor_a_cell_of_four_pixels() -> None:
    anchors = FULL_RANGE.anchors() * 192
    assert anchors.shape == (2304, 2)
    assert anchors[0].tolist() == [2, 2]
    assert anchors[1].tolist() == [6, 2]
    assert anchors[48].tolist() == [2, 6]


def test_short_range_has_two_anchors_a_cell_of_eight_then_six_of_sixteen() -> None:
    anchors = SHORT_RANGE.anchors() * 128
    assert anchors.shape == (896, 2)
    assert anchors[:3].tolist() == [[4, 4], [4, 4], [12, 4]]
    assert anchors[512:518].tolist() == [[8, 8]] * 6
    assert anchors[518].tolist() == [24, 8]


def test_letterbox_centres_a_wide_picture_on_black() -> None:
    picture = np.full((50, 100, 3), 255, np.uint8)
    tensor, scale, left, top = letterbox(picture, 200)
    assert tensor.shape == (1, 200, 200, 3)
    assert tensor.dtype == np.float32
    assert (scale, left, top) == (2.0, 0, 50)
    assert tensor[0, 49].max() == -1.0
    assert tensor[0, 50].min() == 1.0
    assert tensor[0, 149].min() == 1.0
    assert tensor[0, 150].max() == -1.0


def test_decode_adds_the_anchor_to_centre_and_points() -> None:
    values = np.arange(16, dtype=np.float32)[None]
    values[0, :4] = [10, 20, 30, 40]
    boxes, points = decode(values, np.array([[0.5, 0.25]], np.float32), 192)
    assert boxes.tolist() == [[96 + 10 - 15, 48 + 20 - 20, 96 + 10 + 15, 48 + 20 + 20]]
    assert points[0, 0].tolist() == [96 + 4, 48 + 5]
    assert points[0, 5].tolist() == [96 + 14, 48 + 15]


def test_suppression_averages_by_score_what_overlaps() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], np.float32)
    points = np.zeros((3, 6, 2), np.float32)
    points[1] = 4
    faces = suppress(boxes, points, np.array([0.75, 0.25, 0.6], np.float32))
    assert [face.score for face in faces] == pytest.approx([0.75, 0.6])
    assert faces[0].box.tolist() == pytest.approx([0.25, 0, 10.25, 10])
    assert faces[0].points[0].tolist() == [1, 1]
    assert faces[1].box.tolist() == [50, 50, 60, 60]


def test_suppression_ends_on_empty_boxes() -> None:
    boxes = np.zeros((3, 4), np.float32)
    assert len(suppress(boxes, np.zeros((3, 6, 2), np.float32), np.array([0.9, 0.8, 0.7], np.float32))) == 3


def test_overlap_is_intersection_over_union() -> None:
    one = np.array([0, 0, 2, 2], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]], np.float32)
    assert overlap(one, others).tolist() == pytest.approx([1, 1 / 3, 0])


@pytest.mark.parametrize("size", [(640, 360), (300, 500), (192, 192), (90, 70)])
def test_a_face_comes_back_in_pixels_of_the_picture(size: tuple[int, int]) -> None:
    width = min(size) // 3
    picture = paint(blank(*size), size[0] // 3, size[1] // 2, width)
    (face,) = BlazeFace(PaintedDetector(FULL_RANGE), FULL_RANGE).detect(picture)
    assert face.centre == pytest.approx((size[0] // 3, size[1] // 2), abs=3)
    assert face.width == pytest.approx(width, abs=6)
    assert face.score == pytest.approx(0.982, abs=0.001)


def test_nothing_below_the_threshold() -> None:
    detector = BlazeFace(PaintedDetector(FULL_RANGE, logit=-0.1), FULL_RANGE)
    picture = paint(blank(), 320, 240, 100)
    assert detector.detect(picture) == []
    assert len(detector.detect(picture, least=0.4)) == 1


class _Swapped(PaintedDetector):
    def infer(self, inputs: object) -> tuple[Array, ...]:
        return super().infer(inputs)[::-1]  # type: ignore[arg-type]


def test_the_order_of_the_outputs_does_not_matter() -> None:
    assert len(BlazeFace(_Swapped(FULL_RANGE), FULL_RANGE).detect(paint(blank(), 320, 240, 100))) == 1


def test_foreign_tensors_are_refused() -> None:
    """It takes the detector's input and answers with one tensor too few."""
    inputs = (TensorSpec(shape=(1, 192, 192, 3), dtype="float32"),)
    outputs = (TensorSpec(shape=(1, 2304, 16), dtype="float32"),)
    backend = FakeBackend(check_file=False)
    backend.load(tiny.card(inputs=inputs, outputs=outputs), None)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="model_tensors"):
        BlazeFace(backend, FULL_RANGE).detect(blank())
