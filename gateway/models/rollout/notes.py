"""Taking in what was seen since the last look."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.models.rollout.evidence import Arm, Compared, Seen, Served, Unusable
from gateway.models.rollout.habit import Habit, hour_of
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Record


def note_habit(habit: Habit, seen: Sequence[Seen], seconds: float, now: datetime) -> None:
    """What was served in the last `seconds`, whoever answered."""
    readings = [one.reading for one in seen if isinstance(one, Served) and one.reading is not None]
    positives = sum(reading.positive for reading in readings)
    habit.add(now, positives=positives, answers=len(readings), seconds=seconds)


def note(record: Record, seen: Sequence[Seen], seconds: float, temperature_c: float | None, now: datetime) -> None:
    """Into the evidence of a running phase."""
    record.spent_s += seconds
    watching = record.phase is Phase.WATCH
    counted = [_promoted(one) if watching else one for one in seen if not isinstance(one, Unusable)]
    for one in counted:
        record.evidence.add(one)
    record.evidence.heat(temperature_c, record.plan.gates.temperature_c, seconds)
    record.evidence.hour(hour_of(now), counted, seconds, serving=watching)
    unusable = [one.key for one in seen if isinstance(one, Unusable) and one.digest == record.candidate]
    if unusable:
        record.evidence.failed, record.evidence.last_error = "load", unusable[0]


def _promoted(seen: Served | Compared) -> Served | Compared:
    """After promotion the version in service is the one that is judged."""
    return replace(seen, arm=Arm.CANDIDATE) if isinstance(seen, Served) else seen
