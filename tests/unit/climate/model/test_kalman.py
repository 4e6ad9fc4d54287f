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
