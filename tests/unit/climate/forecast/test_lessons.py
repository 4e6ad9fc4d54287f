"""A room's rows are learned in several ways, and what one cannot follow another can."""

import numpy as np
import pytest

from gateway.climate.forecast.correction import LEAST_ROWS
from gateway.climate.forecast.lessons import OWN, WAYS, Lessons
from gateway.climate.forecast.net import STEPS
from gateway.climate.forecast.waves import WAVES, Waves
from gateway.climate.words import Floats

RNG = np.random.default_rng(4)
ROWS = RNG.normal(0, 1, (6000, OWN + STEPS))
ONE = ROWS[-1:]


def taught(rows: Floats, change: Floats) -> Lessons:
    lessons = Lessons()
    lessons.learn(rows, np.asarray(change, np.float32))
    lessons.solve()
    return lessons


def changes(column: Floats) -> Floats:
    return np.repeat(column[:, None], STEPS, axis=1)


def of(lessons: Lessons, way: str, row: Floats = ONE) -> Floats:
    return np.asarray(lessons.predict(row)[WAYS.index(way)])


def test_nobody_speaks_before_two_days() -> None:
    young = taught(ROWS[: int(LEAST_ROWS) - 1], changes(ROWS[: int(LEAST_ROWS) - 1, 0]))
    assert np.isnan(young.predict(ONE)).all()
    assert np.isfinite(taught(ROWS[:400], changes(ROWS[:400, 0])).predict(ONE)).all()


def test_alone_knows_the_room_and_nothing_of_the_network() -> None:
    lessons = taught(ROWS, changes(ROWS[:, 0]))
    other = ONE.copy()
    other[:, OWN:] += 5
    assert of(lessons, "alone") == pytest.approx(of(lessons, "alone", other))
    network = taught(ROWS, changes(ROWS[:, OWN]))
    assert abs(of(network, "alone")[0]) < 0.3
    assert of(network, "linear", other)[0] > of(network, "linear")[0] + 2


def test_bends_follow_what_a_line_cannot() -> None:
    rows = np.repeat(RNG.normal(0, 1, (6000, 1)), OWN + STEPS, axis=1)
    valley = changes(np.abs(rows[:, 0]))
    lessons = taught(rows, valley)
    asked = np.zeros((1, OWN + STEPS))
    assert of(lessons, "linear", asked)[0] == pytest.approx(0.8, abs=0.1), "the level"
    assert of(lessons, "curved", asked)[0] < 0.5


def test_the_quick_one_forgets_first() -> None:
    turned = np.concatenate([ROWS[:4000, 0], -ROWS[4000:, 0]])
    row = np.zeros((1, OWN + STEPS))
    row[0, 0] = 1.0
    lessons = taught(ROWS, changes(turned))
    assert of(lessons, "quick", row)[0] < of(lessons, "curved", row)[0] - 0.05


def test_row_by_row_is_the_same_as_all_at_once_for_the_linear_ones() -> None:
    slowly = Lessons()
    for row in range(400):
        slowly.learn(ROWS[row : row + 1], changes(ROWS[row : row + 1, 0]).astype(np.float32))
    slowly.solve()
    at_once = taught(ROWS[:400], changes(ROWS[:400, 0]))
    assert slowly.predict(ONE)[:2] == pytest.approx(at_once.predict(ONE)[:2], abs=1e-4)
    assert np.isnan(slowly.predict(ONE)[2:]).all(), "bends wait two days more, until sizes are known"


def test_waves_are_the_same_in_every_room_and_no_higher_than_one() -> None:
    mean, sd = np.full(5, 20.0), np.full(5, 0.1)
    some = RNG.normal(20, 0.1, (50, 5))
    waved = Waves(mean, sd).added(some)
    assert waved.shape == (50, 5 + WAVES)
    assert (waved[:, :5] == some).all()
    assert np.max(np.abs(waved[:, 5:])) <= 1
    assert np.mean(np.std(waved[:, 5:], axis=0)) > 0.4, "sized to the inputs"
    assert (Waves(mean, sd).added(some) == waved).all()
