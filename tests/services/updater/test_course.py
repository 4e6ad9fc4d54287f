"""Whatever happens in whatever order, the course stays within its rails."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.wire.release import UpdateState
from gateway.wire.update import Origin, Slot, Step
from services.updater.course import MOST_FETCHES, MOST_SENT_BACK, Act, due, step
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
from services.updater.memory import MOST_PAST, Attempt, Installed, Memory, Release, other_than

AT = datetime(2026, 11, 21, tzinfo=UTC)
VERSIONS = ("0.1.0", "0.2.0", "0.3.0")


def start(slot: Slot = Slot.A, version: str = "0.1.0", boot: str = "one", *, sticky: bool = True) -> Started:
    return Started(slot=slot, version=version, boot=boot, sticky=sticky)


def wanted(slot: Slot = Slot.A) -> Wanted:
    return Wanted(attempt=Attempt(origin=Origin.UPLOAD, name="b.raucb", came_from=slot, slot=other_than(slot)))


def after(*events: Event) -> Memory:
    memory = Memory()
    for event in events:
        memory = step(memory, event, AT)
    return memory


INSTALLED = (start(), wanted(), Done(), Done(version="0.2.0"), Done())


def test_the_steps_come_in_order() -> None:
    acts = [due(after(*INSTALLED[:count])) for count in range(1, 6)]
    assert acts == [None, Act.FETCH, Act.CHECK, Act.INSTALL, None]
    memory = after(*INSTALLED)
    assert memory.state is UpdateState.INSTALLED
    assert memory.slots == {
        Slot.A: Installed(version="0.1.0"),
        Slot.B: Installed(version="0.2.0"),
    }


def test_what_was_in_a_slot_is_forgotten_before_it_is_overwritten() -> None:
    known = after(start(Slot.B, "0.0.9"), Passed(), start(Slot.A, "0.1.0", "two"), wanted())
    assert known.other == Installed(version="0.0.9", good=True)
    assert step(step(known, Done(), AT), Done(version="0.2.0"), AT).other is None


def test_a_download_that_brings_nothing_is_given_up_and_one_that_goes_on_is_not() -> None:
    nothing = [Missed(key="download_failed")] * (MOST_FETCHES - 1)
    assert after(start(), wanted(), *nothing).state is UpdateState.DOWNLOADING
    assert after(start(), wanted(), *nothing, Missed(key="download_failed")).state is UpdateState.FAILED
    some = Missed(key="download_failed", brought=True)
    assert after(start(), wanted(), *nothing, some, *nothing).state is UpdateState.DOWNLOADING


def test_nothing_is_given_up_while_it_is_written() -> None:
    ends = [after(*INSTALLED[:count], GivenUp()).key for count in range(2, 6)]
    assert ends == ["given_up", None, None, "given_up"]
    assert due(after(*INSTALLED[:2], GivenUp())) is None
    assert due(after(*INSTALLED[:4], GivenUp())) is Act.INSTALL
    assert due(after(*INSTALLED, Restart(), GivenUp())) is Act.SWITCH


def test_an_installation_that_is_always_cut_off_is_given_up() -> None:
    events: list[Event] = [*INSTALLED[:4]]
    for boot in "abcd":
        assert due(after(*events)) in {Act.INSTALL, None}
        events.append(start(boot=boot))
    assert (after(*events).state, after(*events).key) == (UpdateState.FAILED, "interrupted")


def test_a_trial_is_ended_twice_at_most() -> None:
    there = start(Slot.B, "0.2.0", "two")
    late = Overdue(key="unhealthy", detail="store")
    memory = after(*INSTALLED, there, late)
    assert (due(memory), memory.key) == (Act.SEND_BACK, "unhealthy")
    ended = 0
    for boot in ("three", "four", "five", "six"):
        ended += due(memory) is Act.SEND_BACK
        memory = step(step(memory, start(Slot.B, "0.2.0", boot), AT), late, AT)
    assert ended == MOST_SENT_BACK


def test_who_went_back_by_hand_is_not_sent_forth_again() -> None:
    """Into a slot that was good: if it is not well now, something else is wrong."""
    known = (start(Slot.B, "0.0.9"), Passed(), start(Slot.A, "0.1.0", "two"))
    back = Attempt(origin=Origin.BACK, target="0.0.9", came_from=Slot.A, slot=Slot.B)
    memory = after(*known, Return(attempt=back))
    assert due(memory) is Act.SWITCH
    there = step(memory, start(Slot.B, "0.0.9", "three"), AT)
    assert there.state is UpdateState.TRYING
    late = step(there, Overdue(key="config", detail=""), AT)
    assert (due(late), late.state, late.key) == (None, UpdateState.TRYING, "config")


@pytest.mark.parametrize(
    ("asked", "sticky", "state"),
    [
        (False, False, UpdateState.INSTALLED),
        (False, True, UpdateState.ROLLED_BACK),
        (True, False, UpdateState.ROLLED_BACK),
        (True, True, UpdateState.ROLLED_BACK),
    ],
)
def test_a_trial_that_a_power_cut_has_forgotten_is_still_to_come(asked: bool, sticky: bool, state: UpdateState) -> None:
    """Where the boot loader does not remember it by itself, and nobody had asked for the restart yet."""
    events: list[Event] = [*INSTALLED, *([Restart()] if asked else []), start(boot="two", sticky=sticky)]
    assert after(*events).state is state
    same_boot: list[Event] = [*INSTALLED, *([Restart()] if asked else []), start(sticky=sticky)]
    assert (after(*same_boot).state, due(after(*same_boot))) == (
        UpdateState.INSTALLED,
        Act.SWITCH if asked else None,
    )


def test_the_reason_of_a_trial_outlives_it() -> None:
    there = start(Slot.B, "0.2.0", "two")
    ill = Ailing(key="unhealthy", detail="page_silent")
    memory = after(*INSTALLED, there, ill, start(boot="three"))
    assert (memory.state, memory.key, memory.detail) == (UpdateState.ROLLED_BACK, "unhealthy", "page_silent")
    recovered = after(*INSTALLED, there, ill, Ailing(key=None, detail=""), start(boot="three"))
    assert (recovered.key, recovered.detail) == ("trial_cut_off", None)


def test_the_history_is_kept_newest_first_and_not_for_ever() -> None:
    memory = after(start())
    for number in range(MOST_PAST + 5):
        memory = step(step(memory, wanted(), AT), Failed(key="bundle_invalid", detail=str(number)), None)
    assert len(memory.history) == MOST_PAST
    assert (memory.history[0].detail, memory.history[0].at) == (str(MOST_PAST + 4), None)


@pytest.mark.parametrize("seed", range(40))
def test_no_order_of_events_leads_off_the_rails(seed: int) -> None:
    draw = random.Random(seed)
    memory = step(Memory(), start(), AT)
    for number in range(150):
        before, event = memory, _drawn(draw, memory, number)
        memory = step(memory, event, draw.choice((AT, None)))
        assert Memory.model_validate_json(memory.model_dump_json(exclude_defaults=True)) == memory
        _check(before, event, memory)


def _drawn(draw: random.Random, memory: Memory, number: int) -> Event:
    slot = draw.choice(list(Slot))
    boot = draw.choice(("same", f"boot {number}"))
    choices: list[Callable[[], Event]] = [
        lambda: start(slot, draw.choice(VERSIONS), boot, sticky=draw.random() < 0.5),
        lambda: Done(version=draw.choice(VERSIONS)),
        lambda: Missed(key="download_failed", detail="x" * draw.randrange(900), brought=draw.random() < 0.5),
        lambda: Failed(key="bundle_invalid", detail="x" * draw.randrange(900)),
        lambda: Ailing(key="unhealthy", detail="x" * draw.randrange(900)),
        lambda: Overdue(key="unhealthy", detail="store"),
        Passed,
        lambda: Looked(release=Release(version="0.3.0", url="https://x/y", sha256="0" * 64)),
    ]
    if memory.state not in {UpdateState.DOWNLOADING, UpdateState.TRYING, UpdateState.INSTALLED}:
        choices += [lambda: wanted(memory.running or Slot.A)] * 3
    return draw.choice(choices)()


def _check(before: Memory, event: Event, memory: Memory) -> None:
    act = due(memory)
    if act is Act.INSTALL:
        assert memory.attempt is not None
        assert memory.attempt.slot is not memory.running, "the running slot would be overwritten"
        assert memory.other is None, "and a slot that is still believed in"
    if act is Act.SEND_BACK:
        assert memory.here is None or not memory.here.good, "a slot that was good is left"
    if memory.state is UpdateState.CONFIRMED is not before.state:
        assert isinstance(event, Passed)
    if memory.state is UpdateState.TRYING:
        assert memory.attempt is not None
        assert (memory.attempt.slot, memory.here and memory.here.version) == (memory.running, memory.attempt.target)
    assert memory.step in {Step.NONE, Step.REBOOTING} or memory.state is UpdateState.DOWNLOADING
