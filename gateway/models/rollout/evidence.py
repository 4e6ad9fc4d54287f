"""What was seen of a candidate in one phase: constant memory, kept as JSON, so a restart loses no count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.models.rollout.histograms import Latencies, Scores
from gateway.models.rollout.verdict import Reading


class Arm(StrEnum):
    ACTIVE = "active"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One inference whose answer was used, or would have been: `error` is the key it failed with."""

    model: str
    arm: Arm
    took_s: float = 0.0
    reading: Reading | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One input given to both on the shadow thread; only the candidate's error is of interest."""

    model: str
    active: Reading | None = None
    candidate: Reading | None = None
    same: bool = False
    active_s: float = 0.0
    candidate_s: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A version could not be loaded; `key` says why."""

    model: str
    digest: str
    key: str


Seen = Served | Compared | Unusable


@dataclass(slots=True, kw_only=True)
class Tally:
    """Of the inferences of one arm that were served."""

    answers: int = 0
    errors: int = 0
    broken: int = 0
    took: Latencies = field(default_factory=Latencies)

    def add(self, served: Served) -> None:
        self.answers += 1
        if served.error or served.reading is None:
            self.errors += 1
            return
        self.took.add(served.took_s)
        self.broken += served.reading.broken


@dataclass(slots=True, kw_only=True)
class Paired:
    """Of the inputs that both were given; agreement counts where the active one was sure."""

    answers: int = 0
    errors: int = 0
    broken: int = 0
    saturated: int = 0
    sure: int = 0
    agreed: int = 0
    active_scores: Scores = field(default_factory=Scores)
    candidate_scores: Scores = field(default_factory=Scores)
    active_took: Latencies = field(default_factory=Latencies)
    candidate_took: Latencies = field(default_factory=Latencies)

    def add(self, pair: Compared) -> None:
        self.answers += 1
        if pair.error or pair.active is None or pair.candidate is None:
            self.errors += 1
            return
        self.active_took.add(pair.active_s)
        self.candidate_took.add(pair.candidate_s)
        self.broken += pair.candidate.broken and not pair.active.broken
        self.saturated += pair.candidate.saturated and not pair.active.saturated
        self.sure += pair.active.sure
        self.agreed += pair.active.sure and pair.same
        if pair.active.score is not None and pair.candidate.score is not None:
            self.active_scores.add(pair.active.score)
            self.candidate_scores.add(pair.candidate.score)


@dataclass(slots=True, kw_only=True)
class Hourly:
    """Of one hour: how many answers the gateway gave in `seconds`, how many of them the candidate was asked too and
    how many of those it answered with yes."""

    answers: int = 0
    seconds: float = 0.0
    asked: int = 0
    positives: int = 0


@dataclass(slots=True, kw_only=True)
class Evidence:
    """`candidate` and `active` are the arms of what was served, `paired` what both were asked. `failed` is what ends
    the roll-out at once: a load error, a golden mismatch. `hot_s` is how long it was too hot."""

    candidate: Tally = field(default_factory=Tally)
    active: Tally = field(default_factory=Tally)
    paired: Paired = field(default_factory=Paired)
    hours: dict[int, Hourly] = field(default_factory=dict)
    events: int = 0
    wrong: int = 0
    hot_s: float = 0.0
    hottest_c: float | None = None
    failed: str = ""
    last_error: str = ""

    def add(self, seen: Served | Compared) -> None:
        if isinstance(seen, Compared):
            self.paired.add(seen)
            self.last_error = seen.error or self.last_error
        elif seen.arm is Arm.CANDIDATE:
            self.candidate.add(seen)
            self.last_error = seen.error or self.last_error
        else:
            self.active.add(seen)

    def heat(self, temperature_c: float | None, limit_c: float, seconds: float) -> None:
        if temperature_c is None:
            return
        self.hottest_c = temperature_c if self.hottest_c is None else max(self.hottest_c, temperature_c)
        self.hot_s += seconds if temperature_c > limit_c else 0.0

    def hour(self, hour: int, seen: Sequence[Served | Compared], seconds: float, *, serving: bool) -> None:
        """Note the last moments of this hour (see `habit.hour_of`). While the candidate is `serving` all, its served
        answers count; before that only compared ones, which are drawn from all cameras."""
        hourly = self.hours.setdefault(hour, Hourly())
        hourly.seconds += seconds
        hourly.answers += sum(isinstance(one, Served) for one in seen)
        for one in seen:
            reading = one.candidate if isinstance(one, Compared) else one.reading
            if reading is not None and isinstance(one, Served) is serving:
                hourly.asked += 1
                hourly.positives += reading.positive
