import numpy as np
import pytest

from gateway.climate.model import kalman, thermal
from gateway.climate.words import Floats

ROOM = np.array([[0.24, 3.5, 0.04, 0.55, 4.5, 0.028, 0.014, 1.0]])


@pytest.fixture
def discrete() -> thermal.Discrete:
    return thermal.discretise(ROOM)


def lived(discrete: thermal.Discrete, steps: int = 600) -> tuple[Floats, Floats, Floats]:
    """Inputs (n, 1, 3), readings (n,) and true states (n, 4) of a room with unexplained heat."""
    rng = np.random.default_rng(7)
    inputs = np.stack([rng.integers(0, 2, steps), np.full(steps, 5.0), np.zeros(steps)], axis=1)
    state, states = np.array([20.0, 17.0, 20.0, 0.0]), []
    for put in inputs:
        state = discrete.a[0] @ state + discrete.b[0] @ put
        state[3] += rng.normal(0, 0.08)
        states.append(state.copy())
    truth = np.array(states)
    return inputs[:, None, :], truth[:, 0] + rng.normal(0, kalman.READING_C, steps), truth


def stepped(discrete: thermal.Discrete, gain: kalman.Gain, inputs: Floats, temps: Floats, start: Floats) -> Floats:
    """The textbook's filter, row by row: innovations (n, m) and states (n, m * 4) side by side."""
    state, rows = start[:, :, None], []
    for put, temp in zip(inputs, temps, strict=True):
        state = discrete.a @ state + discrete.b @ put[:, :, None]
        surprise = temp - state[:, 0]
        if np.isfinite(temp):
            state = state + gain.gain[:, :, None] * surprise[:, :, None]
        rows.append(np.concatenate([surprise.ravel(), state.ravel()]))
    return np.array(rows)


@pytest.mark.parametrize("unread", [[], [0], [599], [*range(300, 320)], [*range(0, 600, 2)], [*range(600)]])
def test_the_filter_is_the_textbooks_whatever_was_read(unread: list[int]) -> None:
    discrete = thermal.discretise(np.vstack([ROOM, 1.2 * ROOM]))
    gain = kalman.steady_gain(discrete, 0.4)
    inputs, temps, _ = lived(thermal.discretise(ROOM))
    both = np.repeat(inputs, 2, axis=1)
    temps[unread] = np.nan
    start = np.array([[20.0, 17.0, 20.0, 0.0], [22.0, 18.0, 20.0, 0.1]])
    found = kalman.run(discrete, gain, both, temps, start)
    side_by_side = np.concatenate([found.innovations, found.states.reshape(len(temps), -1)], axis=1)
    expected = stepped(discrete, gain, both, temps, start)
    assert np.allclose(side_by_side, expected, rtol=0, atol=1e-9, equal_nan=True)


def test_hindsight_is_the_backward_pass_row_by_row(discrete: thermal.Discrete) -> None:
    inputs, temps, truth = lived(discrete)
    gain = kalman.steady_gain(discrete, 0.4)
    states = kalman.run(discrete, gain, inputs, temps, truth[:1]).states[:, 0]
    backward = gain.after[0] @ discrete.a[0].T @ np.linalg.inv(gain.before[0])
    expected = states.copy()
    for row in range(len(states) - 2, -1, -1):
        foreseen = discrete.a[0] @ states[row] + discrete.b[0] @ inputs[row + 1, 0]
        expected[row] += backward @ (expected[row + 1] - foreseen)
    assert np.allclose(kalman.smooth(discrete, gain, inputs[:, 0], states), expected, rtol=0, atol=1e-9)


def test_the_gain_is_the_one_that_the_riccati_recursion_settles_at(discrete: thermal.Discrete) -> None:
    gain = kalman.steady_gain(discrete, 0.4)
    a, before, after = discrete.a[0], gain.before[0], gain.after[0]
    noise = before - a @ after @ a.T
    assert np.allclose(noise, np.diag(np.diag(noise)), atol=1e-9)
    assert np.sqrt(noise[3, 3]) == pytest.approx(0.4 * np.sqrt(1 - np.exp(-2 / 12 / thermal.FADE_H)), rel=1e-4)


def test_stores_that_nobody_measures_are_found(discrete: thermal.Discrete) -> None:
    inputs, temps, truth = lived(discrete)
    start = np.array([[20.0, 20.0, 20.0, 0.0]])
    found = kalman.run(discrete, kalman.steady_gain(discrete, 0.4), inputs, temps, start).states[:, 0]
    assert abs(found[-1, 1] - truth[-1, 1]) < 0.6
    assert np.std((found - truth)[200:, 0]) < kalman.READING_C


def test_hindsight_knows_the_unexplained_heat_better(discrete: thermal.Discrete) -> None:
    inputs, temps, truth = lived(discrete)
    gain = kalman.steady_gain(discrete, 0.4)
    found = kalman.run(discrete, gain, inputs, temps, truth[:1]).states[:, 0]
    smoothed = kalman.smooth(discrete, gain, inputs[:, 0], found)
    assert np.std((smoothed - truth)[100:-50, 3]) < 0.9 * np.std((found - truth)[100:-50, 3])


def test_what_was_not_read_is_foreseen_and_surprises_nobody(discrete: thermal.Discrete) -> None:
    inputs, temps, truth = lived(discrete)
    temps[300:320] = np.nan
    run = kalman.run(discrete, kalman.steady_gain(discrete, 0.4), inputs, temps, truth[:1])
    assert np.all(np.isnan(run.innovations[300:320]))
    assert np.all(np.isfinite(run.states))
