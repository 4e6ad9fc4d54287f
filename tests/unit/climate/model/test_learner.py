import json
from collections.abc import Mapping

import numpy as np
import pytest

from gateway.climate.history import History, Rows
from gateway.climate.model.gate import LATCH_S, Gate
from gateway.climate.model.learner import Learner
from gateway.climate.model.room_model import RoomModel
from gateway.climate.model.skill import HORIZONS
from gateway.climate.words import Moment
from tests.unit.climate.lab import ZONE, Lab, live, row_of


class Home:
    """Lives as a room control does: every row to the learner, and a refit when one is due."""

    def __init__(self) -> None:
        self.lab, self.learner, self.history, self.fits = Lab(), Learner(ZONE), History(), 0

    def row(self, row: dict[str, float], lab: Lab) -> None:
        self.history.add(**row)
        self.learner.add(row, lab.now)
        if self.learner.due():
            self.fits += 1
            rows = self.history.last()
            self.learner.adopt(RoomModel.fit(rows, zone=ZONE, last=self.learner.model), rows)

    def live(self, days: float) -> None:
        live(self.lab, days, each=self.row)


@pytest.fixture(scope="module")
def lived() -> tuple[dict[str, object], Rows, Lab]:
    """What is kept of a learner that is trusted, after five days."""
    home = Home()
    home.live(5)
    assert home.learner.trusted(home.lab.now)
    return home.learner.snapshot(home.lab.now), home.history.last(), home.lab


def restored(lived: tuple[dict[str, object], Rows, Lab]) -> Learner:
    learner = Learner(ZONE)
    learner.restore(lived[0], lived[2].now)
    return learner


def test_trust_is_earned_by_a_day_of_forecasts_that_came_true() -> None:
    home = Home()
    home.live(2.4)
    assert home.fits == 0
    home.live(0.8)
    assert home.fits > 0
    assert not home.learner.trusted(home.lab.now)
    home.live(0.9)
    assert home.learner.trusted(home.lab.now)
    assert list(home.learner.skill.by_hour) == [steps / 12 for steps in HORIZONS]
    assert min(home.learner.skill.by_hour.values()) > 0.5


