"""What raw answers say, and when two say the same."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.models.rollout.verdict import Reading, comparable, read, same
from gateway.wire.model_card import Decoder, ModelCard, TensorSpec
from tests.models import tiny

Array = npt.NDArray[np.generic]


def card(decoder: Decoder, *outputs: TensorSpec, **changes: Any) -> ModelCard:
    return tiny.card(decoder=decoder, outputs=outputs, **changes)


def floats(*shape: int) -> TensorSpec:
    return TensorSpec(shape=shape, dtype="float32")


def array(*values: float, shape: tuple[int, ...]) -> Array:
    return np.asarray(values, np.float32).reshape(shape)


BLAZE = card("blazeface", floats(1, 4, 16), floats(1, 4, 1), thresholds={"candidate": 0.5})
EMBEDDER = card("embedding", floats(1, 3))
CLASSES = card("softmax", TensorSpec(shape=(1, 3), dtype="uint8", scale=1 / 256, zero_point=0))
POSE = card("keypoints", floats(1, 2, 3))
FORECAST = card("forecast", floats(1, 2), thresholds={"agree": 0.3})


def blaze(*logits: float) -> Reading:
    boxes = np.random.default_rng(1).random((1, 4, 16)).astype(np.float32)
    return read(BLAZE, [boxes, array(*logits, shape=(1, 4, 1))])


def test_a_detector_is_read_by_its_best_score_in_any_order_of_outputs() -> None:
    found = blaze(-9, 2, -9, -9)
    assert (found.positive, found.sure) == (True, True)
    assert found.score == pytest.approx(1 / (1 + np.exp(-2)))
    assert blaze(-9, -9, -9, -8).positive is False
    assert blaze(-9, 0.2, -9, -9).sure is False
    turned = card("blazeface", floats(1, 4, 1), floats(1, 4, 16))
    assert read(turned, [array(-9, 2, -9, -9, shape=(1, 4, 1)), np.eye(4, 16, dtype=np.float32)[None]]).positive
    assert blaze(1e9, 0, 0, 0).score == pytest.approx(1.0)


def test_two_detectors_agree_on_whether_there_is_anything() -> None:
    assert same(BLAZE, blaze(3, 0, 0, 0), blaze(0, 0, 5, 0))
    assert not same(BLAZE, blaze(3, 0, 0, 0), blaze(-3, -4, -5, -6))


def test_embeddings_are_compared_by_direction() -> None:
    one = read(EMBEDDER, [array(1, 2, 3, shape=(1, 3))])
    assert same(EMBEDDER, one, read(EMBEDDER, [array(2, 4, 6.1, shape=(1, 3))]))
    assert not same(EMBEDDER, one, read(EMBEDDER, [array(1, 2, 1, shape=(1, 3))]))


def test_a_quantised_classifier_is_read_in_probabilities_and_a_float_one_in_logits() -> None:
    sure = read(CLASSES, [np.asarray([[10, 230, 16]], np.uint8)])
    assert (sure.label, sure.positive, sure.sure) == (1, True, True)
    assert sure.score == pytest.approx(230 / 256)
    assert not read(CLASSES, [np.asarray([[90, 80, 86]], np.uint8)]).sure
    logits = card("softmax", floats(1, 3))
    assert read(logits, [array(-1, 0, 5, shape=(1, 3))]).label == 2
    assert same(CLASSES, sure, read(logits, [array(0, 3, 0, shape=(1, 3))]))
    assert not same(CLASSES, sure, read(logits, [array(3, 0, 0, shape=(1, 3))]))


def test_poses_agree_where_their_points_are_near() -> None:
    def pose(y: float, score: float) -> Reading:
        return read(POSE, [array(y, 0.5, score, 0.4, 0.5, score, shape=(1, 2, 3))])

    assert same(POSE, pose(0.40, 0.9), pose(0.45, 0.9))
    assert not same(POSE, pose(0.40, 0.9), pose(0.80, 0.9))
    assert same(POSE, pose(0.40, 0.1), pose(0.80, 0.2)), "nobody there for both"
    assert not same(POSE, pose(0.40, 0.9), pose(0.40, 0.1))


def test_poses_of_another_layout_are_compared_by_direction() -> None:
    heat = card("keypoints", floats(1, 2, 2))
    one = read(heat, [array(1, 2, 3, 4, shape=(1, 2, 2))])
    assert same(heat, one, read(heat, [array(1, 2, 3, 4.1, shape=(1, 2, 2))]))
    assert not same(heat, one, read(heat, [array(4, 1, 1, 0, shape=(1, 2, 2))]))


def test_forecasts_agree_within_the_cards_own_unit() -> None:
    one = read(FORECAST, [array(20, 21, shape=(1, 2))])
    assert same(FORECAST, one, read(FORECAST, [array(20.2, 21, shape=(1, 2))]))
    assert not same(FORECAST, one, read(FORECAST, [array(20.2, 21.4, shape=(1, 2))]))


def test_a_grid_is_read_by_the_cell_that_most_likely_moves_and_not_by_what_moves_there() -> None:
    grid = card("motion_grid", floats(1, 1, 2, 3), thresholds={"moving": 0.88})

    def moving(*logits: float) -> Reading:
        cells = np.asarray([[logit, 9, -9] for logit in logits], np.float32)
        return read(grid, [cells.reshape(1, 1, 2, 3)])

    found = moving(-2, 1)
    assert found.score == pytest.approx(1 / (1 + np.exp(-1)))
    assert (found.positive, found.sure) == (False, False)
    assert (moving(-3, 4).positive, moving(-3, 4).sure) == (True, True)
    assert (moving(-3, 2.2).positive, moving(-3, 2.2).sure) == (True, False)
    assert (moving(-3, -4).positive, moving(-3, -4).sure) == (False, True)
    assert not same(grid, moving(-3, 4), moving(-3, -4))


def test_answers_without_meaning_are_known_as_such() -> None:
    assert read(EMBEDDER, [array(1, np.nan, 3, shape=(1, 3))]).broken
    assert read(EMBEDDER, [array(1, np.inf, 3, shape=(1, 3))]).broken
    assert read(EMBEDDER, [array(0, 0, 0, shape=(1, 3))]).saturated
    assert read(CLASSES, [np.asarray([[0, 255, 255]], np.uint8)]).saturated
    assert not same(EMBEDDER, Reading(broken=True), Reading(broken=True))


def test_only_an_embedder_that_says_so_may_take_the_place_of_another() -> None:
    old = card("embedding", floats(1, 3), sha256="1" * 64)
    stranger = card("embedding", floats(1, 3), sha256="2" * 64)
    kin = card("embedding", floats(1, 3), sha256="2" * 64, comparable=("1" * 64,))
    assert not comparable(old, stranger)
    assert comparable(old, kin)
    assert not comparable(old, card("embedding", floats(1, 4), sha256="1" * 64))
    assert comparable(CLASSES, CLASSES.model_copy(update={"sha256": "3" * 64}))
