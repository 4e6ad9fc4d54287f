import numpy as np
import pytest

from gateway.perception.align import CHIP_SIZE, TARGET, chip, similarity
from gateway.perception.blazeface import Floats


def _turned(angle_deg: float, scale: float, shift: tuple[float, float]) -> Floats:
    """The target as a camera might see it."""
    a = np.deg2rad(angle_deg)
    turn = scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return (TARGET @ turn.T + shift).astype(np.float32)


@pytest.mark.parametrize(("angle", "scale", "shift"), [(0, 1, (0, 0)), (25, 0.4, (60, 30)), (-140, 3.0, (500, 700))])
def test_similarity_undoes_turn_scale_and_shift(angle: float, scale: float, shift: tuple[float, float]) -> None:
    source = _turned(angle, scale, shift)
    matrix = similarity(source)
    assert source @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(TARGET, abs=1e-3)


def test_similarity_is_the_least_squares_one() -> None:
    rng = np.random.default_rng(4)
    source = _turned(10, 1.5, (40, 20)) + rng.normal(0, 3, TARGET.shape).astype(np.float32)
    best = similarity(source)

    def error(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(((source @ matrix[:, :2].T + matrix[:, 2] - TARGET) ** 2).sum())

    for _ in range(50):
        a, b, x, y = rng.normal(0, 0.01, 4)
        change = np.array([[a, -b, 10 * x], [b, a, 10 * y]])
        assert error(best) <= error(best + change)


def test_similarity_of_one_point_does_not_fail() -> None:
    assert np.isfinite(similarity(np.full((4, 2), 7, np.float32))).all()


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.5, 6.0])
def test_the_four_points_land_on_their_targets(scale: float) -> None:
    source = _turned(12, scale, (80 * scale, 60 * scale))
    side = int(300 * scale)
    picture = np.zeros((side, side, 3), np.uint8)
    for x, y in source:
        yy, xx = np.mgrid[:side, :side]
        picture[(xx - x) ** 2 + (yy - y) ** 2 <= max(1.5, 5 * scale) ** 2] = 255
    made = chip(picture, source)
    assert made.shape == (CHIP_SIZE, CHIP_SIZE, 3)
    assert made.dtype == np.uint8
    for x, y in TARGET:
        part = made[round(y) - 9 : round(y) + 10, round(x) - 9 : round(x) + 10, 0].astype(float)
        yy, xx = np.mgrid[-9:10, -9:10]
        assert (part * xx).sum() / part.sum() == pytest.approx(0, abs=1.3)
        assert (part * yy).sum() / part.sum() == pytest.approx(0, abs=1.3)


def test_a_large_face_does_not_alias() -> None:
    """Stripes of one pixel, far finer than the chip, must turn into even grey."""
    picture = np.zeros((1200, 1200, 3), np.uint8)
    picture[:, ::2] = 255
    made = chip(picture, _turned(0, 6, (150, 150)))
    assert made[20:130, 20:130].mean() == pytest.approx(127, abs=6)
    assert made[20:130, 20:130].std() < 12


def test_beyond_the_picture_its_edge_is_repeated() -> None:
    picture = np.full((60, 60, 3), 200, np.uint8)
    assert np.min(chip(picture, _turned(0, 1, (-40, -40)))) == 200
