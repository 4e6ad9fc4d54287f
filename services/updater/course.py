"""The course of an update, as a pure step: no clock, no disk, no await.

    IDLE -> DOWNLOADING (fetch, check, install) -> INSTALLED -> TRYING -> CONFIRMED | ROLLED_BACK
                     \\-> FAILED

`due` says what has to be done; what came of it is an event. The memory is on the disk in between, so that a process
that is killed anywhere goes on with the same step.
"""

from datetime import datetime
from enum import Enum, auto

from gateway.wire.release import UpdateState
from gateway.wire.update import Step
from services.updater.ending import ended
from services.updater.events import (
    Ailing,
    Done,
    Event,
    Failed,
    GivenUp,
    Looked,
    Missed,
    Overdue,
    Passed,
    Restart,
    Return,
    Started,
    Wanted,
)
from services.updater.memory import MOST_DETAIL, Attempt, Memory
from services.updater.starting import started

MOST_FETCHES = 12
"""Of a download, one after the other, that brought nothing."""
MOST_SENT_BACK = 2
"""Restarts for the sake of one trial; the second only where the first came back into the same slot."""

_NEXT = {
    Step.FETCHING: (UpdateState.DOWNLOADING, Step.CHECKING),
    Step.CHECKING: (UpdateState.DOWNLOADING, Step.INSTALLING),
    Step.INSTALLING: (UpdateState.INSTALLED, Step.NONE),
}


class Act(Enum):
    """What has to be done now, and may be done again."""

    FETCH = auto()
    CHECK = auto()
    INSTALL = auto()
    SWITCH = auto()
    """Have the boot loader take the other slot, and restart."""
    RESTART = auto()
    SEND_BACK = auto()
    """Mark this slot bad, and restart."""


_ACTS = {Step.FETCHING: Act.FETCH, Step.CHECKING: Act.CHECK, Step.INSTALLING: Act.INSTALL}
_RESTARTS = {UpdateState.INSTALLED: Act.SWITCH, UpdateState.TRYING: Act.SEND_BACK}


def due(memory: Memory) -> Act | None:
    """What has to be done, if anything."""
    if memory.step is Step.REBOOTING:
        return _RESTARTS.get(memory.state, Act.RESTART)
    return _ACTS.get(memory.step)


def may_be_given_up(memory: Memory) -> bool:
    """What is on its way, or lies there and waits. What is being written to the slot is not left half done."""
    waits = memory.state is UpdateState.INSTALLED and memory.step is Step.NONE
    return waits or memory.step is Step.FETCHING


def step(memory: Memory, event: Event, at: datetime | None) -> Memory:
    """What is known after `event`; `at` is when, where the clock is to be believed. What does not fit the state
    changes nothing: it was overtaken."""
    match event:
        case Started():
            return started(memory, event, at)
        case Done() | Missed() | Failed():
            return _acted(memory, event, at) if memory.step is not Step.NONE else memory
        case Looked():
            return memory.but(newest=event.release)
        case Ailing() | Overdue() | Passed():
            return _judged(memory, event, at)
        case Wanted() | Return() | GivenUp() | Restart():
            return _asked(memory, event, at)


def _asked(memory: Memory, event: Wanted | Return | GivenUp | Restart, at: datetime | None) -> Memory:
    """Whether it may be asked is decided in `answers`; what comes here was allowed."""
    match event:
        case Wanted():
            fresh = memory.but(attempt=event.attempt, key=None, detail=None)
            return fresh.but(state=UpdateState.DOWNLOADING, step=Step.FETCHING)
        case Return():
            fresh = memory.but(attempt=event.attempt, key=None, detail=None)
            return fresh.but(state=UpdateState.INSTALLED, step=Step.REBOOTING)
        case GivenUp():
            return ended(memory, UpdateState.IDLE, at, "given_up") if may_be_given_up(memory) else memory
        case Restart():
            return memory.but(step=Step.REBOOTING)


def _acted(memory: Memory, event: Done | Missed | Failed, at: datetime | None) -> Memory:
    if memory.step is Step.REBOOTING:
        return _not_restarted(memory, event)
    attempt = memory.attempt
    assert attempt is not None, memory
    match event:
        case Done():
            state, following = _NEXT[memory.step]
            attempt = attempt.but(target=event.version or attempt.target, tries=0)
            further = memory.but(state=state, step=following, attempt=attempt, key=None, detail=None)
            return _with_target(further, attempt)
        case Missed() if event.brought or attempt.tries + 1 < MOST_FETCHES:
            attempt = attempt.but(tries=0 if event.brought else attempt.tries + 1)
            return memory.but(attempt=attempt, key=event.key, detail=event.detail[:MOST_DETAIL])
        case Missed() | Failed():
            return ended(memory, UpdateState.FAILED, at, event.key, event.detail)


def _with_target(memory: Memory, attempt: Attempt) -> Memory:
    """Before a slot is overwritten it is forgotten what was in it, so that nobody goes back into half of something."""
    if memory.step is Step.INSTALLING:
        return memory.without_slot(attempt.slot)
    if memory.state is UpdateState.INSTALLED and attempt.target is not None:
        return memory.with_slot(attempt.slot, attempt.target, good=False)
    return memory


def _not_restarted(memory: Memory, event: Done | Missed | Failed) -> Memory:
    """A restart that works ends this process; a trial that is to be given up is given up until that works."""
    if isinstance(event, Done) or memory.on_trial:
        return memory
    return memory.but(step=Step.NONE, key=event.key, detail=event.detail[:MOST_DETAIL])


def _judged(memory: Memory, event: Ailing | Overdue | Passed, at: datetime | None) -> Memory:
    match event:
        case Passed():
            return _passed(memory, at)
        case Overdue() if memory.on_trial and memory.step is Step.NONE and _may_send_back(memory):
            attempt = memory.attempt
            assert attempt is not None, memory
            attempt = attempt.but(sent_back=attempt.sent_back + 1)
            told = memory.but(attempt=attempt, key=event.key, detail=event.detail[:MOST_DETAIL])
            return told.but(step=Step.REBOOTING)
        case Ailing() | Overdue() if memory.on_trial:
            return memory.but(key=event.key, detail=event.detail[:MOST_DETAIL] or None)
    return memory


def _may_send_back(memory: Memory) -> bool:
    """Not out of a slot that was good with this very version: then it is something else that is wrong, and going back
    would not mend it."""
    known = memory.here is not None and memory.here.good
    return not known and memory.attempt is not None and memory.attempt.sent_back < MOST_SENT_BACK


def _passed(memory: Memory, at: datetime | None) -> Memory:
    assert memory.running is not None, memory
    assert memory.here is not None, memory
    good = memory.with_slot(memory.running, memory.here.version, good=True).but(passed=memory.boot)
    return ended(good, UpdateState.CONFIRMED, at) if memory.on_trial else good
