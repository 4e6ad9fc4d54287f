"""A room's own rows teach what the network cannot know, and no more than they can bear."""

import numpy as np
import pytest

from gateway.climate.forecast.correction import Correction

RNG = np.random.default_rng(1)
GIVEN = RNG.normal(0, 1, (4000, 5))
WEIGHTS = RNG.normal(0, 1, (5, 2))


def taught(rows: int, **how: float) -> Correction:
    correction = Correction(5, 2, **how)
    correction.learn(GIVEN[:rows], GIVEN[:rows] @ WEIGHTS + 3)
    correction.solve()
    return correction


def test_learns_a_line_with_its_level() -> None:
    told = taught(4000, strength=1.0).predict(GIVEN[:10])
    assert told == pytest.approx(GIVEN[:10] @ WEIGHTS + 3, abs=0.01)


def test_says_nothing_before_two_days_of_rows() -> None:
    assert taught(287).predict(GIVEN[:1]) is None
    assert taught(288).predict(GIVEN[:1]) is not None


def test_row_by_row_is_the_same_as_all_at_once() -> None:
    slowly = Correction(5, 2, keep=0.999)
    for row in range(400):
        slowly.learn(GIVEN[row : row + 1], GIVEN[row : row + 1] @ WEIGHTS)
    slowly.solve()
    at_once = Correction(5, 2, keep=0.999)
    at_once.learn(GIVEN[:400], GIVEN[:400] @ WEIGHTS)
    at_once.solve()
    assert slowly.rows == pytest.approx(at_once.rows)
    once, again = slowly.predict(GIVEN[:5]), at_once.predict(GIVEN[:5])
    assert once is not None
    assert once == pytest.approx(again)


def test_a_strong_ridge_says_that_little_changes() -> None:
    strong, weak = (taught(4000, strength=strength).predict(GIVEN[:50]) for strength in (1e6, 1.0))
    assert strong is not None
    assert weak is not None
    assert np.std(strong) < 0.1 * np.std(weak)


def test_forgets_what_is_long_ago() -> None:
    correction = Correction(5, 2, keep=0.99, strength=1.0)
    correction.learn(GIVEN[:2000], GIVEN[:2000] @ WEIGHTS)
    correction.learn(GIVEN[2000:], -GIVEN[2000:] @ WEIGHTS)
    assert correction.rows == pytest.approx(100, rel=0.01)
    correction = Correction(5, 2, keep=0.999, strength=1.0)
    correction.learn(GIVEN[:1000], GIVEN[:1000] @ WEIGHTS)
    correction.learn(GIVEN[1000:], -GIVEN[1000:] @ WEIGHTS)
    correction.solve()
    assert correction.predict(GIVEN[:10]) == pytest.approx(-GIVEN[:10] @ WEIGHTS, abs=0.5)


def test_rows_with_anything_unknown_teach_nothing() -> None:
    spoiled, change = GIVEN[:600].copy(), GIVEN[:600] @ WEIGHTS
    spoiled[::2, 1] = np.nan
    correction = Correction(5, 2)
    correction.learn(spoiled, change)
    assert correction.rows == 300
    correction.learn(np.full((3, 5), np.nan), np.zeros((3, 2)))
    assert correction.rows == 300


def test_is_the_ridge_regression_of_its_rows() -> None:
    """Level free, each slope held back by its input's size."""
    rows, change = GIVEN[:500] * [1, 3, 0.1, 1, 1] + [0, 5, 0, 0, -2], GIVEN[:500] @ WEIGHTS
    correction = Correction(5, 2, strength=200.0)
    correction.learn(rows, change)
    correction.solve()
    centred = rows - rows.mean(axis=0)
    slopes = np.linalg.solve(centred.T @ centred + np.diag(200 * rows.var(axis=0)), centred.T @ change)
    expected = change.mean(axis=0) + (rows[:7] - rows.mean(axis=0)) @ slopes
    assert correction.predict(rows[:7]) == pytest.approx(expected, abs=1e-3)
    mean, sd = correction.usual()
    assert mean == pytest.approx(rows.mean(axis=0))
    assert sd == pytest.approx(rows.std(axis=0))


def test_solving_again_changes_nothing_that_was_not_learned() -> None:
    correction = taught(600)
    before = correction.predict(GIVEN[:3])
    assert before is not None
    correction.solve()
    assert correction.predict(GIVEN[:3]) == pytest.approx(before, abs=1e-4)
