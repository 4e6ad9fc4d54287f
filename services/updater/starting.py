"""Where an update has got to, when this process begins: after a restart of the machine, or of itself alone.

Only the running slot, its version and our own intent count. What the boot loader's variables say does not: until a
slot is marked good they call it bad and name the other one.
"""

from datetime import datetime

from gateway.wire.release import UpdateState
from gateway.wire.update import Step
from services.updater.ending import ended
from services.updater.events import Started
from services.updater.memory import Attempt, Memory

MOST_TRIES = 3
"""Of a check or an installation, each of which was cut off."""


def started(memory: Memory, event: Started, at: datetime | None) -> Memory:
    """Raises nothing: whatever is on the disk leads somewhere."""
    here = memory.slots.get(event.slot)
    known = here is not None and here.version == event.version
    fell = known and memory.running not in {None, event.slot}
    good = known and here is not None and here.good
    now = memory.but(running=event.slot).with_slot(event.slot, event.version, good=good)
    again = memory.boot == event.boot
    now = _go_on(now, event, at, again=again, fell=fell)
    return now.but(boot=event.boot)


def _go_on(memory: Memory, event: Started, at: datetime | None, *, again: bool, fell: bool) -> Memory:
    attempt = memory.attempt
    if attempt is None or memory.state not in {UpdateState.DOWNLOADING, UpdateState.INSTALLED, UpdateState.TRYING}:
        rested = memory if again else memory.but(step=Step.NONE)
        # A version that is new to us was brought by somebody else, and is no way back.
        return rested.but(state=UpdateState.ROLLED_BACK, key="fell_back", detail=None) if fell else rested
    if event.slot is attempt.slot:
        return _over_there(memory, attempt, event, at, again=again)
    match memory.state:
        case UpdateState.DOWNLOADING:
            return _interrupted(memory, attempt, at)
        case UpdateState.INSTALLED:
            return memory if again else _not_over_there(memory, event, at)
        case _:
            return ended(memory, UpdateState.ROLLED_BACK, at, memory.key or "trial_cut_off", memory.detail or "")


def _over_there(memory: Memory, attempt: Attempt, event: Started, at: datetime | None, *, again: bool) -> Memory:
    """In the slot that was to be tried. The installation may have been complete without our having heard of it."""
    arrived = attempt.target == event.version and memory.step not in {Step.FETCHING, Step.CHECKING}
    if not arrived:
        return ended(memory, UpdateState.FAILED, at, "other_version", f"slot {event.slot} holds {event.version}")
    if memory.state is UpdateState.TRYING:
        return memory if again else memory.but(step=Step.NONE)
    return memory.but(state=UpdateState.TRYING, step=Step.NONE, key=None, detail=None)


def _not_over_there(memory: Memory, event: Started, at: datetime | None) -> Memory:
    """The machine restarted, and into the old slot. Where only our own restart leads into the other one, and this was
    none, it was not tried yet."""
    if not event.sticky and memory.step is Step.NONE:
        return memory
    return ended(memory, UpdateState.ROLLED_BACK, at, "not_started")


def _interrupted(memory: Memory, attempt: Attempt, at: datetime | None) -> Memory:
    """To be done again; a download is not counted, it goes on where it was."""
    if memory.step is Step.FETCHING:
        return memory
    if attempt.tries + 1 >= MOST_TRIES:
        return ended(memory, UpdateState.FAILED, at, "interrupted")
    return memory.but(attempt=attempt.but(tries=attempt.tries + 1))
