"""Where a roll-out stands, as kept on disk."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Corrupt
from gateway.models.rollout.evidence import Evidence
from gateway.models.rollout.habit import Habit
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.versions import Version
from gateway.wire.model_manifest import RolloutPlan


class Intent(StrEnum):
    """What is about to be done to the slots: written before it is done, taken back after."""

    NONE = ""
    PROMOTE = "promote"
    REJECT = "reject"
    ROLL_BACK = "rollback"


@dataclass(slots=True, kw_only=True)
class Record:
    """One roll-out of one model. `candidate` and `incumbent` are digests of versions, the latter being what a rollback
    goes back to. `spent_s` counts the running seconds of the phase, so that neither a power cut nor a wrong clock
    decides anything; `cooldown_s` is what is left of the time in which nothing else is tried."""

    model: str
    candidate: str
    version: str
    incumbent: str
    plan: RolloutPlan
    phase: Phase = Phase.CHECKING
    intent: Intent = Intent.NONE
    began: datetime
    spent_s: float = 0.0
    cooldown_s: float = 0.0
    told: str = ""
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def salt(self) -> str:
        """What the share is drawn by."""
        return self.plan.id or self.candidate


def begun(model: str, candidate: Version, active: Version, now: datetime) -> Record:
    """Of a candidate that has not been looked at yet."""
    return Record(
        model=model,
        candidate=candidate.digest,
        version=candidate.card.version,
        incumbent=active.digest,
        plan=candidate.plan,
        began=now,
    )


_RECORD = TypeAdapter(Record)
_HABIT = TypeAdapter(Habit)


def record_json(record: Record) -> str:
    return _RECORD.dump_json(record).decode()


def record_from(text: str) -> Record:
    """Raises `Corrupt("rollout_corrupt")`."""
    try:
        return _RECORD.validate_json(text)
    except ValidationError:
        raise Corrupt("rollout_corrupt") from None


def habit_json(habit: Habit) -> str:
    return _HABIT.dump_json(habit).decode()


def habit_from(text: str) -> Habit:
    """Raises `Corrupt("rollout_corrupt")`."""
    try:
        return _HABIT.validate_json(text)
    except ValidationError:
        raise Corrupt("rollout_corrupt") from None
