"""Gates that need history, and evidence that survives a restart."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import Corrupt
from gateway.models.rollout.evidence import Arm, Evidence
from gateway.models.rollout.gates import Outcome, judge
from gateway.models.rollout.habit import Habit, hour_of
from gateway.models.rollout.notes import note, note_habit
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Record, habit_from, habit_json, record_from, record_json
from tests.unit.models.rollout.house import MODEL, NO, QUICK, YES, mixed, pair, served

MONDAY = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


def usual(positives: int, answers: int = 3000) -> Habit:
    """A habit with one hour a week ago."""
    habit = Habit()
    habit.add(MONDAY - WEEK, positives=positives, answers=answers, seconds=3600)
    return habit


def drifted(positives: int, habit: Habit) -> tuple[Outcome, str]:
    """In an hour with 3,000 answers of which the candidate was asked every tenth too."""
    evidence = Evidence()
    pairs = [pair(YES if number < positives else NO) for number in range(300)]
    evidence.hour(hour_of(MONDAY), [*pairs, *[served(Arm.ACTIVE) for _ in range(3000)]], 3600, serving=False)
    for one in mixed(300):
        evidence.add(one)
    decision = judge(QUICK, Phase.SHADOW, evidence, habit, 10.0)
    return decision.outcome, f"{decision.gate} {decision.told}"


@pytest.mark.parametrize(("positives", "gate"), [(10, ""), (20, ""), (200, "drift"), (0, "drift")])
def test_positives_are_compared_with_the_same_hour_of_last_week(positives: int, gate: str) -> None:
    outcome, told = drifted(positives, usual(400))
    assert (outcome is Outcome.FAIL) == bool(gate)
    assert told.startswith(gate)
    assert "from last week" in told


@pytest.mark.parametrize("habit", [Habit(), usual(5, 50)])
def test_without_history_or_with_next_to_none_drift_decides_nothing(habit: Habit) -> None:
    if habit.hours:
        next(iter(habit.hours.values())).seconds = 100
    outcome, told = drifted(200, habit)
    assert outcome is Outcome.PASS
    assert "no history of a week" in told


def test_a_habit_forgets_what_is_older_than_two_weeks() -> None:
    habit = Habit()
    for hour in range(24 * 30):
        habit.add(MONDAY + timedelta(hours=hour), positives=1, answers=2, seconds=3600)
    assert len(habit.hours) == 2 * 168
    assert habit.week_before(hour_of(MONDAY + timedelta(days=30))) is not None
    assert habit_from(habit_json(habit)) == habit


def record() -> Record:
    return Record(
        model=MODEL, candidate="d2", version="2", incumbent="d1", plan=QUICK, phase=Phase.SHADOW, began=MONDAY
    )


def test_evidence_survives_a_restart_to_the_last_count() -> None:
    before = record()
    note(before, [*mixed(70), served(), served(error="model_failed", reading=None)], 5.0, 61.5, MONDAY)
    after = record_from(record_json(before))
    assert after == before
    assert after.evidence.paired.answers == 70
    assert len(record_json(before)) < 4000, "constant memory"


def test_after_promotion_what_serves_is_judged() -> None:
    watched = record()
    watched.phase = Phase.WATCH
    note(watched, [served(Arm.ACTIVE, error="model_failed", reading=None)], 1.0, None, MONDAY)
    assert watched.evidence.candidate.errors == 1
    habit = Habit()
    note_habit(habit, [served(Arm.ACTIVE), served(Arm.ACTIVE, NO), pair()], 1.0, MONDAY)
    hour = habit.hours[hour_of(MONDAY)]
    assert (hour.positives, hour.answers) == (1, 2)


def test_served_latencies_are_compared_once_both_arms_have_enough() -> None:
    evidence = Evidence()
    for one in mixed(300):
        evidence.add(one)
    for _ in range(200):
        evidence.add(served(Arm.ACTIVE, took_s=0.01))
        evidence.add(served(Arm.CANDIDATE, took_s=0.02))
    decision = judge(QUICK, Phase.CANARY, evidence, Habit(), 10.0)
    assert (decision.outcome, decision.gate) == (Outcome.FAIL, "served_latency")
    assert "served latency p50" in decision.told


@pytest.mark.parametrize("text", ["", "{}", "[]", record_json(record())[:-9], '{"hours":{"x":1}}'])
def test_a_damaged_row_is_known_as_such(text: str) -> None:
    with pytest.raises(Corrupt, match="rollout_corrupt"):
        record_from(text)
