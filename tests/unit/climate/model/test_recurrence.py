import numpy as np
import pytest

from gateway.climate.model.recurrence import live_through
from gateway.climate.words import Floats

FADING = np.array([[[0.9, 0.2], [-0.1, 0.7]], [[0.999, 0.0], [0.01, 0.5]]])
START = np.array([[3.0, -1.0], [20.0, 10.0]])


def stepped(matrix: Floats, pushes: Floats, start: Floats) -> Floats:
    states, state = np.empty_like(pushes), start
    for row in range(pushes.shape[1]):
        state = (matrix @ state[:, :, None])[:, :, 0] + pushes[:, row]
        states[:, row] = state
    return states


@pytest.mark.parametrize("rows", [0, 1, 2, 8, 9, 10, 17, 31, 1000])
def test_all_rows_are_what_stepping_finds(rows: int) -> None:
    pushes = np.random.default_rng(rows).normal(0, 1, (2, rows, 2))
    expected = stepped(FADING, pushes, START)
    live_through(FADING, pushes, START)
    assert np.allclose(pushes, expected, rtol=1e-11, atol=1e-11)


def test_part_of_an_array_is_lived_through_in_any_direction() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (2, 40, 2))
    expected = stepped(FADING, rows[:, 29:9:-1], START)
    outside = rows[:, :10].copy()
    live_through(FADING, rows[:, 29:9:-1], START)
    assert np.allclose(rows[:, 29:9:-1], expected, rtol=1e-11, atol=1e-11)
    assert np.all(rows[:, :10] == outside)
