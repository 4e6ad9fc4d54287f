"""Judging a candidate by what was seen of it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from gateway.models.rollout.evidence import Evidence
from gateway.models.rollout.habit import Habit
from gateway.models.rollout.histograms import Latencies
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.statistics import Verdict, rate_factor, share_verdict, stability_index
from gateway.wire.model_manifest import Gates, RolloutPlan

MOST_HOT_S = 60.0
"""So long it may be too hot in one phase: one hot moment is the weather."""
_LEAST_LIVE = 50
"""Served answers of each arm from which their own latencies are compared too."""


class Outcome(Enum):
    GO_ON = "go_on"
    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One gate with its numbers: `told` is a phrase for people. `needed` is whether the phase waits for a GOOD one."""

    gate: str
    verdict: Verdict
    told: str
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`gate` names what failed, or "timeout"; empty otherwise. `told` has all numbers in one sentence."""

    outcome: Outcome
    gate: str = ""
    told: str = ""


def judge(plan: RolloutPlan, phase: Phase, evidence: Evidence, habit: Habit, spent_s: float) -> Decision:
    """Of a candidate that spent `spent_s` running seconds in the phase. It fails where one gate is surely broken or the
    time is out, passes where its sample is complete and every gate holds, and goes on otherwise."""
    if evidence.failed:
        return Decision(outcome=Outcome.FAIL, gate=evidence.failed, told=evidence.last_error or evidence.failed)
    checks = [*_checks(plan.gates, evidence, habit)]
    complete, sample = _sample(plan, phase, evidence, spent_s)
    told = "; ".join([sample, *(check.told for check in checks)])
    bad = [check.gate for check in checks if check.verdict is Verdict.BAD]
    if bad:
        return Decision(outcome=Outcome.FAIL, gate=bad[0], told=told)
    if complete and (phase is Phase.WATCH or all(c.verdict is Verdict.GOOD for c in checks if c.needed)):
        return Decision(outcome=Outcome.PASS, told=told)
    if phase is not Phase.WATCH and spent_s >= plan.timeout_hours * 3600:
        return Decision(outcome=Outcome.FAIL, gate="timeout", told=told)
    return Decision(outcome=Outcome.GO_ON, told=told)


def _sample(plan: RolloutPlan, phase: Phase, evidence: Evidence, spent_s: float) -> tuple[bool, str]:
    """Whether the phase has gathered what it must. Where nothing falls into the share, as in a house with one camera,
    comparisons count in place of served answers."""
    pairs, served = evidence.paired.answers, evidence.candidate.answers
    match phase:
        case Phase.WATCH:
            return spent_s >= plan.watch_hours * 3600, f"{spent_s / 3600:.1f} of {plan.watch_hours:g} h watched"
        case Phase.CANARY if served:
            return served >= plan.canary_samples, f"{served} of {plan.canary_samples} served, {pairs} compared"
        case Phase.CANARY:
            return pairs >= plan.canary_samples, f"{pairs} of {plan.canary_samples} compared, none in the share"
        case _:
            return pairs >= plan.shadow_samples, f"{pairs} of {plan.shadow_samples} compared"


def _checks(gates: Gates, evidence: Evidence, habit: Habit) -> Iterator[Check]:
    paired, served = evidence.paired, evidence.candidate
    yield _errors(gates, evidence)
    yield _share("saturation", "saturated", paired.saturated, paired.answers - paired.errors, gates.saturated_share)
    disagreed = paired.sure - paired.agreed
    yield _share("agreement", "sure ones disagreed", disagreed, paired.sure, 1 - gates.agreement)
    yield from _latency("latency", paired.active_took, paired.candidate_took, gates.latency_ratio)
    if min(served.took.total, evidence.active.took.total) >= _LEAST_LIVE:
        yield from _latency("served latency", evidence.active.took, served.took, gates.latency_ratio)
    if sum(paired.active_scores.counts):
        yield _histogram(gates, evidence)
    yield _drift(gates, evidence, habit)
    yield _share("corrections", "called wrong", evidence.wrong, evidence.events, gates.corrections_share, needed=False)
    if evidence.hottest_c is not None:
        yield _heat(gates, evidence)


def _errors(gates: Gates, evidence: Evidence) -> Check:
    """An answer with no number in it where the active model has one is an error that no share excuses."""
    arms = (evidence.paired, evidence.candidate)
    answers, errors, broken = (
        sum(counts) for counts in zip(*((a.answers, a.errors, a.broken) for a in arms), strict=True)
    )
    if broken:
        return Check(gate="nan", verdict=Verdict.BAD, told=f"{broken} of {answers} answers hold no number")
    check = _share("errors", "failed", errors, answers, gates.error_share)
    return Check(gate=check.gate, verdict=check.verdict, told=f"{check.told} {evidence.last_error}".strip())


def _share(gate: str, what: str, bad: int, total: int, limit: float, *, needed: bool = True) -> Check:
    verdict = share_verdict(bad, total, limit)
    return Check(gate=gate, verdict=verdict, told=f"{bad} of {total} {what} (most {limit:.3g})", needed=needed)


def _latency(gate: str, active: Latencies, candidate: Latencies, limit: float) -> Iterator[Check]:
    """Too slow is what is so even between the kinder ends of both intervals; fast enough what is so as measured."""
    for q in (0.5, 0.95):
        usual, now = active.quantile(q), candidate.quantile(q)
        ratio = now / usual if usual else 1.0
        (_, slowest), (fastest, _) = active.bounds(q), candidate.bounds(q)
        surely_slow = slowest > 0 and fastest / slowest > limit
        verdict = Verdict.BAD if surely_slow else Verdict.GOOD if ratio <= limit else Verdict.OPEN
        name = f"{gate} p{q * 100:.0f}"
        told = f"{name} {now * 1e3:.2f} ms is {ratio:.2f} times {usual * 1e3:.2f} ms (most {limit:g})"
        yield Check(gate=gate.replace(" ", "_"), verdict=verdict, told=told)


def _histogram(gates: Gates, evidence: Evidence) -> Check:
    paired = evidence.paired
    index, chance = stability_index(paired.active_scores.counts, paired.candidate_scores.counts)
    surely_far = index - chance > gates.histogram
    verdict = Verdict.BAD if surely_far else Verdict.GOOD if index <= gates.histogram else Verdict.OPEN
    return Check(gate="histogram", verdict=verdict, told=f"score distance {index:.3f} (most {gates.histogram:g})")


def _drift(gates: Gates, evidence: Evidence, habit: Habit) -> Check:
    """Only over hours of which there is a week-old one to compare with."""
    counts, exposures = [0, 0], [0.0, 0.0]
    for hour, seen in evidence.hours.items():
        before = habit.week_before(hour)
        if before is not None and seen.answers:
            counts[0] += seen.positives
            counts[1] += before.positives
            exposures[0] += seen.seconds * min(1.0, seen.asked / seen.answers)
            exposures[1] += before.seconds
    if not exposures[1]:
        return Check(gate="drift", verdict=Verdict.OPEN, told="drift not judged: no history of a week", needed=False)
    factor, least = rate_factor((counts[0], counts[1]), (exposures[0], exposures[1]))
    verdict = Verdict.BAD if least > gates.drift else Verdict.GOOD
    told = f"positives an hour differ {factor:.2f} times from last week (most {gates.drift:g})"
    return Check(gate="drift", verdict=verdict, told=told, needed=False)


def _heat(gates: Gates, evidence: Evidence) -> Check:
    verdict = Verdict.BAD if evidence.hot_s > MOST_HOT_S else Verdict.GOOD
    told = f"{evidence.hottest_c:.0f} degC at most, {evidence.hot_s:.0f} s above {gates.temperature_c:g}"
    return Check(gate="heat", verdict=verdict, told=told)
