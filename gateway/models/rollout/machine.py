"""What follows from a decision, and from waking up in the middle of one. Pure.

A switch is three durable steps: the intent is written, the slots are switched by one atomic rename, the outcome is
written. The slots are the truth: whatever instant the power goes at, they name one active version, and `reconcile` says
what the record must be for them.
"""

from dataclasses import replace
from datetime import datetime

from gateway.models.rollout.evidence import Evidence
from gateway.models.rollout.gates import Decision, Outcome
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.record import Intent, Record

_ONWARD = {
    Phase.CHECKING: (Phase.SHADOW, Intent.NONE),
    Phase.SHADOW: (Phase.CANARY, Intent.NONE),
    Phase.CANARY: (Phase.CANARY, Intent.PROMOTE),
    Phase.WATCH: (Phase.DONE, Intent.NONE),
}

_SETTLED = {
    Intent.PROMOTE: Phase.WATCH,
    Intent.REJECT: Phase.REFUSED,
    Intent.ROLL_BACK: Phase.ROLLED_BACK,
}


def decide(record: Record, decision: Decision, now: datetime) -> Record:
    """The record after a decision: in its next phase, or with the intent that the slots must be switched for first."""
    if decision.outcome is Outcome.GO_ON:
        return record
    told = f"{decision.gate}: {decision.told}" if decision.gate else decision.told
    if decision.outcome is Outcome.FAIL:
        intent = Intent.ROLL_BACK if record.phase is Phase.WATCH else Intent.REJECT
        return replace(record, intent=intent, told=told)
    phase, intent = _ONWARD[record.phase]
    if intent is not Intent.NONE:
        return replace(record, intent=intent, told=told)
    return _entered(replace(record, told=told), phase, now)


def settle(record: Record, now: datetime) -> Record:
    """The record once the slots have been switched as it intended."""
    return _entered(replace(record, intent=Intent.NONE), _SETTLED[record.intent], now)


def thwarted(record: Record, key: str, now: datetime) -> Record:
    """The record where the slots refused, for good, to be switched as it intended."""
    if record.intent is Intent.PROMOTE:
        return replace(record, intent=Intent.REJECT, told=f"it could not be promoted: {key}")
    if record.intent is Intent.REJECT:
        return settle(record, now)
    return _ended(record, Phase.OVERTAKEN, f"{record.told}; it could not be rolled back: {key}", now)


def reconcile(record: Record, active: str, candidate: str | None, now: datetime) -> Record:
    """The record that fits what the slots hold after a start, or after somebody switched them by hand.

    A promise half kept is kept: an intent whose switch has happened is settled, one whose switch has not stays."""
    if record.phase in {Phase.WATCH, Phase.DONE}:
        return record if active == record.candidate else _unseated(record, active, now)
    if not record.phase.running:
        return record
    if active == record.candidate:
        told = record.told if record.intent is Intent.PROMOTE else "promoted by hand"
        return _entered(replace(record, intent=Intent.NONE, told=told), Phase.WATCH, now)
    if candidate == record.candidate:
        return record
    if record.intent is Intent.REJECT:
        return settle(record, now)
    return _ended(record, Phase.OVERTAKEN, "another candidate took its place, or none", now)


def _unseated(record: Record, active: str, now: datetime) -> Record:
    """Promoted, but no longer active. Only a verdict makes it cool down, not a person or a damaged file."""
    if record.intent is Intent.ROLL_BACK and active == record.incumbent:
        return settle(record, now)
    told = "it was taken out of service otherwise" if active == record.incumbent else "another version took its place"
    return _ended(record, Phase.OVERTAKEN, told, now)


def _ended(record: Record, phase: Phase, told: str, now: datetime) -> Record:
    return _entered(replace(record, intent=Intent.NONE, told=told), phase, now)


def _entered(record: Record, phase: Phase, now: datetime) -> Record:
    cooldown_s = record.plan.cooldown_hours * 3600 if phase in {Phase.REFUSED, Phase.ROLLED_BACK} else 0.0
    return replace(record, phase=phase, began=now, spent_s=0.0, cooldown_s=cooldown_s, evidence=Evidence())