def test_a_house_that_changed_costs_the_trust_and_the_next_models_win_it_back(
    lived: tuple[dict[str, object], Rows, Lab],
) -> None:
    learner, lab = restored(lived), Lab(power_kw=0.5, outdoor_c=12.0)
    trusted = []
    rng = np.random.default_rng(2)
    for _ in range(3 * 288):
        on = float(lab.minute // 120 % 2)
        lab.heat(on)
        learner.add(row_of(lab, on, lab.air_c + rng.normal(0, 0.04)), lab.now)
        trusted.append(learner.gate.trusted(lab.now.mono_s))
    assert trusted[0]
    assert not trusted[-1]
    assert learner.gate.why == "the model does no better than guessing"


def test_what_survives_a_restart(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    saved, rows, lab = lived
    learner = Learner(ZONE)
    learner.restore(json.loads(json.dumps(saved)), lab.now)
    assert learner.trusted(lab.now)
    assert learner.skill.by_hour[6.0] > 0.5
    learner.resume(rows)
    assert learner.observer is not None
    assert float(learner.observer.state[0]) == pytest.approx(lab.air_c, abs=0.2)


@pytest.mark.parametrize(
    "spoil",
    [
        {"model": {"parameters": "x"}},
        {"model": 3},
        {"state": [1.0, float("nan"), 2.0, 3.0]},
        {"state": [1.0]},
        {"skill": [[1.0, 2.0]]},
        {"skill": "x"},
        {"skill": None},
    ],
    ids=str,
)
def test_what_was_kept_badly_is_learned_anew(
    lived: tuple[dict[str, object], Rows, Lab], spoil: Mapping[str, object]
) -> None:
    learner, now = Learner(ZONE), lived[2].now
    learner.restore({**lived[0], **spoil}, now)
    assert not learner.trusted(now)


def test_a_reading_far_from_all_that_was_foreseen_latches_for_a_day(
    lived: tuple[dict[str, object], Rows, Lab],
) -> None:
    learner, lab = restored(lived), lived[2]
    learner.add(row_of(lab, 0.0, lab.air_c), lab.now)
    assert learner.trusted(lab.now)
    learner.add(row_of(lab, 0.0, lab.air_c + 9.0), lab.now)
    assert not learner.trusted(lab.now)
    assert learner.gate.latched_s(lab.now.mono_s) == LATCH_S
    assert learner.due()


def test_a_model_of_no_numbers_is_dropped_at_once(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    learner, lab = restored(lived), lived[2]
    assert learner.observer is not None
    learner.observer.state = np.full(4, np.nan)
    learner.add(row_of(lab, 0.0, lab.air_c), lab.now)
    assert learner.model is None
    assert not learner.trusted(lab.now)


def test_models_that_lose_their_mind_one_after_the_other_are_not_learned_every_five_minutes() -> None:
    home = Home()

    def poisoned(row: dict[str, float], lab: Lab) -> None:
        if home.learner.observer is not None:
            home.learner.observer.state = np.full(4, np.nan)
        home.row(row, lab)

    home.live(2.4)
    live(home.lab, 1.1, each=poisoned)
    assert 3 <= home.fits <= 9


def test_a_restart_costs_no_refit(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    learner = restored(lived)
    learner.resume(lived[1])
    learner.skip(100)
    assert not learner.due()
    learner.skip(288)
    assert learner.due()


def test_no_model_means_the_last_good_one(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    learner = restored(lived)
    assert not learner.adopt(None, lived[1])
    assert learner.trusted(lived[2].now)


def test_a_thermometer_that_reports_every_second_row_is_good_enough() -> None:
    home = Home()

    def silent_half(row: dict[str, float], lab: Lab) -> None:
        home.row({**row, "temp_c": row["temp_c"] if len(home.history) % 2 else float("nan")}, lab)

    live(home.lab, 5.5, each=silent_half)
    assert home.learner.trusted(home.lab.now)


def test_rows_of_nothing_are_lived_through(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    learner, lab = restored(lived), lived[2]
    for _ in range(100):
        learner.add({}, Moment(mono_s=lab.now.mono_s, wall=None))
    assert learner.observer is not None
    assert np.all(np.isfinite(learner.observer.state))


def test_a_room_that_got_cold_while_nobody_looked_is_no_fault(lived: tuple[dict[str, object], Rows, Lab]) -> None:
    learner, lab = restored(lived), lived[2]
    learner.skip(200)
    for _ in range(12):
        learner.add(row_of(lab, 0.0, lab.air_c - 8.0), lab.now)
    assert learner.trusted(lab.now)
    assert learner.observer is not None
    assert float(learner.observer.state[0]) == pytest.approx(lab.air_c - 8.0, abs=0.3)


GOOD, POOR = dict.fromkeys((0.5, 1.0), 0.4), {0.5: -0.1, 1.0: 0.4}


def test_errors_that_no_thermometer_could_show_cost_no_trust() -> None:
    gate = Gate()
    gate.judge(GOOD, (0.2, 0.2), enough=True)
    gate.judge(POOR, (0.1, 0.2), enough=True)
    assert gate.trusted(0.0)
    gate.judge(POOR, (0.2, 0.2), enough=True)
    assert not gate.trusted(0.0)


def test_no_trust_before_there_is_enough_to_judge() -> None:
    gate = Gate()
    gate.judge(GOOD, (0.2, 0.2), enough=False)
    assert not gate.trusted(0.0)


def test_a_fault_counts_for_a_day() -> None:
    gate = Gate()
    gate.judge(GOOD, (0.2, 0.2), enough=True)
    gate.fault("late", 1000.0)
    assert not gate.trusted(1000.0 + LATCH_S - 1)
    assert gate.trusted(1000.0 + LATCH_S)
