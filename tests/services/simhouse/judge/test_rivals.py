"""The rivals are worth beating, and the optimum cannot be beaten."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.simhouse.bench.course import Course
from services.simhouse.bench.follow import perfect, pulses
from services.simhouse.bench.perfect import optimum
from services.simhouse.bench.rivals import Diary, compete
from services.simhouse.bench.tune import COMFORT_KH, tuned
from services.simhouse.bench.variants import variants
from tests.services.simhouse.judge.rig import course, steady

WINDOW = slice(1440, 3 * 1440)


@pytest.fixture(scope="module")
def there() -> Course:
    return course(weather=steady(2.0), days=4)


@pytest.fixture(scope="module")
def best(there: Course) -> dict[str, Any]:
    return tuned(there, WINDOW)


def test_each_variant_lives_in_a_house_of_its_own(there: Course) -> None:
    both = variants(0, {"band_k": (0.1, 0.3), "lead_min": 60})
    together = compete(there, both, WINDOW)
    alone = [compete(there, both.only(number), WINDOW) for number in (0, 1)]
    assert together.kwh == pytest.approx(np.concatenate([one.kwh for one in alone]))
    assert together.below == pytest.approx(np.concatenate([one.below for one in alone]))


def test_starting_earlier_is_warmer_in_the_morning_and_costs_more(there: Course) -> None:
    tally = compete(there, variants(0, {"band_k": 0.2, "lead_min": (0, 120)}), WINDOW)
    assert tally.below[1] < tally.below[0] - 1
    assert tally.kwh[1] > tally.kwh[0]


def test_pulses_come_once_a_cycle_and_not_too_short(there: Course) -> None:
    lived = Diary()
    compete(there, variants(15, {"kp": 0.6, "ce": 0.01}), WINDOW, lived)
    switched = np.array(lived.switched[: len(lived.switched) // 15 * 15]).reshape(-1, 15)
    lengths = np.sum(switched, axis=1)
    assert np.all(np.diff(switched, axis=1) <= 0)
    assert set(lengths.tolist()) <= {0, *range(2, 14), 15}
    assert 5 < np.mean(lengths) < 15


def test_the_best_classic_is_comfortable_and_saves_over_always_21(best: dict[str, Any]) -> None:
    assert best["energy"]["reached"]
    assert best["energy"]["kh_below"] <= COMFORT_KH
    assert best["bent"]["kwh_net_week"] <= best["energy"]["kwh_net_week"] < best["always"]["kwh_net_week"]


def test_no_classic_beats_the_optimum(there: Course, best: dict[str, Any]) -> None:
    ideal = perfect(there, WINDOW)
    assert ideal["optimum"]["kwh_week"] < ideal["relay"]["kwh_week"] < best["energy"]["kwh_week"]
    assert ideal["relay"]["kh_below"] <= COMFORT_KH
    assert ideal["limit_kh"] < 0.1
    assert ideal["first_week_limit_kh"] < 0.1


def test_cheap_hours_are_used_by_who_knows_them(there: Course) -> None:
    cheap = replace(there, price=np.where(there.week_minute % 1440 < 420, 0.1, 0.5))
    flat, tuned_duty = optimum(there, WINDOW, kh_week=0.5), optimum(cheap, WINDOW, kh_week=0.5)
    night = np.arange(len(flat)) % 96 < 28
    assert np.sum(tuned_duty[night]) > 1.2 * np.sum(flat[night])


def test_where_no_heat_suffices_the_limit_tells(there: Course) -> None:
    weak = replace(there, heat=there.heat * 0.35)
    found = perfect(weak, WINDOW)
    assert found["limit_kh"] > 1.0
    assert found["first_week_limit_kh"] > 1.0


def test_a_relay_gives_what_is_owed_in_pulses_of_five_minutes() -> None:
    given = pulses(np.full(6000, 0.37))
    assert np.mean(given) == pytest.approx(0.37, abs=0.01)
    changes = np.flatnonzero(np.diff(given))
    assert np.min(np.diff(changes)) >= 5
