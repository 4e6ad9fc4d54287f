import numpy as np
import pytest

from gateway.climate.model.recurrence import recurrence
from gateway.climate.words import Floats

FADING = np.array([[[0.9, 0.2], [-0.1, 0.7]], [[0.999, 0.0], [0.01, 0.5]]])
START = np.array([[3.0, -1.0], [20.0, 10.0]])


def stepped(matrix: Floats, pushes: Floats, start: Floats) -> Floats:
    rows, state = [], start
    for row in range(pushes.shape[1]):
        state = (matrix @ state[:, :, None])[:, :, 0] + pushes[:, row]
        rows.append(state)
    return np.stack(rows, axis=1)


@pytest.mark.parametrize("rows", [1, 2, 8, 9, 10, 17, 31, 1000])
def test_all_rows_are_what_stepping_finds(rows: int) -> None:
    pushes = np.random.default_rng(rows).normal(0, 1, (2, rows, 2))
    assert np.allclose(recurrence(FADING, pushes, START), stepped(FADING, pushes, START), rtol=1e-11, atol=1e-11)


def test_what_it_is_given_stays_as_it_was() -> None:
    pushes = np.ones((2, 20, 2))
    recurrence(FADING, pushes, START)
    assert np.all(pushes == 1)


def test_no_rows_are_no_rows() -> None:
    assert recurrence(FADING, np.empty((2, 0, 2)), START).shape == (2, 0, 2)
