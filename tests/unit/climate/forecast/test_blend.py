"""Whoever was right of late is believed, and the spread is as wide as the errors are."""

import numpy as np
import pytest

from gateway.climate.forecast.blend import Blend
from gateway.climate.forecast.net import STEPS

WEEK = 1008
FLAT = np.full(STEPS, 0.3)


def lived(blend: Blend, told: np.ndarray, *, places: int = WEEK, noise: float = 0.0) -> None:
    """A room that gets warmer by 0.01 K a place, foretold as `told` (members, 12) all the time."""
    rng = np.random.default_rng(3)
    for place in range(places):
        temp = 20 + 0.01 * place + rng.normal(0, noise)
        blend.hear(place, temp)
        change, _ = blend.combine(told, FLAT)
        blend.note(place, temp, told, change, FLAT)


RIGHT = np.asarray(0.03 * np.arange(1, STEPS + 1), np.float64)


def test_all_are_believed_alike_before_half_a_day_of_errors() -> None:
    blend = Blend(2)
    change, spread = blend.combine(np.stack([RIGHT, RIGHT + 1]), FLAT)
    assert change == pytest.approx(RIGHT + 0.5)
    assert spread == pytest.approx(FLAT)


def test_the_better_one_is_believed_after_a_week() -> None:
    blend = Blend(2)
    told = np.stack([RIGHT + 0.1, RIGHT + 1.0])
    lived(blend, told)
    change, _ = blend.combine(told, FLAT)
    assert change == pytest.approx(RIGHT + 0.1, abs=0.01)


def test_a_member_that_says_nothing_does_not_count() -> None:
    blend = Blend(2)
    told = np.stack([RIGHT + 0.1, np.full(STEPS, np.nan)])
    lived(blend, told, places=200)
    change, _ = blend.combine(told, FLAT)
    assert change == pytest.approx(told[0])
    nothing, _ = blend.combine(np.full((2, STEPS), np.nan), FLAT)
    assert np.isnan(nothing).all()


def test_a_newcomer_is_not_preferred_before_it_was_rated() -> None:
    blend = Blend(2)
    lived(blend, np.stack([RIGHT + 0.1, np.full(STEPS, np.nan)]))
    change, _ = blend.combine(np.stack([RIGHT + 0.1, RIGHT - 5]), FLAT)
    assert np.all(change > RIGHT - 2.6)


def test_the_spread_becomes_that_of_the_errors() -> None:
    blend = Blend(1)
    lived(blend, RIGHT[None], noise=0.7, places=2 * WEEK)
    _, spread = blend.combine(RIGHT[None], FLAT)
    assert spread == pytest.approx(np.sqrt(2) * 0.7, rel=0.1)


def test_skill_is_told_after_half_a_day() -> None:
    blend = Blend(1)
    lived(blend, RIGHT[None], places=100)
    assert blend.skill() is None
    lived(blend, RIGHT[None])
    assert blend.skill() == pytest.approx(1.0, abs=1e-6)
    still = Blend(1)
    lived(still, np.zeros((1, STEPS)))
    assert still.skill() == pytest.approx(0.0, abs=1e-6)


def test_what_was_noted_over_a_gap_is_not_taken_for_what_came_before() -> None:
    blend = Blend(1)
    lived(blend, RIGHT[None], places=300)
    before = blend.skill()
    for place in range(5000, 5036):
        blend.hear(place, 35.0)
    after = blend.skill()
    assert before is not None
    assert after == pytest.approx(before)


def test_unknown_temperatures_rate_nobody() -> None:
    blend = Blend(1)
    for place in range(WEEK):
        blend.hear(place, float("nan"))
        blend.note(place, 20.0, RIGHT[None], RIGHT, FLAT)
    assert blend.skill() is None
